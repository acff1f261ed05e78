from __future__ import annotations

import pytest

from offswitch.errors import Refused
from offswitch.policy.schema import Role
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.worklist.people import LINA, OMAR, act, only_item

OPERATOR, APPROVER = frozenset({Role.OPERATOR}), frozenset({Role.APPROVER})


def test_what_somebody_absent_has_taken_is_taken_over_by_who_may_and_the_row_says_so(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    act(rig, tour, "take")
    rig.letter(tour, "hello", purpose="marketing")
    kept = only_item(rig, tour).drafts
    for roles, note, why in ((OPERATOR, "ill", "the role approver or owner"), (APPROVER, "", "say why")):
        with pytest.raises(Refused, match=why):
            act(rig, tour, "take-over", by=OMAR, roles=roles, note=note)
    act(rig, tour, "take-over", by=OMAR, roles=APPROVER, note="Lina is ill")
    assert (only_item(rig, tour).taken_by, only_item(rig, tour).drafts) == (OMAR, kept)
    act(rig, tour, "done", by=OMAR, note="sent")
    with rig.ledger.read() as book:
        (row,) = book.work.all()
    assert row.note == f"2025-03-03 09:00 UTC: from {LINA} to {OMAR}: Lina is ill; sent"


def test_what_nobody_else_has_taken_is_not_taken_over(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    for _ in range(2):
        with pytest.raises(Refused, match="nobody else has taken this item"):
            act(rig, tour, "take-over", note="why not", roles=APPROVER)
        act(rig, tour, "take")


def test_only_an_approver_or_owner_approves(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.letter(echo, "hello", decides="offer")
    rig.approve(echo)
    rig.submit("mona")
    rig.run(echo)
    with pytest.raises(Refused, match="may not approve: that takes the role approver or owner"):
        act(rig, echo, "approve", roles=OPERATOR)
    act(rig, echo, "approve", roles=APPROVER)
