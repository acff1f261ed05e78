"""A mailer for worker processes of a drill: real SMTP to the drill's own server on loopback, and notes that outlive the process."""

from __future__ import annotations

import json
import os
import select
import signal
import smtplib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from offswitch.act.ports import Order
from offswitch.drill.world import MAIL
from offswitch.errors import Lapsed
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes, wire_address
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

_PATIENCE = 30.0


class Notes:
    """What a worker was about to do, one line each, appended so that no death can lose a whole line."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, what: str, key: str, letter: Letter) -> None:
        """`begun`, `ended` or `lapsed`."""
        line = {"what": what, "key": key, "to": letter.to, "subject": letter.subject, "id": letter.message_id}
        os.write(self._file, json.dumps(line).encode() + b"\n")


class WireMailer:
    """One connection, no retries. `signals`: after so many letters this process sends itself that signal, between two letters."""

    name = MAIL
    guarantee = Guarantee.NONE
    limits = "none"

    def __init__(self, port: int, notes: Notes, signals: dict[int, signal.Signals]) -> None:
        self._port = port
        self._notes = notes
        self._signals = signals
        self._line: smtplib.SMTP | None = None
        self._sent = 0

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order."""
        for order in orders:
            yield self._receipt(order)
            if self._sent in self._signals:
                os.kill(os.getpid(), self._signals.pop(self._sent))

    def _receipt(self, order: Order[Letter]) -> Receipt:
        permit, letter = order.permit, order.payload
        try:
            permit.check()
            line = self._ready(letter)
            self._notes.add("begun", permit.key, letter)
            permit.begin()
        except Lapsed as lapse:
            self._notes.add("lapsed", permit.key, letter)
            if self._line is not None:
                self._line.close()
                self._line = None
            return Receipt(permit.key, Outcome.LAPSED, str(lapse))
        assert line.sock is not None
        line.sock.sendall(to_bytes(letter, date=datetime.now(UTC)).replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
        select.select([line.sock], [], [], _PATIENCE)
        permit.accepted()
        code, _ = line.getreply()
        self._notes.add("ended", permit.key, letter)
        self._sent += 1
        return Receipt(permit.key, Outcome.PERFORMED if code == 250 else Outcome.UNKNOWN, f"the server answered {code}", letter.message_id)

    def _ready(self, letter: Letter) -> smtplib.SMTP:
        """A connection that waits for the letter's bytes."""
        if self._line is None:
            self._line = smtplib.SMTP("127.0.0.1", self._port, timeout=_PATIENCE)
            self._line.ehlo()
        self._line.mail(wire_address(letter.sender, "system"))
        self._line.rcpt(wire_address(letter.to, "contact"))
        self._line.docmd("DATA")
        return self._line

    def look_up(self, key: str) -> Receipt | None:
        """Always None: an SMTP server can't be asked."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """All is well."""
        yield Finding("the drill's server", Level.FINE, "it answers")

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
