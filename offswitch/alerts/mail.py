"""An alert as a plain mail, over the same server as the letters but not through their connector."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

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
    with _session(environment) as session:
        session.send_message(message, from_addr=sender, to_addrs=[to])


def _session(environment: Mapping[str, str]) -> smtplib.SMTP:
    def setting(name: str, default: str = "") -> str:
        return environment.get(f"OFFSWITCH_SMTP_{name}", "") or default

    host, port, hello = setting("HOST", "localhost"), int(setting("PORT", "25")), setting("HELLO") or None
    trust = ssl.create_default_context(cafile=setting("CA_FILE") or None)
    if setting("TLS") == "tls":
        return _greeted(smtplib.SMTP_SSL(host, port, hello, timeout=SECONDS, context=trust), setting("USER"), setting("PASSWORD"))
    session = smtplib.SMTP(host, port, hello, timeout=SECONDS)
    if setting("TLS") == "starttls":
        session.starttls(context=trust)
    elif setting("USER") and host not in ("localhost", "::1") and not host.startswith("127."):
        session.close()
        raise ValueError("a password goes only over an encrypted line")
    return _greeted(session, setting("USER"), setting("PASSWORD"))


def _greeted(session: smtplib.SMTP, user: str, password: str) -> smtplib.SMTP:
    try:
        if user:
            session.login(user, password)
    except OSError:
        session.close()
        raise
    return session
