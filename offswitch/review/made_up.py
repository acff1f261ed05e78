"""Values for drafts that no real person is there for: obviously made up, of the kinds that the text expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from offswitch.journey.journey import Journey
from offswitch.messages.compose import compose
from offswitch.messages.letter import Letter
from offswitch.messages.render import MissingVariable
from offswitch.messages.sender import Sender
from offswitch.messages.template import Template
from offswitch.messages.words import primary
from offswitch.model.contact import Contact

_NAMES = {"ar": "أمينة مثال", "en": "Amina Example"}
_WORDS: Mapping[str, Any] = {"currency": "SAR", "language": "en"}


def made_up_letter(
    journey: Journey, template: Template, sender: Sender, *, key: str, unsubscribe_url: str, now: datetime, to: str = "amina@example.com"
) -> Letter | MissingVariable:
    """The message, written to nobody."""
    return compose(
        template,
        contact=made_up_contact(template, to),
        variables=_values(journey, template, now),
        sender=sender,
        key=key,
        unsubscribe_url=unsubscribe_url,
    )


def made_up_contact(template: Template, to: str = "amina@example.com") -> Contact:
    """Nobody, with all that the text names of a person."""
    asked = {name.partition(".")[2] for name in template.variables if name.startswith("contact.")}
    name = _NAMES.get(primary(template.language), _NAMES["en"])
    return Contact("made-up", to, name, template.language, fields={field: f"[{field}]" for field in asked})


def _values(journey: Journey, template: Template, now: datetime) -> dict[str, Any]:
    """The trigger's fields by their type; what a step gives, as its name in brackets."""
    event = {field.name: _value(field.name, str(field.type), now) for field in fields(journey.starts_on)}
    values: dict[str, Any] = {"event": event}
    for name in template.variables:
        first, _, rest = name.partition(".")
        if not rest and name not in _WORDS:
            values.setdefault(name, f"[{name}]")
        elif first not in ("event", "contact") and rest:
            values.setdefault(first, {})[rest] = f"[{rest}]"
    return values


def _value(name: str, kind: str, now: datetime) -> Any:
    if name in _WORDS:
        return _WORDS[name]
    if "Mapping" in kind:
        return {}
    if "datetime" in kind:
        return now
    if "bool" in kind:
        return False
    return 250 if "float" in kind or "int" in kind else f"[{name}]"
