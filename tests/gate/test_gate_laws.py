"""Laws of the gate, for any facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.gate.act import act
from offswitch.gate.case import Case
from offswitch.gate.standing import Standing
from offswitch.model.verdict import Answer
from tests.gate.cases import (
    CAPS,
    DAY,
    MARKETING,
    NOW,
    QUIET,
    RECORD,
    STOPS,
    Cap,
    Human,
    Late,
    QuietHours,
    Stop,
    case_of,
    cases,
    with_policy,
)  # fmt: skip

LAW = settings(max_examples=60)  # cases are large and slow to draw


@LAW
@given(cases(), st.lists(STOPS, min_size=1, max_size=3))
def test_any_stop_stops(case: Case, stops: list[Stop]) -> None:
    assert act(replace(case, standing=replace(case.standing, stops=tuple(stops)))).answer is not Answer.ALLOW


@LAW
@given(cases(), st.sampled_from(["trouble", "unapproved"]), st.booleans(), st.booleans())
def test_a_broken_or_unapproved_policy_stops(case: Case, what: str, settled: bool, long: bool) -> None:
    standing = replace(case.standing, trouble_settled=settled, unapproved_long=long, **{what: "changed"})  # type: ignore[arg-type]
    assert act(replace(case, standing=standing)).answer is not Answer.ALLOW


@LAW
@given(cases())
def test_no_policy_stops(case: Case) -> None:
    assert act(replace(case, standing=Standing("welcome", None))).answer is not Answer.ALLOW


@LAW
@given(cases())
def test_nobody_gets_anything_on_a_suppressed_channel(case: Case) -> None:
    assert act(replace(case, suppressed=frozenset({"email"}))).answer in (Answer.SKIP, Answer.EXIT)


@LAW
@given(cases())
def test_nobody_gets_marketing_without_consent(case: Case) -> None:
    verdict = act(replace(case, purpose=MARKETING, consent=frozenset(), suppressed=frozenset()))
    assert verdict.rule == "consent"
    assert verdict.answer in (Answer.SKIP, Answer.EXIT)


@LAW
@given(cases())
def test_a_deferral_has_a_time_ahead_within_what_may_be_put_off(case: Case) -> None:
    verdict = act(case)
    if verdict.answer is Answer.DEFER:
        assert case.standing.policy is not None
        assert verdict.until is not None
        assert case.now < verdict.until
        assert case.put_off + (verdict.until - case.now) <= case.standing.policy.max_defer


@LAW
@given(cases())
def test_every_refusal_names_its_rule_and_its_reason(case: Case) -> None:
    verdict = act(case)
    assert verdict.answer is Answer.ALLOW or (verdict.rule and verdict.reason)
    assert (verdict.work is not None) is (verdict.answer is Answer.HAND_OVER)


@LAW
@given(cases(), CAPS)
def test_another_cap_never_lets_anything_through(case: Case, more: tuple[Cap, ...]) -> None:
    assert case.standing.policy is not None
    stricter = with_policy(case, caps=case.standing.policy.caps + more)
    assert act(case).answer is Answer.ALLOW or act(stricter).answer is not Answer.ALLOW


@LAW
@given(cases(), QUIET, st.integers(0, 600))
def test_longer_quiet_hours_never_let_anything_through(case: Case, quiet: QuietHours, more: int) -> None:
    length = (quiet.end.hour * 60 + quiet.end.minute - quiet.start.hour * 60 - quiet.start.minute) % 1440
    end = (quiet.start.hour * 60 + quiet.start.minute + min(length + more, 1439)) % 1440
    wider = QuietHours(quiet.start, quiet.end.replace(hour=end // 60, minute=end % 60))
    shorter, longer = with_policy(case, quiet=quiet), with_policy(case, quiet=wider)
    assert act(shorter).answer is Answer.ALLOW or act(longer).answer is not Answer.ALLOW
    assert act(with_policy(case, quiet=None)).answer is Answer.ALLOW or act(shorter).answer is not Answer.ALLOW


@LAW
@given(cases(), st.timedeltas(timedelta(0), timedelta(days=5)), st.frozensets(st.sampled_from(Human)))
def test_stricter_lateness_and_more_for_people_never_let_anything_through(case: Case, less: timedelta, more: frozenset[Human]) -> None:
    policy = case.standing.policy
    assert policy is not None
    if act(case).answer is Answer.ALLOW:
        return
    for over in (
        {"late_after": max(policy.late_after - less, timedelta(0))},
        {"late_then": Late.REVIEW},
        {"humans_decide": policy.humans_decide | more},
        {"max_defer": max(policy.max_defer - less, timedelta(0))},
    ):
        assert act(with_policy(case, **over)).answer is not Answer.ALLOW


@LAW
@given(st.integers(1, 4), st.lists(st.timedeltas(timedelta(0), 3 * DAY), max_size=8))
def test_whoever_waits_as_long_as_told_is_let_through_by_the_cap(count: int, ages: list[timedelta]) -> None:
    sent = tuple(sorted((NOW - age for age in ages), reverse=True))
    case = with_policy(case_of(sent=sent), caps=(Cap(count, DAY),))
    verdict = act(case)
    in_window = sum(moment > NOW - DAY for moment in sent)
    assert (verdict.answer is Answer.DEFER) is (in_window >= count)
    if verdict.until is not None:
        assert act(replace(case, now=verdict.until, since=verdict.until)).answer is Answer.ALLOW
        assert act(replace(case, now=verdict.until - timedelta(microseconds=1))).answer is Answer.DEFER


@LAW
@given(cases())
def test_the_gate_is_a_function_of_its_case(case: Case) -> None:
    assert act(case) == act(replace(case))


@LAW
@given(cases())
def test_our_own_books_are_never_capped_quiet_or_late(case: Case) -> None:
    verdict = act(replace(case, purpose=RECORD))
    assert verdict.rule not in ("cap", "quiet hours", "late", "consent")
