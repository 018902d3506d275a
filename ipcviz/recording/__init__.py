"""Recordings: the stream of a session on disk, written, read and played. FORMAT.md describes the file.

| who wants to | looks into |
|---|---|
| write one while a session runs | `writer`, which hands events to `maker`; `flight` for the last minute |
| begin one in the middle | `opening`: the events that rebuild what stands |
| read one | `reader.Recording`, or `streamed.StreamSource` from a pipe; both by `scanner` |
| play one | `player.PlayerSource`; worlds come from `past`, quickly by `index` |
| know the bytes | `layout` between chunks, `packed`, `chunks`, `arrays` and `columns` in them |
"""
