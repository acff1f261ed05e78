"""Each rule by itself, and the order in which they speak."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from offswitch.gate.act import act
from offswitch.gate.rules import ORDER
from offswitch.model.action import Action, Kind
from offswitch.model.verdict import ALLOW, Answer, Lane, Verdict, Work
from tests.gate.cases import (
    DAY,
    MARKETING,
    NOW,
    RECORD,
    SERVICE,
    WEEK,
    YES,
    Cap,
    Human,
    Late,
    Stop,
    WhenOff,
    case_of,
    policy_of,
    standing_of,
    with_policy,
)  # fmt: skip

HOUR = timedelta(hours=1)
NOBODY: frozenset[tuple[str, str]] = frozenset()
TWO_A_DAY, THREE_A_WEEK = Cap(2, DAY), Cap(3, WEEK)


def test_a_case_without_objections_is_allowed() -> None:
    assert act(case_of()) is ALLOW


@pytest.mark.parametrize(
    ("stop", "rule", "answer"),
    [
        (Stop("company", "", "company.yaml"), "stop", Answer.HAND_OVER),
        (Stop("flow", "welcome", "ledger", automatic=True), "stop", Answer.HAND_OVER),
        (Stop("channel", "email", "company.yaml"), "stop", Answer.HAND_OVER),
        (Stop("connector", "smtp", "company.yaml"), "stop", Answer.HAND_OVER),
        (Stop("step", "greet", "welcome.yaml"), "stop", Answer.HOLD),
        (Stop("channel", "sms", "company.yaml"), "", Answer.ALLOW),
        (Stop("connector", "hubspot", "company.yaml"), "", Answer.ALLOW),
        (Stop("step", "confirm", "welcome.yaml"), "", Answer.ALLOW),
    ],
)
def test_a_stop_does_what_when_off_says(stop: Stop, rule: str, answer: Answer) -> None:
    policy = policy_of(step_when_off={"greet": WhenOff.HOLD})
    verdict = act(case_of(standing=standing_of(stop, policy=policy)))
    assert (verdict.answer, verdict.rule) == (answer, rule)
    assert (verdict.work is Work.BY_HAND) is (answer is Answer.HAND_OVER)


@pytest.mark.parametrize(
    ("purpose", "consent", "onward", "answer"),
    [
        (MARKETING, YES, YES, Answer.ALLOW),
        (MARKETING, NOBODY, YES, Answer.EXIT),
        (MARKETING, NOBODY, {(SERVICE, "email")}, Answer.SKIP),
        (MARKETING, {(MARKETING, "sms")}, {(MARKETING, "sms")}, Answer.SKIP),
        (MARKETING, {("research", "email")}, YES, Answer.EXIT),
        (SERVICE, NOBODY, NOBODY, Answer.ALLOW),
        (RECORD, NOBODY, NOBODY, Answer.ALLOW),
    ],
)
def test_marketing_needs_consent_for_its_purpose_and_channel(
    purpose: str, consent: frozenset[tuple[str, str]], onward: set[tuple[str, str]], answer: Answer
) -> None:
    verdict = act(case_of(purpose=purpose, consent=frozenset(consent), onward=frozenset(onward)))
    assert (verdict.answer, verdict.rule) == (answer, "" if answer is Answer.ALLOW else "consent")


@pytest.mark.parametrize("purpose", [MARKETING, SERVICE])
@pytest.mark.parametrize(("onward", "answer"), [(YES, Answer.EXIT), ({(SERVICE, "sms")}, Answer.SKIP), (NOBODY, Answer.EXIT)])
def test_a_suppressed_address_gets_nothing_whatever_the_purpose(purpose: str, onward: set[tuple[str, str]], answer: Answer) -> None:
    verdict = act(case_of(purpose=purpose, suppressed=frozenset({"email"}), onward=frozenset(onward)))
    assert (verdict.answer, verdict.rule) == (answer, "suppression")


def test_what_nobody_knows_is_a_question() -> None:
    assert act(case_of(lacking="name is not known")) == Verdict(Answer.HAND_OVER, "facts", "name is not known", work=Work.TRIAGE)


def test_who_is_outside_the_rollout_stays_with_people() -> None:
    verdict = act(case_of(lane=Lane.PEOPLE, lane_reason="outside the rollout"))
    assert verdict == Verdict(Answer.HAND_OVER, "rollout", "outside the rollout", work=Work.BY_HAND)


@pytest.mark.parametrize(
    ("decides", "humans", "approved", "asked"),
    [
        ("offer", {Human.OFFER}, False, True),
        ("offer", {Human.OFFER}, True, False),
        ("mass", {Human.OFFER}, False, True),
        ("public_apology", set(), False, True),
        ("", {Human.OFFER}, False, False),
    ],
)
def test_a_person_decides_what_people_decide(decides: str, humans: set[Human], approved: bool, asked: bool) -> None:
    case = with_policy(case_of(decides=decides, approved=approved), humans_decide=frozenset(humans))
    verdict = act(case)
    assert (verdict.answer, verdict.work) == ((Answer.HAND_OVER, Work.APPROVAL) if asked else (Answer.ALLOW, None))


@pytest.mark.parametrize(
    ("then", "answer", "work"),
    [(Late.REVIEW, Answer.HAND_OVER, Work.LATE), (Late.SKIP, Answer.SKIP, None), (Late.SEND, Answer.ALLOW, None)],
)
def test_what_is_too_late_is_not_sent_unseen(then: Late, answer: Answer, work: Work | None) -> None:
    case = with_policy(case_of(since=NOW - 73 * HOUR), late_then=then)
    assert (act(case).answer, act(case).work) == (answer, work)


@pytest.mark.parametrize(
    ("behind", "put_off", "approved", "purpose", "late"),
    [
        (72 * HOUR, 0 * HOUR, False, MARKETING, False),
        (72 * HOUR + timedelta(microseconds=1), 0 * HOUR, False, MARKETING, True),
        (90 * HOUR, 20 * HOUR, False, MARKETING, False),
        (90 * HOUR, 10 * HOUR, False, SERVICE, True),
        (900 * HOUR, 0 * HOUR, True, MARKETING, True),
        (900 * HOUR, 0 * HOUR, False, RECORD, False),
    ],
)
def test_lateness_is_counted_without_what_the_gate_put_off(
    behind: timedelta, put_off: timedelta, approved: bool, purpose: str, late: bool
) -> None:
    verdict = act(case_of(since=NOW - behind, put_off=put_off, approved=approved, purpose=purpose))
    assert (verdict.rule == "late") is late


@pytest.mark.parametrize(
    ("ages", "until"),
    [
        ([], None),
        ([1], None),
        ([1, 2], 22),
        ([1, 23.999], 0.001),
        ([1, 24], None),
        ([2, 30, 50], 7 * 24 - 50),
        ([1, 2, 3], 7 * 24 - 3),
        ([30, 60, 7 * 24], None),
    ],
)
def test_caps_roll_with_the_hours_and_know_no_midnight(ages: list[float], until: float | None) -> None:
    case = with_policy(case_of(sent=tuple(NOW - age * HOUR for age in ages)), caps=(TWO_A_DAY, THREE_A_WEEK))
    assert act(case) == ALLOW if until is None else act(case)[::3] == (Answer.DEFER, NOW + until * HOUR)


@pytest.mark.parametrize("purpose", [SERVICE, RECORD])
def test_service_mail_and_records_pass_caps(purpose: str) -> None:
    assert act(with_policy(case_of(purpose=purpose, sent=(NOW,)), caps=(Cap(1, DAY),))) is ALLOW


def test_a_failing_connector_holds_its_work() -> None:
    verdict = act(case_of(down="smtp: no answer", down_until=NOW + HOUR))
    assert verdict == Verdict(Answer.HOLD, "connector", "smtp: no answer", NOW + HOUR)


def test_what_would_be_put_off_for_too_long_is_skipped() -> None:
    case = with_policy(case_of(sent=(NOW - HOUR,), put_off=timedelta(days=6, hours=2)), caps=(Cap(1, DAY),))
    assert (act(case).answer, act(case).rule) == (Answer.SKIP, "cap")
    assert act(replace(case, put_off=timedelta(days=6, hours=1))).answer is Answer.DEFER


def test_rules_speak_in_one_order_what_ends_first_then_who_then_when() -> None:
    names = [rule.__name__ for rule in ORDER]
    ends, who, when = names[:6], names[6:9], names[9:]
    assert ends == ["suppression", "consent", "exceptions", "ask", "facts", "ticket"]
    assert who == ["stop", "lane", "person"]
    assert when == ["late", "calendar", "quiet_hours", "silence", "cap", "group", "priority", "mass", "rate", "connector"]


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.NOTE, Kind.TASK])
def test_a_register_write_is_judged_by_stops_alone(kind: Kind) -> None:
    case = case_of(action=Action(kind, "x", "crm"), purpose=RECORD, connector="local", consent=NOBODY, sent=(NOW,))
    assert act(with_policy(case, caps=(Cap(1, DAY),))) is ALLOW
    assert act(replace(case, standing=standing_of(Stop("connector", "local", "company.yaml")))).rule == "stop"
