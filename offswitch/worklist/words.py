"""How work is said to people."""

from __future__ import annotations

from offswitch.model.action import Action, Kind
from offswitch.model.verdict import Work

OUTCOMES = {
    Work.BY_HAND: ("done", "skip"),
    Work.STEP: ("done", "skip"),
    Work.APPROVAL: ("approve", "done", "skip"),
    Work.LATE: ("approve", "done", "skip"),
    Work.UNKNOWN: ("got-it", "did-not"),
    Work.TRIAGE: ("done", "skip", "retry"),
}


def change_in_words(action: Action) -> str:
    """A CRM write as one line."""
    values = ", ".join(f"{name} = {_said(value)}" for name, value in action.values.items())
    match action.kind:
        case Kind.NOTE:
            return f"write a note: {action.values.get('text', '')}"
        case Kind.TASK:
            return f"open a task: {action.values.get('title', '')}"
        case _:
            return f"in the customer register: {values}"


def _said(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
