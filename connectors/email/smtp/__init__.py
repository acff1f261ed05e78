"""Mail through any SMTP server. The server keeps no key, so what may have been sent is never sent again unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from connectors.email.smtp.diagnosis import findings
from connectors.email.smtp.dial import SmtpSettings
from connectors.email.smtp.pool import Pool
from connectors.email.smtp.session import AddressRefused, Envelope, Reply
from connectors.settings import connected
from connectors.side_by_side import side_by_side
from offswitch.act.ports import Order
from offswitch.errors import Ambiguous, ConnectorError, Lapsed, Permanent
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes, wire_address
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

__all__ = ["Smtp", "SmtpSettings", "connect"]


def connect() -> Smtp:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(SmtpSettings, Smtp)


class Smtp:
    """Letters over connections that are kept between orders and between calls. One recipient per message."""

    name = "smtp"
    guarantee = Guarantee.NONE
    limits = "1 letter at a time on each of OFFSWITCH_SMTP_CONNECTIONS connections; the server's own limits hold"

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._pool = Pool(settings)

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order. When the server can't be reached, the rest of the call is not tried."""
        self._pool.begin()
        yield from side_by_side(orders, self._settings.connections, self._receipt)

    def look_up(self, key: str) -> Receipt | None:
        """Always None: an SMTP server can't be asked."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """Connect as for a letter, and send none."""
        return findings(self._settings)

    def close(self) -> None:
        """Say good-bye. What was accepted stays accepted, whatever becomes of the good-bye."""
        self._pool.close()

    def _receipt(self, order: Order[Letter]) -> Receipt:
        key, reference = order.permit.key, order.payload.message_id
        try:
            order.permit.check()
            reply = self._send(order)
        except Lapsed as lapse:
            return Receipt(key, Outcome.LAPSED, str(lapse), reference)
        except ConnectorError as error:
            return Receipt(key, _outcome(error), str(error), reference, address_refused=isinstance(error, AddressRefused))
        return Receipt(key, Outcome.PERFORMED, f"the server answered {reply}", reference)

    def _send(self, order: Order[Letter]) -> Reply:
        letter, permit = order.payload, order.permit
        if letter.to != permit.recipient or letter.digest != permit.digest:
            raise Permanent("the letter is not the one that the permit was given for", "system")
        message = to_bytes(letter, date=datetime.now(UTC))
        envelope = Envelope(wire_address(letter.sender, "system"), wire_address(letter.to, "contact"))
        session, taken = self._pool.take(), False
        try:
            reply = session.deliver(envelope, message, permit, self._settings.data_timeout)
            taken = True
        finally:
            self._pool.put_back(session, taken=taken)
        return reply


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
