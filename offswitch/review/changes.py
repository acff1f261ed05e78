"""What is different from what was approved, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offswitch.policy.approvals import Subject
from offswitch.policy.strictness import not_looser
from offswitch.review.plan import Changed


def changes(approved: Subject, now: Subject) -> tuple[Changed, ...]:
    """Code and texts first, then the policy's keys in their order."""
    found = [
        Changed(name, getattr(approved, name)[:12], getattr(now, name)[:12], voids=True)
        for name in ("code", "texts")
        if getattr(approved, name) != getattr(now, name)
    ]
    looser = not_looser(approved.policy, now.policy)
    keys = dict.fromkeys((*approved.policy, *now.policy))
    return tuple(found) + tuple(
        Changed(key, _shown(approved.policy.get(key)), _shown(now.policy.get(key)), key in looser)
        for key in keys
        if approved.policy.get(key) != now.policy.get(key)
    )


def _shown(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return "—"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) or "—"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(inner) for inner in value) or "—"
    return str(value)
