"""One SMTP connection (RFC 5321), which always knows whether a message may have been taken.

smtplib makes the connection; from there on this module speaks itself, because smtplib raises the same error for a cut
before the message left and for a cut after it was accepted.
"""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
import time
from typing import NamedTuple

from offswitch.errors import Ambiguous, ConnectorError, Lapsed, Permanent, Retryable
from offswitch.gate.permit import Permit

_LINE = 2048  # bytes; RFC 5321 allows 512, servers write more
_LINES = 100
_FIRST = 16_384  # bytes: one TLS record, so a failed first write has delivered nothing that can be read
_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(?:([245]\.\d{1,3}\.\d{1,3})\b)?(.*))?", re.DOTALL)

_CALLED_OFF = 421
_SYSTEM_CODES = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
# Gmail's temporary codes for missing PTR, SPF, TLS, DKIM, DMARC and alignment: waiting does not cure them.
_SYSTEM_4XX = frozenset({"4.7.23", "4.7.27", "4.7.29", "4.7.30", "4.7.31", "4.7.32"})
_NO_SUCH_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


class AddressRefused(Permanent):
    """The server says that this address can't get mail."""


class Reply(NamedTuple):
    """`status` is the enhanced code (RFC 3463) or "". The server's words are kept out of reasons: they name people."""

    code: int
    status: str
    text: bytes

    def __str__(self) -> str:
        return f"{self.code} {self.status}".rstrip()


class Envelope(NamedTuple):
    """Who sends to whom, as bare addresses."""

    sender: str
    to: str


class Session(smtplib.SMTP):
    """A connection that is used for one message after the other.

    `idle`: between two messages, with nothing unread. Only an idle session may be used again.
    """

    sock: socket.socket  # set by smtplib's connect()

    def __init__(self, host: str, port: int, hello: str, seconds: float) -> None:
        self._inbox = bytearray()
        self.idle = False
        super().__init__(host, port, hello or None, timeout=seconds)

    def getreply(self) -> tuple[int, bytes]:
        """What smtplib reads while it connects: our reader, so that a dripping server can't hold us for ever."""
        try:
            reply = self.hear(self.timeout)
        except OSError:
            self.close()
            raise
        return reply.code, reply.text

    def secure(self, context: ssl.SSLContext) -> None:
        """STARTTLS; what the server said before the handshake is forgotten (RFC 3207, 6)."""
        self.starttls(context=context)
        self._inbox.clear()

    def quiet(self) -> bool:
        """Neither a cut nor an unasked word lies on the line."""
        unread = self._inbox or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending())
        line = select.poll()  # select() can't watch a file number above 1023
        line.register(self.sock, select.POLLIN)
        return not unread and not line.poll(0)

    def deliver(self, envelope: Envelope, message: bytes, permit: Permit, patience: float) -> Reply:
        """Hand one message over; the reply says that the server has it. `patience` in seconds, after the final dot.

        Raises Lapsed, Retryable, Permanent: surely not taken. Raises Ambiguous: may have been taken.
        """
        permit.check()
        self.idle = False
        wire = message.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        try:
            self._announce(envelope, utf8=not message.isascii())
            self._begin(permit)
            first = self._first_bytes(wire)
        except OSError as error:
            raise Retryable(f"{cause(error)}; nothing was sent") from None
        try:
            if first < len(wire):
                self.sock.sendall(memoryview(wire)[first:])
            permit.accepted()
            reply = self.hear(patience)
        except OSError as error:
            raise Ambiguous(f"{cause(error)} after the message was on its way") from None
        if reply.code // 100 == 3:
            raise Ambiguous(f"the server answered {reply} to a finished message")
        self.idle = reply.code != _CALLED_OFF
        if reply.code // 100 != 2:
            raise refusal(reply, "after the message")
        return reply

    def _announce(self, envelope: Envelope, *, utf8: bool) -> None:
        """MAIL and RCPT, in one packet where the server allows it (RFC 2920)."""
        if utf8 and not self.has_extn("smtputf8"):
            self.idle = True
            fault = "system" if envelope.to.isascii() else "contact"
            raise Permanent("an address has letters that this server can't carry (no SMTPUTF8)", fault)
        mail = f"MAIL FROM:<{envelope.sender}>{' SMTPUTF8 BODY=8BITMIME' if utf8 else ''}\r\n".encode()
        rcpt = f"RCPT TO:<{envelope.to}>\r\n".encode()
        if self.has_extn("pipelining"):
            self.say(mail + rcpt)
            answer = self.hear(self.timeout)
            second = self.hear(self.timeout) if answer.code != _CALLED_OFF else answer
            self._expect(250, answer, "MAIL")
            self._expect(250, second, "RCPT")
        else:
            self.say(mail)
            self._expect(250, self.hear(self.timeout), "MAIL")
            self.say(rcpt)
            self._expect(250, self.hear(self.timeout), "RCPT")

    def _begin(self, permit: Permit) -> None:
        try:
            permit.begin()
        except Lapsed:
            self._forget()
            raise
        self.say(b"DATA\r\n")
        self._expect(354, self.hear(self.timeout), "DATA")

    def _first_bytes(self, wire: bytes) -> int:
        """How much of the message went out with the first write. When this raises, not a byte did."""
        if not self.quiet():
            raise ConnectionError("the server called off")
        self.sock.settimeout(self.timeout)
        return self.sock.send(memoryview(wire)[:_FIRST])

    def _expect(self, code: int, reply: Reply, command: str) -> None:
        if reply.code == code or (code == 250 and reply.code == 251):
            return
        if reply.code < 400:
            raise ConnectionError(f"the server answered {reply} to {command}")
        if reply.code != _CALLED_OFF:
            self._forget()
        raise refusal(reply, command)

    def _forget(self) -> None:
        """RSET, so that the connection can be used for the next message."""
        try:
            self.say(b"RSET\r\n")
            self.idle = self.hear(self.timeout).code == 250
        except OSError:
            self.idle = False

    def say(self, commands: bytes) -> None:
        """Write commands. Raises OSError."""
        self.sock.settimeout(self.timeout)
        self.sock.sendall(commands)

    def hear(self, seconds: float) -> Reply:
        """The next reply, all its lines, within `seconds` altogether. Raises OSError for a cut, silence or nonsense."""
        deadline = time.monotonic() + seconds
        lines: list[bytes] = []
        first = None
        while len(lines) < _LINES:
            found = _REPLY.fullmatch(self._line(deadline))
            if found is None or (first is not None and found[1] != first):
                raise ConnectionError("the server's answer is not SMTP")
            first = found[1]
            status = found[3] or b""
            lines.append(status + (found[4] or b""))
            if found[2] != b"-":
                return Reply(int(first), status.decode(), b"\n".join(line.strip() for line in lines))
        raise ConnectionError("the server's answer has no end")

    def _line(self, deadline: float) -> bytes:
        while (end := self._inbox.find(b"\n")) < 0:
            if len(self._inbox) > _LINE:
                raise ConnectionError("the server's answer is not SMTP")
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)
            chunk = self.sock.recv(8192)
            if not chunk:
                raise ConnectionError("the server hung up")
            self._inbox += chunk
        line = bytes(self._inbox[:end]).rstrip(b"\r")
        del self._inbox[: end + 1]
        return line


