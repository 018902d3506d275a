"""The schema of a call over gRPC: compiled in the supervisor, and read by every worker.

The compiler does not start gRPC, which must not run in a process that still forks.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ipcviz.mechanisms.contract import CannotCreate

FILE = "grpc_call.proto"
SERVICE = "ipcviz.Responder"
METHOD = f"/{SERVICE}/Call"
ENVELOPE_KEY = "ipcviz-envelope-bin"
"""The field of the metadata in which the envelope travels; the ending says that it is bytes."""
LONGEST_MESSAGE = (1 << 20) + 64
OPTIONS = (
    ("grpc.max_send_message_length", LONGEST_MESSAGE),
    ("grpc.max_receive_message_length", LONGEST_MESSAGE),
    ("grpc.enable_http_proxy", 0),
)


def compiled(channel: str) -> bytes:
    """The schema as protoc writes it, a FileDescriptorSet; raises `CannotCreate`."""
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory(prefix="ipcviz-schema-") as folder:
        made = Path(folder) / "schema"
        status = protoc.main(["protoc", f"-I{Path(__file__).parent}", f"--descriptor_set_out={made}", FILE])
        if status:
            raise CannotCreate(f"channel {channel!r}: the schema {FILE} could not be compiled by protoc")
        return made.read_bytes()


class Schema:
    """The compiled schema, in a worker: payloads written and read as messages of its type."""

    def __init__(self, described: bytes) -> None:
        from google.protobuf import (  # type: ignore[import-untyped]
            descriptor_pb2,
            descriptor_pool,
            message_factory,
        )

        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
            pool.Add(file)
        self._message: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("ipcviz.Payload"))

    def written(self, payload: bytes) -> bytes:
        """The bytes of a message with this payload."""
        return bytes(self._message(payload=payload).SerializeToString())

    def read(self, message: bytes) -> bytes:
        """The payload of a message."""
        return bytes(self._message.FromString(message).payload)
