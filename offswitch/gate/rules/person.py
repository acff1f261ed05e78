"""A message that names a class is a person's decision, whatever any policy says: offers, prices, closing, compensation."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict, Work


def person(case: Case) -> Verdict | None:
    """An approval item, unless this visit is approved."""
    if not case.decides or case.approved:
        return None
    return Verdict(Answer.HAND_OVER, "person", f"a person decides: {case.decides}", work=Work.APPROVAL)
