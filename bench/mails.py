"""Mail end to end: the flow `welcome` writes to everybody who filled in a form, half in Arabic, half in English.

From the claim to the recorded receipt: ledger, gate, rendered text, MIME, one SMTP connection to a sink in a process of
its own. Beside it the same finished letters without ledger, gate and text: as `email.message` and smtplib send them,
and as ready bytes over our own connection, which is the bound.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from time import perf_counter
from typing import Any

from bench.measure import Case, Row, turns
from bench.sink import sink
from bench.site import Site, site
from connectors.email.smtp import Smtp, SmtpSettings
from connectors.email.smtp.session import Envelope, Session
from flows.welcome import welcome
from offswitch.act.run import Pass
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes
from offswitch.testing.fakes import FakeMailer, make_permit

TITLE = "the flow `welcome`, half of it Arabic, into a local sink (wall time)"
BARE, EMAIL = "ready bytes over our own connection", "email.message + smtplib, no ledger"
PATIENCE = 30.0


def measured(*, short: bool) -> list[Row]:
    """The whole way beside the two bare ones."""
    people, times = (400, 3) if short else (2_000, 7)
    with site(welcome) as made, sink() as port:
        made.seed(people)
        letters = _letters(made)
        ready = [(Envelope(one.sender, one.to), to_bytes(one, date=datetime.now(UTC))) for one in letters]
        cases = [
            Case(BARE, "mails/s", lambda: _ready(ready, port)),
            Case(EMAIL, "mails/s", lambda: _stdlib(letters, port)),
            Case("claim to receipt", "mails/s", lambda: _advanced(made, people, port), BARE, "830"),
            Case("a whole pass, CRM writes included", "mails/s", lambda: _passed(made, people, port), BARE),
        ]
        return turns(cases, times)


def _letters(made: Site) -> list[Letter]:
    """What the flow writes to these people."""
    mailer = FakeMailer()
    with made.copy() as copy:
        _run(copy, mailer)
    return [letter for _, letter in mailer.journal]


def _run(made: Site, mailer: Any) -> tuple[int, float, float]:
    """How many mails, the seconds of the advance, and those of the whole pass."""
    project = made.project(mailer)
    began = perf_counter()
    with project.desk(welcome) as desk:
        going = Pass(desk)
        going.start()
        going.collect()
        before = perf_counter()
        while going.advance() is not None:
            pass
        advanced = perf_counter() - before
        going.drain()
        sent = going.finish().total("performed")
    whole = perf_counter() - began
    project.ledger.close()
    return sent, advanced, whole


def _sent(made: Site, people: int, port: int) -> tuple[int, float, float]:
    with made.copy() as copy:
        smtp = Smtp(SmtpSettings(host="127.0.0.1", port=port))
        sent, advanced, whole = _run(copy, smtp)
        smtp.close()
    if sent != people:
        raise RuntimeError(f"{sent} of {people} mails were sent")
    return sent, advanced, whole


def _advanced(made: Site, people: int, port: int) -> float:
    sent, seconds, _ = _sent(made, people, port)
    return sent / seconds


def _passed(made: Site, people: int, port: int) -> float:
    sent, _, seconds = _sent(made, people, port)
    return sent / seconds


def _ready(ready: Sequence[tuple[Envelope, bytes]], port: int) -> float:
    session = Session("127.0.0.1", port, "bench", PATIENCE)
    session.ehlo_or_helo_if_needed()
    permit = make_permit(seconds=600)
    began = perf_counter()
    for envelope, message in ready:
        session.deliver(envelope, message, permit, PATIENCE)
    seconds = perf_counter() - began
    session.quit()
    return len(ready) / seconds


def _stdlib(letters: Sequence[Letter], port: int) -> float:
    began = perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "bench", timeout=PATIENCE) as server:
        for letter in letters:
            server.send_message(_message(letter))
    return len(letters) / (perf_counter() - began)


def _message(letter: Letter) -> EmailMessage:
    """As the standard library's documentation shows it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{letter.sender_name} <{letter.sender}>"
    message["To"] = f"{letter.to_name} <{letter.to}>"
    message["Subject"] = letter.subject
    message["Message-ID"] = letter.message_id
    message["Reply-To"] = letter.reply_to
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
