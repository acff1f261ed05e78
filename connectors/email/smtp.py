"""Mail through any SMTP server. The server keeps no key, so what may have been sent is never sent again unasked."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.settings import ConnectorSettings, connected
from connectors.smtp_session import AddressRefused, Envelope, Reply, Session, TlsSession, cause
from offswitch.act.ports import Order
from offswitch.errors import Ambiguous, ConnectorError, Lapsed, Permanent, Retryable
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes, wire_address
from offswitch.model.receipt import Guarantee, Outcome, Receipt

SETBACKS = 2  # connections lost one after the other without a letter taken; then the call gives up
GOODBYE = 5.0  # seconds that QUIT may take; nothing depends on its answer


class SmtpSettings(ConnectorSettings):
    """Where the mail goes. Every field is a variable `OFFSWITCH_SMTP_…` in the environment or in `.env`.

    Seconds: `timeout` for each answer, `data_timeout` for the one after the message (RFC 5321 4.5.3.2.6 says 600; less
    makes more letters doubtful). `ca_file` adds a private authority to those that the machine trusts.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SMTP_")

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["none", "starttls", "tls"] = "none"
    timeout: float = Field(default=30, gt=0)
    data_timeout: float = Field(default=600, gt=0)
    hello: str = ""
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> SmtpSettings:
        if self.user and self.tls == "none" and not _stays_here(self.host):
            raise ValueError("a password goes only over an encrypted line: set OFFSWITCH_SMTP_TLS to starttls or tls")
        return self


def connect() -> Smtp:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(SmtpSettings, Smtp)


def _stays_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


class Smtp:
    """Letters over one connection, which is kept between orders and between calls. One recipient per message."""

    name = "smtp"
    guarantee = Guarantee.NONE

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._setbacks = 0
        self._given_up: ConnectorError | None = None

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order. When the server can't be reached, the rest of the call is not tried."""
        self._setbacks = 0
        self._given_up = None
        for order in orders:
            yield self._receipt(order)

    def look_up(self, key: str) -> Receipt | None:
        """Always None: an SMTP server can't be asked."""
        return None

    def close(self) -> None:
        """Say good-bye. What was accepted stays accepted, whatever becomes of the good-bye."""
        session, self._session = self._session, None
        if session is not None:
            _end(session)

    def _receipt(self, order: Order[Letter]) -> Receipt:
        key, reference = order.permit.key, order.payload.message_id
        try:
            order.permit.check()
            reply = self._send(order)
        except Lapsed as lapse:
            return Receipt(key, Outcome.LAPSED, str(lapse), reference)
        except ConnectorError as error:
            return Receipt(key, _outcome(error), str(error), reference, address_refused=isinstance(error, AddressRefused))
        self._setbacks = 0
        return Receipt(key, Outcome.PERFORMED, f"the server answered {reply}", reference)

    def _send(self, order: Order[Letter]) -> Reply:
        letter, permit = order.payload, order.permit
        if letter.to != permit.recipient or letter.digest != permit.digest:
            raise Permanent("the letter is not the one that the permit was given for", "system")
        message = to_bytes(letter, date=datetime.now(UTC))
        envelope = Envelope(wire_address(letter.sender, "system"), wire_address(letter.to, "contact"))
        session = self._take()
        try:
            return session.deliver(envelope, message, permit, self._settings.data_timeout)
        finally:
            if session.idle:
                self._session = session
            else:
                session.close()
                self._setbacks += 1

    def _take(self) -> Session:
        """The kept session when it still lives, else a new one."""
        session, self._session = self._session, None
        if session is not None and session.quiet():
            return session
        if session is not None:
            session.close()
        if self._setbacks >= SETBACKS:
            self._given_up = Retryable("the mail server keeps cutting the connection; not tried again in this run")
        if self._given_up is not None:
            raise self._given_up.with_traceback(None)
        try:
            return _open(self._settings)
        except ConnectorError as error:
            self._given_up = error
            raise


def _outcome(error: ConnectorError) -> Outcome:
    match error:
        case Ambiguous():
            return Outcome.UNKNOWN
        case Permanent(fault="contact"):
            return Outcome.REJECTED
        case Permanent():
            return Outcome.BROKEN
        case _:
            return Outcome.RETRY


def _open(settings: SmtpSettings) -> Session:
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


def _end(session: Session) -> None:
    session.timeout = min(session.timeout, GOODBYE)
    try:
        session.quit()
    except OSError:
        session.close()