class TlsSession(Session, smtplib.SMTP_SSL):
    """A connection that is encrypted from its first byte (RFC 8314)."""

    def __init__(self, host: str, port: int, hello: str, seconds: float, context: ssl.SSLContext) -> None:
        self._inbox = bytearray()
        self.idle = False
        smtplib.SMTP_SSL.__init__(self, host, port, hello or None, timeout=seconds, context=context)


def refusal(reply: Reply, command: str) -> ConnectorError:
    """What a 4xx or 5xx means for us: later, never for this person, or a fault that meets everybody."""
    what = f"the server answered {reply} to {command}" if command.isupper() else f"the server answered {reply} {command}"
    if reply.code < 500:
        return Permanent(what, "system") if reply.status in _SYSTEM_4XX else Retryable(what)
    ours = reply.code in _SYSTEM_CODES or reply.status.startswith("5.7.") or (command == "MAIL" and reply.status != "5.6.7")
    if ours:
        return Permanent(what, "system")
    if command == "RCPT" and (reply.status in _NO_SUCH_ADDRESS or (not reply.status and reply.code in (550, 551, 553))):
        return AddressRefused(what)
    return Permanent(what)


def cause(error: OSError) -> str:
    """What broke, in words of ours: what a server or a library writes may hold an address or a secret."""
    match error:
        case TimeoutError():
            return "the server did not answer in time"
        case ssl.SSLCertVerificationError():
            return "the server's certificate is not trusted"
        case ssl.SSLError():
            return "the encrypted connection failed"
        case socket.gaierror():
            return "the mail server's name was not found"
        case ConnectionRefusedError():
            return "the mail server refused the connection"
        case ConnectionResetError() | BrokenPipeError() | smtplib.SMTPServerDisconnected():
            return "the server cut the connection"
        case ConnectionError() if error.errno is None and error.args:
            return str(error)
        case _:
            return f"the connection failed ({error.strerror or type(error).__name__})"
