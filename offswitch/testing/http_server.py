"""An HTTP server on a real socket that fails where and how a test says."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, BinaryIO, Self, cast

_BLOCK = 65_536  # bytes of a flood


class At(StrEnum):
    """Where in the exchange it fails: on connecting, with the head read but not the body, or with all of it read."""

    CONNECT = "connect"
    HEAD = "head"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Fault:
    """`say` is answered, if anything, one byte every `drip` seconds where that is given; then `end` happens to the connection.

    `end`: "cut" closes, "reset" closes with RST, "hang" keeps silent until the server stops, "flood" sends `block` for ever,
    "" goes on. `kept`: the request is carried out although the client does not learn it.
    """

    at: At
    say: bytes = b""
    end: str = ""
    kept: bool = False
    drip: float = 0.0
    block: bytes = b"x" * _BLOCK


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `headers` by lower-case name; `whole` once its body was read to the end."""

    t: float
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    whole: bool

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def reply(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """An answer as it goes over the wire: bytes as they are, None empty, anything else as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    told = {"Content-Length": str(len(content)), **({} if body is None else {"Content-Type": "application/json"}), **(headers or {})}
    phrase = HTTPStatus(status).phrase
    return (
        "".join([f"HTTP/1.1 {status} {phrase}\r\n", *(f"{name}: {value}\r\n" for name, value in told.items()), "\r\n"]).encode() + content
    )


class _Ended(Exception):
    """The exchange is over, as the script or the client wants."""


class ScriptedHttpServer:
    """Listens on 127.0.0.1, one thread per connection; a context manager.

    `script` maps the number of a request to its fault, counted from 0, `always` holds for all others; a fault at CONNECT is
    looked up by the number of the request that would come next. `answer` says what a request without a fault gets. `tls`
    encrypts from the first byte. `asked` is every request whose head was read, `taken` those that were carried out.
    """

    def __init__(
        self,
        script: Mapping[int, Fault] | None = None,
        *,
        always: Fault | None = None,
        answer: Callable[[Asked], bytes] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script = dict(script or {})
        self.always = always
        self.answer = answer or (lambda asked: reply(200, {"path": asked.path}))
        self.tls = tls
        self.connections = 0
        self.asked: list[Asked] = []
        self.taken: list[Asked] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Exchange)
        self._server.script = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"

    def connected(self) -> Fault | None:
        """Count a connection; what it meets at once."""
        with self._lock:
            self.connections += 1
            fault = self.script.get(len(self.asked), self.always)
            return fault if fault is not None and fault.at is At.CONNECT else None

    def met(self, asked: Asked) -> tuple[int, Fault | None]:
        """Count a request by its head; its number, and what it meets."""
        with self._lock:
            self.asked.append(asked)
            number = len(self.asked) - 1
        return number, self.script.get(number, self.always)

    def finished(self, number: int, asked: Asked, *, kept: bool) -> None:
        """The request was read to the end, and is carried out when `kept`."""
        with self._lock:
            self.asked[number] = asked
            if kept:
                self.taken.append(asked)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    script: ScriptedHttpServer


class _Exchange(socketserver.BaseRequestHandler):
    def setup(self) -> None:
        self.script = cast("_Server", self.server).script
        self.sock: socket.socket = self.request
        self.sock.settimeout(30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file: BinaryIO | None = None

    def handle(self) -> None:
        with suppress(_Ended, OSError):
            self._meet(self.script.connected())
            if self.script.tls is not None:
                self.sock = self.script.tls.wrap_socket(self.sock, server_side=True)
            self.file = self.sock.makefile("rb")
            while self._exchange(self.file):
                pass

    def finish(self) -> None:
        with suppress(OSError):
            if self.file is not None:
                self.file.close()
            self.sock.close()

    def _exchange(self, file: BinaryIO) -> bool:
        """One request and its answer. False when the client has gone."""
        first = file.readline(65_536).decode("latin-1").split()
        if len(first) != 3:
            return False
        headers: dict[str, str] = {}
        while line := file.readline(65_536).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        now = time.monotonic()
        number, fault = self.script.met(Asked(now, first[0], first[1], headers, b"", whole=False))
        if fault is not None and fault.at is At.HEAD:
            self._meet(fault)
        length = int(headers.get("content-length", "0"))
        body = file.read(length)
        if len(body) < length:
            return False
        asked = Asked(now, first[0], first[1], headers, body, whole=True)
        planned = fault if fault is not None and fault.at is At.BODY else None
        self.script.finished(number, asked, kept=planned is None or planned.kept)
        if planned is None:
            self.sock.sendall(self.script.answer(asked))
        self._meet(planned)
        return True

    def _meet(self, fault: Fault | None) -> None:
        if fault is None:
            return
        self._say(fault)
        if fault.end == "hang":
            self.script.stopping.wait()
        while fault.end == "flood" and not self.script.stopping.is_set():
            self.sock.sendall(fault.block)
        if fault.end == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if fault.end:
            raise _Ended

    def _say(self, fault: Fault) -> None:
        if not fault.drip:
            self.sock.sendall(fault.say)
            return
        for byte in fault.say:
            self.sock.sendall(bytes([byte]))
            if self.script.stopping.wait(fault.drip):
                raise _Ended
