"""The text of one chunk as one zstd frame (RFC 8878) and back, within bounds."""

from __future__ import annotations

import zstandard

from ipcviz.recording.layout import LARGEST_TEXT, RecordingError

LEVEL = 3


class Packer:
    """Makes zstd frames; one for each thread."""

    def __init__(self, level: int = LEVEL) -> None:
        self._compressor = zstandard.ZstdCompressor(level, write_checksum=True, write_content_size=True)

    def pack(self, text: bytes) -> bytes:
        """One independent frame, with its size and checksum."""
        return self._compressor.compress(text)


class Unpacker:
    """Reads zstd frames; one for each thread."""

    def __init__(self) -> None:
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=LARGEST_TEXT)

    def unpack(self, data: bytes, length: int) -> bytes:
        """The text of one frame that says it has `length` bytes; raises `RecordingError` for any other."""
        try:
            told = zstandard.get_frame_parameters(data)
            if told.content_size != length or length > LARGEST_TEXT or told.dict_id or not told.has_checksum:
                raise RecordingError("a part of it is packed in another way than it says")
            text = self._decompressor.decompress(data, max_output_size=length, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise RecordingError(f"a part of it cannot be unpacked: {error}") from None
        if len(text) != length:
            raise RecordingError("a part of it is packed in another way than it says")
        return text
