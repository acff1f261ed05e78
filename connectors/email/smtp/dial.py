"""Reaching a mail server: where it is, how the line is encrypted, and who we are to it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.email.smtp.session import Session, TlsSession, cause
from connectors.settings import ConnectorSettings
from offswitch.errors import ConnectorError, Permanent, Retryable

GOODBYE = 5.0  # seconds that QUIT may take; nothing depends on its answer


class SmtpSettings(ConnectorSettings):
    """Where the mail goes. Every field is a variable `OFFSWITCH_SMTP_…` in the environment or in `.env`.

    Seconds: `timeout` for each answer, `data_timeout` for the one after the message (RFC 5321 4.5.3.2.6 says 600; less
    makes more letters doubtful). `connections` that send side by side: for a server that is far away and allows it; as many
    letters may be in doubt when it dies. `ca_file` adds a private authority to those that the machine trusts.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SMTP_")

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["none", "starttls", "tls"] = "none"
    timeout: float = Field(default=30, gt=0)
    data_timeout: float = Field(default=600, gt=0)
    connections: int = Field(default=1, ge=1, le=20)
    hello: str = ""
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> SmtpSettings:
        if self.user and self.tls == "none" and not stays_here(self.host):
            raise ValueError("a password goes only over an encrypted line: set OFFSWITCH_SMTP_TLS to starttls or tls")
        return self


def stays_here(host: str) -> bool:
    """Does what is sent there not leave this machine?"""
    return host in ("localhost", "::1") or host.startswith("127.")


def open_session(settings: SmtpSettings) -> Session:
    """A greeted, encrypted and authenticated session. Raises Retryable, or Permanent when only a person can help."""
    if not (settings.user + settings.password.get_secret_value()).isascii():
        raise Permanent("OFFSWITCH_SMTP_USER or _PASSWORD has letters that SMTP can't carry", "system")
    session: Session | None = None
    try:
        session = _dial(settings)
        session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session.ehlo_or_helo_if_needed()
        if settings.tls == "starttls":
            session.secure(_trust(settings))
            session.ehlo_or_helo_if_needed()
        if settings.user:
            session.login(settings.user, settings.password.get_secret_value())
    except OSError as error:
        if session is not None:
            session.close()
        raise _unreachable(error) from None
    session.idle = True
    return session


def _dial(settings: SmtpSettings) -> Session:
    where = settings.host, settings.port, settings.hello, settings.timeout
    return TlsSession(*where, _trust(settings)) if settings.tls == "tls" else Session(*where)


def _trust(settings: SmtpSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        context.load_verify_locations(settings.ca_file)
    return context


def _unreachable(error: OSError) -> ConnectorError:
    """Nothing was sent; the question is whether waiting helps."""
    match error:
        case smtplib.SMTPNotSupportedError():
            return Permanent("the server doesn't offer the STARTTLS or AUTH that the settings ask for", "system")
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= 500:
            return Permanent(f"the server answered {code} to AUTH: check OFFSWITCH_SMTP_USER and _PASSWORD", "system")
        case smtplib.SMTPResponseException(smtp_code=code):
            return Retryable(f"the server answered {code} while connecting; nothing was sent")
        case _:
            return Retryable(f"{cause(error)}; nothing was sent")


def end(session: Session) -> None:
    """Say good-bye."""
    session.timeout = min(session.timeout, GOODBYE)
    try:
        session.quit()
    except OSError:
        session.close()
