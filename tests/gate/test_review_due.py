"""Somebody has to look from time to time; what every report says of that and of lifted rules, in Arabic too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from offswitch.gate.act import act
from offswitch.gate.lifted import Lifted, without
from offswitch.gate.reasons import reason_in
from offswitch.gate.review import in_standing, next_review
from offswitch.gate.seen import replay
from offswitch.model.verdict import Answer
from offswitch.policy.overrides import Lifts
from offswitch.policy.schema import WhenOff
from offswitch.policy.values import QuietHours
from tests.gate.cases import case_of, policy_of, standing_of

WEEK = timedelta(days=7)
SIGNED = datetime(2026, 11, 18, 15, tzinfo=UTC)
BY = "mariam@bayan.example"
LIFTED = Lifted(Lifts.QUIET_HOURS, date(2026, 11, 22), ("Mariam", "Omar"), "the hall has changed")


@pytest.mark.parametrize(
    ("now", "overdue", "told"),
    [
        ("2026-11-23T23:59", False, False),
        ("2026-11-24T00:00", False, True),  # the day before
        ("2026-11-25T14:59", False, True),
        ("2026-11-25T15:00", True, False),
    ],
)
def test_people_are_told_the_day_before_and_then_it_is_overdue(now: str, overdue: bool, told: bool) -> None:
    found = in_standing("welcome", next_review(WEEK, (BY, SIGNED), ""), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (bool(found.get("unreviewed")), bool(found.get("reminder"))) == (overdue, told)


def test_the_first_review_counts_from_the_approval_and_nothing_is_asked_before() -> None:
    first = next_review(WEEK, None, "2026-11-18T18:00:00+03:00")
    assert first is not None
    assert (first.due, str(first)) == (SIGNED + WEEK, "next review until 2026-11-25 15:00 UTC, none yet")
    assert next_review(WEEK, None, "") is None
    assert in_standing("welcome", None, SIGNED) == {}
    spoilt = next_review(WEEK, None, "some day")
    assert "unreviewed" in in_standing("welcome", spoilt, SIGNED)


@pytest.mark.parametrize(("when_off", "answer"), [(WhenOff.HAND_OVER, Answer.HAND_OVER), (WhenOff.HOLD, Answer.HOLD)])
def test_overdue_work_goes_where_it_goes_when_off(when_off: WhenOff, answer: Answer) -> None:
    standing = standing_of(policy=policy_of(when_off=when_off), unreviewed="nobody has looked")
    verdict = act(case_of(standing=standing))
    assert (verdict.answer, verdict.rule) == (answer, "review")
    assert standing.causes == {"review": "nobody has looked"}


def test_a_lifted_rule_says_so_in_place_of_what_it_saw() -> None:
    policy = policy_of(quiet=QuietHours(time(0), time(23)))
    assert act(case_of(standing=standing_of(policy=policy))).rule == "quiet hours"
    case = case_of(standing=replace(standing_of(policy=without(policy, (LIFTED,))), lifted=(LIFTED,)))
    assert act(case).answer is Answer.ALLOW
    saw = {rule["rule"]: rule["saw"] for rule in replay(case)}
    assert saw["quiet hours"] == "quiet_hours lifted until 2026-11-22 by Mariam and Omar: the hall has changed"
    assert "lifted" not in saw["cap"]


def test_reports_speak_arabic() -> None:
    overdue = in_standing("welcome", next_review(WEEK, (BY, SIGNED), ""), SIGNED + WEEK)["unreviewed"]
    told = [overdue, str(next_review(WEEK, (BY, SIGNED), "")), str(next_review(WEEK, None, "2026-11-18"))]
    told += [str(replace(LIFTED, what=what)) for what in Lifts]
    told += [f"{off} is off (ledger) until 2026-12-01 21:00 UTC: by {BY}" for off in ("everything", "flow welcome", "channel email")]
    assert all(reason_in("ar", one)[0] not in one and reason_in("ar", one) != one for one in told)
    assert reason_in("ar", str(LIFTED)) == "ساعات الهدوء مرفوعة حتى \u20662026-11-22\u2069 بقرار من Mariam وOmar: the hall has changed"
