"""Who writes to people: one name, one address that is read, one postal address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """`email` and `reply_to` are bare addresses of mailboxes that somebody reads; `domain` is the right side of Message-IDs.

    The postal address is shown in every mail (CAN-SPAM, 15 USC 7704(a)(5)), the privacy link too (GDPR, article 13).
    """

    name: str
    email: str
    reply_to: str
    postal_address: str
    privacy_url: str
    domain: str
