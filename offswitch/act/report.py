"""What a pass did, in counts that people read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

NOBODY_KNOWS = ("unknown outcomes", "there are messages of which nobody knows whether they arrived")


@dataclass(slots=True)
class Report:
    """Counts by what happened and why; `notices` are what somebody should be told."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    notices: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, reason: str = "", n: int = 1) -> None:
        """Something happened `n` times."""
        self.counts[what, reason] += n

    def notice(self, reason: str, text: str) -> None:
        """Something that people want to know. `reason` is the same for the same trouble, so that it is told once an hour."""
        if (reason, text) not in self.notices:
            self.notices.append((reason, text))

    def total(self, what: str) -> int:
        """How often this happened, whatever the reason."""
        return sum(count for (name, _), count in self.counts.items() if name == what)

    def merge(self, other: Report) -> None:
        """Add another report to this one."""
        self.counts.update(other.counts)
        for reason, text in other.notices:
            self.notice(reason, text)

    def to_json(self) -> dict[str, Any]:
        """Totals, and reasons below them."""
        totals: dict[str, Any] = {}
        for (what, reason), count in sorted(self.counts.items()):
            place = totals.setdefault(what, {"count": 0, "reasons": {}})
            place["count"] += count
            if reason:
                place["reasons"][reason] = count
        return totals
