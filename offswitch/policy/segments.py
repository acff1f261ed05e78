"""`policies/segments.yaml`: everybody is in the first segment that fits, or in the one for all others."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from offswitch.policy.conditions import ConditionText
from offswitch.policy.values import Name, Section


class Segment(Section):
    """One group of people."""

    when: ConditionText
    """Who is in it, unless an earlier segment has them."""


class SegmentsPolicy(Section):
    """`policies/segments.yaml`. The order counts: nobody is in two."""

    segments: Annotated[dict[Name, Segment], Field(min_length=1)]
    """The segments by name, the first that fits first."""
    otherwise: Name
    """The segment of all others. Whoever can't be told apart is in none: a person decides."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in order."""
        return (*self.segments, self.otherwise)

    def canonical(self) -> dict[str, Any]:
        """What an approval is about."""
        return {"segments": [[name, one.when.text] for name, one in self.segments.items()], "otherwise": self.otherwise}
