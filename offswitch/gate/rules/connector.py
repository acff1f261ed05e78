"""A connector that fails holds its work: nothing is dropped, nothing is hammered."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict


def connector(case: Case) -> Verdict | None:
    """Hold while the connector is down."""
    if not case.down:
        return None
    return Verdict(Answer.HOLD, "connector", case.down, case.down_until)
