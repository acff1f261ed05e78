"""What one person would have been sent in a dry run, to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from offswitch.ledger.shadow import ShadowRow
from offswitch.messages.values import clean
from offswitch.model.contact import Contact

SCHEMA = "offswitch.shadow_drafts/1"


def as_text(who: Contact, drafts: Sequence[ShadowRow]) -> str:
    """One mail below the other, the oldest first."""
    if not drafts:
        return f"{clean(who.name) or who.id} would not have been sent anything in a dry run"
    return "\n".join(line for draft in drafts for line in _lines(who, draft)).rstrip()


def _lines(who: Contact, draft: ShadowRow) -> Iterator[str]:
    yield f"{draft.at:%Y-%m-%d %H:%M} UTC  {draft.step}: {draft.message}.{draft.language}"
    yield f"To: {clean(who.email)}"
    yield f"Subject: {clean(draft.subject)}"
    yield from ("", draft.text.strip(), "", "")


def as_json(who: Contact, drafts: Sequence[ShadowRow]) -> dict[str, Any]:
    """One document for other tools."""
    names = ("at", "step", "message", "language", "subject", "text")
    return {"schema": SCHEMA, "contact": who.id, "drafts": [{name: getattr(one, name) for name in names} for one in drafts]}
