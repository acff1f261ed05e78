"""A finished message to one person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a mailer needs. `to` and `sender` are bare addresses, names stand beside them.

    `message_id` is derived from the send-once key (with the angle brackets). `unsubscribe` is the one-click URL, empty
    for service mail. `digest` names the content for the permit. `variant` is the text that this person drew, "" where none is tried out.
    """

    to: str
    to_name: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    language: str
    message_id: str
    unsubscribe: str = ""
    digest: str = ""
    variant: str = ""
