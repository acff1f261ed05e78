"""What a step asks for. An action is a wish: only the gate can turn it into an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of effect an action has, and so which connector performs it."""

    SEND = "send"  # a message to the person
    UPDATE = "update"  # fields, stage and tags in the CRM
    NOTE = "note"  # a line in the CRM's timeline
    TASK = "task"  # something for a colleague, in the CRM


@dataclass(frozen=True, slots=True)
class Action:
    """One wish. `name` is part of the send-once key, so it never changes for the same wish in the same step."""

    kind: Kind
    name: str
    channel: str = ""
    message: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A dictionary that `Action.from_json` reads back."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "channel": self.channel,
            "message": self.message,
            "values": dict(self.values),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Action:
        """The action that `to_json` wrote."""
        return cls(Kind(data["kind"]), data["name"], data["channel"], data["message"], data["values"])


def send(message: str, /, *, channel: str = "email", **values: Any) -> Action:
    """Send `messages/<flow>/<message>.<language>.md`. `values` are extra variables for the text."""
    return Action(Kind.SEND, f"send:{message}", channel, message, values)


def update(**fields: Any) -> Action:
    """Write fields to the contact in the CRM. `stage` and `tags` are understood by every CRM; tags are added."""
    if not fields:
        raise ValueError("update() needs at least one field")
    return Action(Kind.UPDATE, "update:" + "+".join(sorted(fields)), "crm", "", fields)


def note(text: str, /, name: str = "note") -> Action:
    """Add a line to the contact's timeline in the CRM. Two notes in one step need two names."""
    return Action(Kind.NOTE, f"note:{name}", "crm", "", {"text": text})


def task(title: str, /, name: str = "task", **values: Any) -> Action:
    """Open a task for a colleague in the CRM. Two tasks in one step need two names."""
    return Action(Kind.TASK, f"task:{name}", "crm", "", {"title": title, **values})
