"""HTTP/1.1 as far as remote calls need it (RFC 9112): heads, bodies of known length, connections kept alive.

What is not understood is answered with the status that is meant for it, and the connection is over.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_HEAD = 16384
"""Bytes of a head, all its fields together."""
END_OF_HEAD = b"\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_REASONS = {
    400: "Bad Request",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    505: "HTTP Version Not Supported",
}


class HttpError(Exception):
    """What came cannot be taken; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """The first line's words, and the fields by their names in lower case."""

    words: tuple[str, ...]
    fields: dict[str, str]

    @property
    def length(self) -> int:
        """Bytes of the body; raises `HttpError` if it is not given or not a number."""
        if "transfer-encoding" in self.fields or "content-length" not in self.fields:
            raise HttpError(411)
        text = self.fields["content-length"]
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise HttpError(400)
        return int(text)

    @property
    def keeps_alive(self) -> bool:
        """The connection goes on after this; in HTTP/1.0 only if that is said."""
        connection = self.fields.get("connection", "").lower()
        return "keep-alive" in connection if self.words[-1] == "HTTP/1.0" else "close" not in connection


def take_head(have: bytearray) -> Head | None:
    """Take a head off; None if not all of it is there, `HttpError` if it is none."""
    end = have.find(END_OF_HEAD, 0, LONGEST_HEAD)
    if end < 0:
        if len(have) >= LONGEST_HEAD:
            raise HttpError(431)
        return None
    first, *lines = have[:end].decode("latin-1").lstrip("\r\n").split("\r\n")
    del have[: end + len(END_OF_HEAD)]
    fields = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip() or not name:
            raise HttpError(400)
        fields[name.lower()] = value.strip()
    return Head(tuple(first.split(" ", 2)), fields)


def check_request(head: Head, most: int) -> None:
    """It must be a POST of at most so many bytes; raises `HttpError`."""
    if len(head.words) != 3 or not head.words[2].startswith("HTTP/"):
        raise HttpError(400)
    if head.words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise HttpError(505)
    if head.words[0] != "POST":
        raise HttpError(405)
    if head.length > most:
        raise HttpError(413)


def head_of(first: str, fields: dict[str, str]) -> bytes:
    """The bytes of a head."""
    lines = [first, *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD


def refusal(error: HttpError) -> bytes:
    """The answer to what cannot be taken: a status, a word in the body, and the end of the connection."""
    reason = _REASONS[error.status]
    body = f"{reason}\n".encode()
    fields = {"Content-Type": "text/plain", "Content-Length": str(len(body)), "Connection": "close"}
    if error.status == 405:
        fields["Allow"] = "POST"
    return head_of(f"HTTP/1.1 {error.status} {reason}", fields) + body
