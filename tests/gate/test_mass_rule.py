"""One approver answers for so many messages; what is above waits, and is never dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from offswitch.gate.act import act
from offswitch.gate.case import RECORD, Begun, Case
from offswitch.gate.reasons import reason_in
from offswitch.model.verdict import ALLOW, Answer
from offswitch.policy.schema import Cap
from tests.gate.cases import DAY, NOW, WEEK, case_of, standing_of

HOUR = timedelta(hours=1)
LIMIT = Cap(500, DAY)


def case(count: int, room: timedelta = DAY, **over: Any) -> Case:
    return case_of(standing=standing_of(mass=LIMIT), mass=Begun(LIMIT, count, NOW + room), **over)


@pytest.mark.parametrize(
    ("made", "objects"),
    [
        (case(499), False),
        (case(500), True),
        (case(500, approved=True), False),
        (case(500, purpose="service"), True),
        (case(500, purpose=RECORD), False),
        (case_of(), False),
    ],
)
def test_above_it_a_second_person_has_to_approve(made: Case, objects: bool) -> None:
    verdict = act(made)
    assert (verdict.rule == "mass") is objects
    assert objects or verdict is ALLOW


def test_it_looks_again_when_there_is_room_and_every_hour_besides() -> None:
    assert act(case(500)).until == NOW + HOUR
    assert act(case(500, room=HOUR / 2)).until == NOW + HOUR / 2


def test_nobody_is_dropped_or_late_for_lack_of_a_signature() -> None:
    verdict = act(case(500, put_off=9 * WEEK, since=NOW - 9 * WEEK))
    assert (verdict.answer, verdict.reason) == (Answer.DEFER, "more than 500 per day: a second person has to approve")
    assert reason_in("ar", verdict.reason) == "أكثر من 500 في اليوم، ويلزم اعتماد شخص ثانٍ"
