"""Whoever doesn't answer hears less and less, and then nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.gate.act import act
from offswitch.gate.rules.silence import pause_until
from offswitch.model.verdict import Answer
from offswitch.policy.limits import Silence, Times
from offswitch.policy.pace import Pace
from tests.gate.cases import DAY, MARKETING, NOW, SERVICE, case_of, with_policy

TWO = Silence(after=2, slower=Times(20), stop=4)
SILENCES = st.builds(
    lambda after, more, tenths: Silence(after=after, slower=Times(tenths), stop=after + more),
    st.integers(2, 4),
    st.integers(1, 8),
    st.integers(10, 40),
)


@pytest.mark.parametrize(
    ("ages", "answer", "wait"),
    [
        ([], Answer.ALLOW, None),
        ([1], Answer.ALLOW, None),
        ([1, 3], Answer.DEFER, 3),  # two days between them: four after the newer one
        ([4, 6], Answer.ALLOW, None),
        ([1, 3, 4], Answer.DEFER, 3),  # the longest pause counts
        ([1, 1], Answer.DEFER, 1),  # what came at once counts as a day
        ([20, 30, 40, 50], Answer.SKIP, None),
    ],
)
def test_pauses_grow_with_the_messages_without_an_answer(ages: list[int], answer: Answer, wait: int | None) -> None:
    case = case_of(unanswered=tuple(NOW - age * DAY for age in ages))
    verdict = act(with_policy(case, pace=Pace(silence=TWO)))
    assert (verdict.answer, verdict.until) == (answer, None if wait is None else NOW + wait * DAY)


def test_service_mail_goes_to_the_silent_too() -> None:
    silent = with_policy(case_of(unanswered=tuple(NOW - n * DAY for n in range(9))), pace=Pace(silence=TWO))
    assert act(silent).answer is Answer.SKIP
    silent.purpose = SERVICE
    assert (silent.purpose, act(silent).answer) != (MARKETING, Answer.SKIP)
    assert act(silent).answer is Answer.ALLOW


@given(SILENCES, st.lists(st.timedeltas(timedelta(0), 20 * DAY), min_size=1, max_size=30))
def test_s0_35_gaps_never_shrink_for_a_silent_contact(wish: Silence, waits: list[timedelta]) -> None:
    """Whenever a step comes due, at the earliest it goes out when its pause is over."""
    sent: list[datetime] = [NOW]
    for wait in waits:
        if len(sent) < wish.stop:
            until = pause_until(wish, tuple(reversed(sent)))
            sent.append(max(sent[-1] + wait, until or sent[-1]))
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    for before, after in pairwise(gaps[wish.after - 2 :]):  # from the gap on after which they count as silent
        assert after >= before
        assert after >= before * wish.slower.tenths / 10
    assert len(sent) <= wish.stop
