"""A finished letter to one person: pure, and the same whenever the same facts are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from offswitch.messages.letter import Letter
from offswitch.messages.render import MissingVariable, render
from offswitch.messages.sender import Sender
from offswitch.messages.template import Template
from offswitch.messages.values import Fields, called, clean, given
from offswitch.model.contact import Contact

# One address and nothing that could become a second one or a second header; whether it exists is for others to say.
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+")


def compose(
    template: Template,
    *,
    contact: Contact,
    variables: Mapping[str, Any],
    sender: Sender,
    key: str,
    unsubscribe_url: str | None,
) -> Letter | MissingVariable:
    """The letter, or what is missing for it. `variables` are `event` (the trigger's payload) and what the step gave to `send()`."""
    if not (_ADDRESS.fullmatch(contact.email) and contact.email.isprintable()):
        return MissingVariable("email", "is not an address that a letter can go to")
    marketing = template.front.purpose == "marketing"
    if marketing and not unsubscribe_url:
        return MissingVariable("unsubscribe_url", "is needed in marketing mail")
    name = "" if _anonymous(contact, variables) else called(contact.name)
    link = (unsubscribe_url or "") if marketing else ""
    done = render(template, _about(contact, name, variables, template.front.fallback), sender, unsubscribe_url=link)
    if isinstance(done, MissingVariable):
        return done
    return Letter(
        to=contact.email,
        to_name=name,
        sender=sender.email,
        sender_name=clean(sender.name),
        reply_to=sender.reply_to,
        subject=done.subject,
        text=done.text,
        html=done.html,
        language=template.language,
        message_id=message_id(key, sender.domain),
        unsubscribe=link,
        digest=digest(contact.email, done.subject, done.text, done.html),
    )


def message_id(key: str, domain: str) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of a send-once key: the same key always has the same one."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def digest(to: str, subject: str, text: str, html: str) -> str:
    """Names recipient and content, so that a permit holds for exactly this letter."""
    return sha256(f"{to}\x1f{subject}\x1f{text}\x1f{html}".encode()).hexdigest()


def _about(contact: Contact, name: str, variables: Mapping[str, Any], fallback: Mapping[str, str]) -> dict[str, Any]:
    """Variables, with the contact's own over them: no event and no step can rename a person."""
    return {**variables, "name": name, "first_name": given(name), "contact": Fields("contact", _reader(contact, name), fallback)}


def _reader(contact: Contact, name: str) -> Any:
    def get(field: str) -> Any:
        return name if field == "name" else contact.get(field)

    return get


def _anonymous(contact: Contact, variables: Mapping[str, Any]) -> bool:
    """A person who gives or asks anonymously is not called by name, whatever the text says."""
    event = variables.get("event")
    return bool(variables.get("anonymous") or contact.get("anonymous") or (isinstance(event, Mapping) and event.get("anonymous")))
