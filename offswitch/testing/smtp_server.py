"""An SMTP server on a real socket that fails where and how a test says."""

from __future__ import annotations

import base64
import re
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Self, cast

from offswitch.testing.journal import Journal, Taken

_ADDRESS = re.compile(r":\s*<([^>]*)>")


class At(StrEnum):
    """Where in the conversation it fails. `body` is after 354, `dot` instead of the final answer."""

    BANNER = "banner"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    MID_BODY = "mid-body"
    DOT = "dot"
    AFTER = "after"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Fault:
    """`say` is answered, if anything; then `end` happens to the connection.

    `kept`, at the dot: the message is accepted although the client does not learn it. `end`: "cut" closes, "reset"
    closes with RST, "hang" keeps silent until the server stops, "" goes on.
    """

    at: At
    say: str = ""
    end: str = ""
    kept: bool = False


class _Ended(Exception):
    """The conversation is over, as the script or the client wants."""


class ScriptedSmtpServer:
    """Listens on 127.0.0.1, one thread per connection; a context manager.

    `script` maps the number of an attempt to its fault, `always` holds for all others. Attempts count from 0: each
    connection begins one, and each MAIL after its first begins another. `users` demands AUTH PLAIN, `tls` offers STARTTLS,
    or encrypts from the first byte when `implicit`. `journal` is written and synced before a message is accepted.
    """

    def __init__(
        self,
        script: Mapping[int, Fault] | None = None,
        *,
        always: Fault | None = None,
        extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8"),
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        journal: Path | None = None,
    ) -> None:
        self.script = dict(script or {})
        self.always = always
        self.extensions = extensions
        self.users = dict(users or {})
        self.tls = tls
        self.implicit = implicit
        self.connections = 0
        self.commands: list[str] = []
        self.stopping = threading.Event()
        self._journal = Journal(journal, sync=True)
        self._attempts = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.script = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._journal.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def taken(self) -> list[Taken]:
        """Every message that was accepted, whatever the client learnt."""
        return self._journal.taken

    def take(self, sender: str, to: str, data: bytes) -> None:
        """Accept a message."""
        self._journal.add(sender, to, data)

    def connected(self) -> None:
        """Count a connection."""
        with self._lock:
            self.connections += 1

    def next_fault(self) -> Fault | None:
        """What the next attempt meets."""
        with self._lock:
            attempt = self._attempts
            self._attempts += 1
        return self.script.get(attempt, self.always)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    script: ScriptedSmtpServer


class _Conversation(socketserver.BaseRequestHandler):
    def setup(self) -> None:
        self.script = cast("_Server", self.server).script
        self.sock: socket.socket = self.request
        self.sock.settimeout(30)
        self.script.connected()
        self.fault = self.script.next_fault()
        self.fresh = True
        self.secure = False
        self.authenticated = not self.script.users
        self.sender = self.to = ""
        self.file: BinaryIO = self.sock.makefile("rb")

    def handle(self) -> None:
        with suppress(_Ended, OSError):
            if self.script.implicit:
                self._encrypt()
            self._meet(At.BANNER, "220 test ESMTP")
            while line := self.file.readline(4096).decode("utf-8", "replace").strip():
                self.script.commands.append(line.split(" ", 1)[0].upper())
                self._command(*line.partition(" ")[::2])

    def finish(self) -> None:
        with suppress(OSError):
            self.file.close()
            self.sock.close()

    def _command(self, verb: str, rest: str) -> None:
        known = {
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._reset,
            "QUIT": self._quit,
        }
        answer = known.get(verb.upper())
        if answer is None:
            self._say("502 5.5.2 unknown")
        else:
            answer(rest)

    def _ehlo(self, _: str) -> None:
        offers = ["test", *self.script.extensions]
        if self.script.tls is not None and not self.secure:
            offers.append("STARTTLS")
        if self.script.users:
            offers.append("AUTH PLAIN")
        marks = ["-"] * (len(offers) - 1) + [" "]
        self._meet(At.EHLO, "\r\n".join(f"250{mark}{offer}" for mark, offer in zip(marks, offers, strict=True)))

    def _starttls(self, _: str) -> None:
        self._say("220 go ahead")
        self._encrypt()

    def _encrypt(self) -> None:
        assert self.script.tls is not None
        self.file.close()
        self.sock = self.script.tls.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")
        self.secure = True

    def _auth(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
        self.authenticated = self.script.users.get(user) == password
        self._meet(At.AUTH, "235 2.7.0 welcome" if self.authenticated else "535 5.7.8 wrong password")

    def _mail(self, rest: str) -> None:
        if not self.fresh:
            self.fault = self.script.next_fault()
        self.fresh = False
        if not self.authenticated:
            self._say("530 5.7.0 authentication required")
            return
        self.sender = _address(rest)
        if not self._meet(At.MAIL, "250 2.1.0 sender ok"):
            self._forget()

    def _rcpt(self, rest: str) -> None:
        if not self.sender:
            self._say("503 5.5.1 MAIL first")
        elif self._meet(At.RCPT, "250 2.1.5 recipient ok"):
            self.to = _address(rest)

    def _data(self, _: str) -> None:
        if not self.to:
            self._say("503 5.5.1 RCPT first")
            return
        if not self._meet(At.DATA, "354 go ahead"):
            return
        self._maybe(At.BODY)
        lines: list[bytes] = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise _Ended
            lines.append(line[1:] if line.startswith(b".") else line)
            if len(lines) == 3:
                self._maybe(At.MID_BODY)
        self._finish(b"".join(lines))

    def _finish(self, data: bytes) -> None:
        planned = self.fault is not None and self.fault.at is At.DOT
        if not planned or (self.fault is not None and self.fault.kept):
            self.script.take(self.sender, self.to, data)
        self._forget()
        self._meet(At.DOT, "250 2.0.0 accepted")
        self._maybe(At.AFTER)

    def _reset(self, _: str) -> None:
        self._forget()
        self._say("250 2.0.0 forgotten")

    def _forget(self) -> None:
        self.sender = self.to = ""

    def _quit(self, _: str) -> None:
        self._meet(At.QUIT, "221 2.0.0 bye")
        raise _Ended

    def _meet(self, at: At, answer: str) -> bool:
        """Answer as usual, or as the script wants. True when it was as usual."""
        if self._maybe(at):
            return False
        self._say(answer)
        return True

    def _maybe(self, at: At) -> bool:
        fault = self.fault
        if fault is None or fault.at is not at:
            return False
        self.fault = None
        if fault.say:
            self._say(fault.say)
        if fault.end == "hang":
            self.script.stopping.wait()
        if fault.end == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if fault.end:
            self.file.close()
            raise _Ended
        return True

    def _say(self, answer: str) -> None:
        self.sock.sendall(answer.encode() + b"\r\n")


def _address(rest: str) -> str:
    found = _ADDRESS.search(rest)
    return found[1] if found else ""
