"""The pure gate: every rule with its reason, over the answers that a day brings; and the permit's look at the switch.

Cases are prebuilt and lie in memory, as they do for a window of effects. `now` is one instant for each window.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

from bench.every_key import every_key
from bench.measure import Case, Row, turns
from bench.site import site
from flows.welcome import welcome
from offswitch.gate import case as gate
from offswitch.gate.act import act
from offswitch.gate.case import Begun
from offswitch.gate.rival import Claim, Rival
from offswitch.gate.standing import Standing, Stop
from offswitch.model.action import send
from offswitch.model.verdict import ALLOW, Answer, Lane, Verdict, Work
from offswitch.policy.effective import Effective
from offswitch.policy.fact_rules import Told

TITLE = "one verdict after the other on one core (CPU time)"
NOON = datetime(2026, 11, 3, 9, tzinfo=UTC)  # in Riyadh
NIGHT = NOON + timedelta(hours=10)
MARKETING = frozenset({(gate.MARKETING, "email")})
BARE, LOOK = "eight bare checks, interned results", "one bare os.stat"

_SUPPRESSED, _NO_CONSENT = Verdict(Answer.EXIT, "suppression"), Verdict(Answer.EXIT, "consent")
_LACKING, _APPROVAL = Verdict(Answer.HAND_OVER, "facts", work=Work.TRIAGE), Verdict(Answer.HAND_OVER, "person", work=Work.APPROVAL)
_LATE, _DOWN = Verdict(Answer.HAND_OVER, "late", work=Work.LATE), Verdict(Answer.HOLD, "connector")
_QUIET, _CAPPED = Verdict(Answer.DEFER, "quiet hours"), Verdict(Answer.DEFER, "cap")


def measured(*, short: bool) -> list[Row]:
    """Decisions and looks."""
    rounds, times = (100, 5) if short else (400, 9)
    with site(welcome) as made:
        project = made.project()
        board = project.switchboard(welcome)
        with project.ledger.read() as book:
            standing = board.look(book)
        cases = mixture(standing)
        kept = [{field.name: getattr(case, field.name) for field in fields(gate.Case)} for case in cases]
        path = str(made.policy)
        (made.settings.home / "every").mkdir()
        every = with_every_key(standing, every_key(made.settings.home / "every"))
        looks = rounds * 25
        rows = turns(
            [
                Case(BARE, "decisions/s", lambda: _rate(bare, cases, rounds)),
                Case("act(): all rules, with reasons", "decisions/s", lambda: _rate(act, cases, rounds), BARE, "500,000"),
                Case("act(): a policy that uses every key", "decisions/s", lambda: _rate(act, every, rounds), BARE, "500,000"),
                Case("Case built from its parts + act()", "decisions/s", lambda: _rate(_build_and_act, kept, rounds), BARE),
                Case(LOOK, "µs", lambda: _each(lambda: os.stat(path), looks)),  # noqa: PTH116 - the bound is the bare call
                Case("the permit's look: objection()", "µs", lambda: _each(board.objection, looks), LOOK),
            ],
            times,
        )
        project.ledger.close()
    return rows


def mixture(standing: Standing) -> list[gate.Case]:
    """What a day brings: half are allowed, the others meet each rule; four windows in two zones."""
    stopped = replace(standing, stops=(Stop("flow", "welcome", "welcome.yaml"),))
    no_email = replace(standing, stops=(Stop("channel", "email", "company.yaml"),))
    long_ago, lately = NOON - timedelta(days=4), NOON - timedelta(hours=3)
    odd: list[dict[str, Any]] = [
        {"suppressed": frozenset({"email"})},
        {"consent": frozenset()},
        {"consent": frozenset(), "onward": frozenset({(gate.SERVICE, "email")})},
        {"lacking": "tier is not known and has no fallback"},
        {"standing": stopped},
        {"standing": no_email},
        {"lane": Lane.PEOPLE, "lane_reason": "outside the rollout"},
        {"decides": "offer"},
        {"since": long_ago},
        {"now": NIGHT},
        {"sent": (lately,)},
        {"down": "smtp: the server cut the connection", "down_until": NOON + timedelta(minutes=5)},
    ]
    return _day(standing, odd, {})


def with_every_key(standing: Standing, policy: Effective) -> list[gate.Case]:
    """The same day under a policy that limits in every way there is; its odd half meets each of these ways."""
    rival = Rival("tour", 70, grouped=False)
    grouped, alone = (Claim(one, "e1", NOON, NOON, going=True) for one in (replace(rival, grouped=True), rival))
    began = [Begun(cap, 10, NOON) for cap in (policy.pace.flow_rate, policy.pace.company_rate) if cap is not None]
    usual = {"told": Told(stage="trust"), "ask": 2, "country": "SA", "begun": began, "unanswered": (NOON - timedelta(days=5),)}
    odd: list[dict[str, Any]] = [
        {"suppressed": frozenset({"email"})},
        {"told": Told(policy.facts.exceptions[0], stage="trust")},
        {"ask": 3},
        {"told": Told(lacking="not known: contact.employees", stage="trust")},
        {"standing": replace(standing, policy=policy, stops=(Stop("channel", "email", "company.yaml"),))},
        {"now": NOON + timedelta(days=3)},
        {"now": NIGHT},
        {"unanswered": tuple(NOON - timedelta(days=age) for age in range(1, 7))},
        {"sent": (NOON - timedelta(hours=3),)},
        {"ahead": (grouped,)},
        {"ahead": (alone,)},
        {"begun": [replace(one, count=one.limit.count) for one in began]},
    ]
    return _day(replace(standing, policy=policy, rivals=(rival,)), odd, usual)


def _day(standing: Standing, odd: list[dict[str, Any]], usual: dict[str, Any]) -> list[gate.Case]:
    fine: list[dict[str, Any]] = [{}, {"sent": (NOON - timedelta(days=4),)}, {"purpose": gate.SERVICE, "consent": frozenset()}]
    return [
        _case(standing, window, zone, {**usual, **said})
        for window in range(4)
        for zone in (ZoneInfo("Asia/Riyadh"), ZoneInfo("Africa/Cairo"))
        for said in (*odd, *(fine * 4))
    ]


def bare(case: gate.Case) -> Verdict:
    """What one would write by hand for one policy, with nothing computed that can be known before."""
    if case.suppressed:
        return _SUPPRESSED
    marketing = case.purpose == gate.MARKETING
    if marketing and (gate.MARKETING, "email") not in case.consent:
        return _NO_CONSENT
    if case.lacking:
        return _LACKING
    if case.standing.halt is not None or case.lane is not Lane.MACHINE:
        return case.standing.halt or ALLOW
    if case.decides:
        return _APPROVAL
    if case.now - case.since > _THREE_DAYS:
        return _LATE
    if marketing and not 6 <= case.now.hour < 18:
        return _QUIET
    if marketing and case.sent and case.sent[0] > case.now - _DAY:
        return _CAPPED
    return _DOWN if case.down else ALLOW


_DAY, _THREE_DAYS = timedelta(days=1), timedelta(days=3)


def _case(standing: Standing, window: int, zone: ZoneInfo, said: dict[str, Any]) -> gate.Case:
    now = NOON + timedelta(seconds=window)
    usual = {"now": now, "since": now, "consent": MARKETING, "onward": MARKETING, "purpose": gate.MARKETING, "standing": standing}
    return gate.Case(**{"action": send("greet"), "step": "greet", "zone": zone, "connector": "smtp", **usual, **said})


def _build_and_act(parts: dict[str, Any]) -> Verdict:
    return act(gate.Case(**parts))


def _rate(decide: Callable[[Any], Verdict], cases: Sequence[Any], rounds: int) -> float:
    began = thread_time()
    for _ in range(rounds):
        for case in cases:
            decide(case)
    return rounds * len(cases) / (thread_time() - began)


def _each(look: Callable[[], object], times: int) -> float:
    began = thread_time()
    for _ in range(times):
        look()
    return (thread_time() - began) / times * 1e6
