"""What `offswitch doctor` learns from a mail server by connecting to it, and sending nothing."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.email.smtp.dial import SmtpSettings, end, open_session, stays_here
from connectors.email.smtp.session import Session
from offswitch.errors import ConnectorError, Permanent
from offswitch.model.finding import Finding, Level

SOON = 14 * 86_400.0  # seconds in which a certificate can still be renewed in peace
LARGE = 1_000_000  # bytes that a letter with pictures may have


def findings(settings: SmtpSettings) -> Iterator[Finding]:
    """Does it answer, may we log in, is the line encrypted, for how long is its certificate good, and what does it take?"""
    about = f"the mail server {settings.host}:{settings.port}"
    try:
        session = open_session(settings)
    except ConnectorError as error:
        yield Finding(about, Level.TROUBLE, str(error), _todo(error))
        return
    try:
        yield Finding(about, Level.FINE, "it answers" + (" and knows us" if settings.user else ""))
        yield _line(settings, session)
        yield _takes(session)
    finally:
        end(session)


def _todo(error: ConnectorError) -> str:
    return "see the settings OFFSWITCH_SMTP_…" if isinstance(error, Permanent) else "see OFFSWITCH_SMTP_HOST and _PORT, and the firewall"


def _line(settings: SmtpSettings, session: Session) -> Finding:
    about = f"the line to {settings.host}"
    if not isinstance(session.sock, ssl.SSLSocket):
        if stays_here(settings.host):
            return Finding(about, Level.FINE, "it does not leave this machine")
        offer = "set OFFSWITCH_SMTP_TLS=starttls" if session.has_extn("starttls") else "ask the provider for a server with TLS"
        return Finding(about, Level.ADVICE, "letters go over it unencrypted", offer)
    ends = ssl.cert_time_to_seconds(str((session.sock.getpeercert() or {})["notAfter"]))
    day = datetime.fromtimestamp(ends, UTC).date().isoformat()
    if ends - time.time() < SOON:
        return Finding(about, Level.ADVICE, f"the server's certificate ends on {day}", "whoever runs the server must renew it")
    return Finding(about, Level.FINE, f"encrypted ({session.sock.version()}), the certificate is good until {day}")


def _takes(session: Session) -> Finding:
    about = "what the mail server takes"
    told = str(session.esmtp_features.get("size", "")).strip()
    most = int(told) if told.isdecimal() else 0
    speed = "several commands at once" if session.has_extn("pipelining") else "one command at a time"
    letters = "addresses in any script" if session.has_extn("smtputf8") else "addresses in ASCII alone"
    if 0 < most < LARGE:
        return Finding(about, Level.ADVICE, f"messages of {most} bytes and no more", "ask the provider for more, or write short letters")
    size = f"messages of {most // 1_000_000} MB" if most else "messages of any size"
    return Finding(about, Level.FINE, f"{size}, {letters}, {speed}")
