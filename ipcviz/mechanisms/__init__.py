"""The registry: every mechanism and lock, by name, in the order in which they are preferred."""

from __future__ import annotations

from ipcviz.mechanisms.contract import LockMechanism, Mechanism
from ipcviz.mechanisms.fifo import Fifo
from ipcviz.mechanisms.file import File
from ipcviz.mechanisms.grpc_call import Grpc
from ipcviz.mechanisms.json_rpc import JsonRpc
from ipcviz.mechanisms.locks import KINDS_OF_LOCK
from ipcviz.mechanisms.mmap_file import MmapFile
from ipcviz.mechanisms.mp_queue import MpQueue
from ipcviz.mechanisms.pipe import Pipe
from ipcviz.mechanisms.posix_queue import PosixQueue
from ipcviz.mechanisms.shared_memory import SharedMemory
from ipcviz.mechanisms.sysv_queue import SysvQueue
from ipcviz.mechanisms.tcp import Tcp
from ipcviz.mechanisms.udp import Udp
from ipcviz.mechanisms.unix_datagram import UnixDatagram
from ipcviz.mechanisms.unix_seqpacket import UnixSeqpacket
from ipcviz.mechanisms.unix_stream import UnixStream
from ipcviz.mechanisms.xmlrpc import XmlRpc
from ipcviz.mechanisms.zeromq import Zmq

MECHANISMS: dict[str, Mechanism] = {
    mechanism.name: mechanism
    for mechanism in (
        Pipe(),
        UnixStream(),
        PosixQueue(),
        SharedMemory(),
        UnixSeqpacket(),
        Fifo(),
        SysvQueue(),
        File(),
        MmapFile(),
        UnixDatagram(),
        Tcp(),
        Udp(),
        Zmq("ipc"),
        Zmq("tcp"),
        MpQueue(),
        XmlRpc(),
        JsonRpc(),
        Grpc(),
    )
}

LOCKS: dict[str, LockMechanism] = {lock.name: lock for lock in KINDS_OF_LOCK}
