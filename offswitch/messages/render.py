"""A template and one person's facts become a finished text, or the name of what is missing. Values never act as templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from offswitch.messages.sender import Sender
from offswitch.messages.template import Template
from offswitch.messages.values import clean, presentable

LARGEST = 200_000  # characters of HTML; some readers cut a mail at half of that


@dataclass(frozen=True, slots=True)
class Rendered:
    """One finished text. `subject` and `preheader` are single lines."""

    subject: str
    preheader: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class MissingVariable:
    """The text can't be made from these facts, so nothing is sent. `why` is for people and holds no value of a contact."""

    name: str
    why: str = "is not known and has no fallback"

    def __str__(self) -> str:
        return f"{self.name} {self.why}"


def render(template: Template, variables: Mapping[str, Any], sender: Sender, *, unsubscribe_url: str = "") -> Rendered | MissingVariable:
    """Fill in one copy. Never raises for what a contact, an event or a step holds."""
    values = _values(template, variables, sender, unsubscribe_url)
    try:
        values["subject"] = subject = clean(template.subject.render(values))
        values["preheader"] = preheader = clean(template.preheader.render(values))
        if not subject:
            return MissingVariable("subject", "is empty")
        html = template.html.render(values)
        text = template.text.render(values)
    except UndefinedError as error:
        return MissingVariable(error.message or "a variable")
    except (TypeError, ValueError, ArithmeticError, SecurityError) as error:
        return MissingVariable("a variable", f"does not fit where the text uses it ({type(error).__name__})")
    if len(html) > LARGEST:
        return MissingVariable("text", f"is longer than {LARGEST} characters")
    return Rendered(subject, preheader, text, html)


def _values(template: Template, variables: Mapping[str, Any], sender: Sender, unsubscribe_url: str) -> dict[str, Any]:
    """What the text sees: no empty values, fallbacks in their place, and names of ours that no variable can take."""
    fallback = template.front.fallback
    values: dict[str, Any] = {name: text for name, text in fallback.items() if text and "." not in name}
    for name, value in variables.items():
        found = presentable(value, name, fallback)
        if found is not None:
            values[name] = found
    values.setdefault("event", presentable({}, "event", fallback))
    values["language"] = template.language
    values["sender_name"] = sender.name
    values["postal_address"] = sender.postal_address
    values["privacy_url"] = sender.privacy_url
    values.pop("unsubscribe_url", None)
    if unsubscribe_url:
        values["unsubscribe_url"] = unsubscribe_url
    return values
