"""Recordings: the stream of a session on disk, written, read, played and exported."""
