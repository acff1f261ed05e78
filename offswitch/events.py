"""The events that Offswitch knows by itself. A project adds its own with `@event("name")`.

`message` is the send-once key, as the provider of the mail showed it back: it settles what nobody knew of that message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar

from offswitch.model.event import Event, event

__all__ = [
    "CallBooked",
    "CallCancelled",
    "CheckStarted",
    "Clicked",
    "CrmChanged",
    "DiagnosticCompleted",
    "DonationRefunded",
    "DonationSucceeded",
    "Event",
    "FormSubmitted",
    "MailBounced",
    "MailComplained",
    "MailDelivered",
    "Opened",
    "Replied",
    "ShipmentUpdated",
    "TicketOpened",
    "TicketSolved",
    "Unsubscribed",
    "event",
    "is_hard",
]


@event("form.submitted")
class FormSubmitted(Event):
    """A form came in. `form` is its name, `page` where it stood."""

    form: str = ""
    page: str = ""
    utm: str = ""
    message: str = ""


@event("check.started")
class CheckStarted(Event):
    """Somebody began the checklist."""

    page: str = ""


@event("diagnostic.completed")
class DiagnosticCompleted(Event):
    """A diagnostic form was filled in; `answers` maps question to answer."""

    answers: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@event("donation.succeeded")
class DonationSucceeded(Event):
    """A gift is confirmed by the bank or the card network. `amount` is in whole units of `currency`."""

    donation_id: str
    amount: float = 0
    currency: str = ""
    project: str = ""
    anonymous: bool = False


@event("donation.refunded")
class DonationRefunded(Event):
    """A gift went back."""

    answer: ClassVar[bool] = False
    donation_id: str


@event("booking.created")
class CallBooked(Event):
    """A call is in the calendar."""

    booking_id: str
    starts_at: datetime


@event("booking.cancelled")
class CallCancelled(Event):
    """A call was taken out of the calendar."""

    booking_id: str


@event("ticket.opened")
class TicketOpened(Event):
    """The person asked our support for something. `number` names the ticket."""

    number: str
    subject: str = ""


@event("ticket.solved")
class TicketSolved(Event):
    """Support has closed a ticket of this person."""

    answer: ClassVar[bool] = False
    number: str


@event("shipment.updated")
class ShipmentUpdated(Event):
    """A parcel to this person moved on. `status` is the carrier's word, `number` what it is tracked by."""

    answer: ClassVar[bool] = False
    number: str
    status: str = ""


@event("crm.changed")
class CrmChanged(Event):
    """A colleague changed what the CRM holds about the person: the new `values` by field. `by` as the CRM names them, "" if it doesn't."""

    answer: ClassVar[bool] = False
    values: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""


@event("message.replied")
class Replied(Event):
    """The person wrote back."""

    text: str = ""


@event("message.clicked")
class Clicked(Event):
    """The person followed a link of ours. What a filter follows that looks at links is none: who knows leaves it out."""

    message: str = ""


@event("message.opened")
class Opened(Event):
    """A message was opened. `machine`: by a program that loads pictures in advance. Weak: it ends no silence."""

    answer: ClassVar[bool] = False
    machine: bool = False
    message: str = ""


@event("message.delivered")
class MailDelivered(Event):
    """The person's own mail server took a message of ours. Whether anybody sees it is not known."""

    answer: ClassVar[bool] = False
    message: str = ""


@event("message.bounced")
class MailBounced(Event):
    """An address refused our mail for good (`hard`) or for now."""

    answer: ClassVar[bool] = False
    hard: bool = True
    message: str = ""


def is_hard(data: Mapping[str, Any] | None) -> bool:
    """Whether a bounce with these data is for good. In a table all is text; where nothing clear is said, it is."""
    return str((data or {}).get("hard", "")).lower() not in ("no", "false", "0")


@event("message.complained")
class MailComplained(Event):
    """The person marked our mail as spam."""

    answer: ClassVar[bool] = False
    message: str = ""


@event("contact.unsubscribed")
class Unsubscribed(Event):
    """The person wants no more marketing on this channel."""

    answer: ClassVar[bool] = False
    channel: str = "email"
