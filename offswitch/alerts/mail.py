"""An alert as a plain mail, over the same server as the letters but not through their connector."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from offswitch.errors import ConfigError
from offswitch.secrets import block_values, reveal

_PREFIX = "OFFSWITCH_SMTP_"
SECONDS = 10.0  # for each answer: an alert may not keep a run waiting


def mail(to: str, subject: str, text: str, at: datetime, sender: str, environment: Mapping[str, str]) -> None:
    """Send it, by the OFFSWITCH_SMTP_… settings. Raises OSError or ValueError when it could not be sent.

    `Auto-Submitted` (RFC 3834) keeps absence notes from answering.
    """
    message = EmailMessage()
    message["From"] = f"Offswitch <{sender}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    session = _session(environment)
    try:
        session.send_message(message, from_addr=sender, to_addrs=[to])
    finally:
        with suppress(OSError):  # what was taken stays taken, whatever becomes of the good-bye
            session.quit()


def _session(environment: Mapping[str, str]) -> smtplib.SMTP:
    """A connection that takes mail."""
    kept = _kept(environment.get(f"{_PREFIX}BLOCK", ""))

    def setting(name: str, default: str = "") -> str:
        return environment.get(_PREFIX + name, "") or str(kept.get(name.lower()) or default)

    host, tls, user = setting("HOST", "localhost"), setting("TLS", "none"), setting("USER")
    where = host, int(setting("PORT", "25")), setting("HELLO") or None
    if tls not in ("none", "starttls", "tls"):
        raise ValueError("OFFSWITCH_SMTP_TLS is none, starttls or tls")
    if user and tls == "none" and not _stays_here(host):
        raise ValueError("a password goes only over an encrypted line")
    trust = ssl.create_default_context(cafile=setting("CA_FILE") or None)
    session = smtplib.SMTP_SSL(*where, timeout=SECONDS, context=trust) if tls == "tls" else smtplib.SMTP(*where, timeout=SECONDS)
    try:
        if tls == "starttls":
            session.starttls(context=trust)
        if user:
            session.login(user, _revealed(setting("PASSWORD")))
    except OSError:
        session.close()
        raise
    return session


def _kept(block: str) -> Mapping[str, Any]:
    """What a Prefect block holds for the settings that the environment leaves out. Raises ValueError."""
    try:
        return block_values(_PREFIX, block) if block else {}
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _revealed(password: str) -> str:
    try:
        return reveal(password)
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _stays_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
