"""What is asked before a flow goes live, weighed: every combination, and every reason to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.gate.act import act
from offswitch.gate.admit import Trigger, admit
from offswitch.gate.bucket import bucket
from offswitch.gate.readiness import SHEET, Grade, Item, Known, Reading, State, Weighed, grade, reading, weigh
from offswitch.model.verdict import Answer, Lane
from offswitch.policy.drilled import Drilled
from offswitch.policy.readiness import (
    CUSTOMER,
    DRILL,
    PROCESS,
    Acknowledgement,
    Answered,
    Asked,
    Heard,
    Readiness,
    Reply,
    Thresholds,
    Waiver,
    asked_of,
    runbook_digest,
)
from offswitch.policy.schema import WhenOff
from tests.gate.cases import NOW, Rollout, Rung, case_of, policy_of, standing_of

TODAY = date(2025, 3, 3)
LINA, OMAR, MARIAM = "lina@bayan.example", "omar@bayan.example", "mariam@bayan.example"
RUNBOOK = "When: an item is there. Who: the team. By when: as due. 1. Open it. 2. Send it. Decide: in doubt, ask. It ends: with the last."
PATH = ("hello:done",)
NOT_YES = (State.NO, State.UNSURE, State.MISSING, State.EXPIRED)
DRILLED = Drilled(datetime(2025, 3, 1, tzinfo=UTC), passed=True, digest="d", again="offswitch drill welcome", by=LINA)
KNOWN = Known(TODAY, DRILLED, covered=True, paths=(PATH,) * 10)


def said_of(age: int = 1, **over: Any) -> Readiness:
    """Everything is answered, so many days ago."""
    by: dict[str, Any] = {"by": MARIAM, "on": TODAY - timedelta(days=age), "evidence": "notes"}
    answers: dict[str, Any] = {name: Answered(answer=Reply.YES, **by) for name in PROCESS}
    answers |= {name: Heard(answer="in their words", **by) for name in CUSTOMER}
    answers["runbook_known"] = (ack(LINA), ack(OMAR))
    return Readiness(**{**answers, **over})


def ack(by: str, runbook: str = RUNBOOK, age: int = 1) -> Acknowledgement:
    return Acknowledgement(by=by, on=TODAY - timedelta(days=age), runbook=runbook_digest(runbook))


def asked(said: Readiness | None = None, company: Thresholds | None = None) -> Asked:
    found = asked_of(said or said_of(), company or Thresholds(), RUNBOOK, (LINA, OMAR))
    assert found is not None
    return found


def item(found: Weighed, name: str) -> Item:
    return next(one for one in found.items if one.name == name)


def test_nothing_is_asked_when_neither_file_asks() -> None:
    assert asked_of(None, None, RUNBOOK, ()) is None
    assert asked_of(Readiness(), None, RUNBOOK, ()) is not None


def test_who_has_answered_everything_is_eligible() -> None:
    found = weigh(asked(), KNOWN)
    assert (found.grade, found.reading, found.open, found.ending) == (Grade.ELIGIBLE, Reading.MOSTLY_YES, (), ())


@pytest.mark.parametrize("other", NOT_YES)
@pytest.mark.parametrize("pattern", list(product([True, False], repeat=4)))
def test_every_combination_of_the_four_has_its_verdict(pattern: tuple[bool, ...], other: State) -> None:
    four = [State.YES if yes else other for yes in pattern]
    yes = sum(pattern)
    expected = Grade.BLOCKED if not pattern[3] or yes < 2 else Grade.ELIGIBLE if yes == 4 else Grade.PILOT
    assert grade(four, rest=True) is expected
    assert grade(four, rest=False) is Grade.BLOCKED
    assert reading(four) is {0: Reading.MOSTLY_NO, 1: Reading.MOSTLY_NO, 4: Reading.MOSTLY_YES}.get(yes, Reading.WAVERING)


@given(st.lists(st.sampled_from(list(State)), min_size=4, max_size=4), st.integers(0, 3), st.booleans())
def test_one_yes_less_never_gives_the_machine_more(four: list[State], place: int, rest: bool) -> None:
    order = [Grade.BLOCKED, Grade.PILOT, Grade.ELIGIBLE]
    fewer = [State.UNSURE if at == place else state for at, state in enumerate(four)]
    assert order.index(grade(fewer, rest)) <= order.index(grade(four, rest))


@pytest.mark.parametrize("name", CUSTOMER)
def test_a_customer_question_that_is_open_or_ran_out_blocks(name: str) -> None:
    old = Heard(answer="x", by=MARIAM, on=TODAY - timedelta(days=181), evidence="x")
    for answer, state in ((None, State.MISSING), (old, State.EXPIRED)):
        over: dict[str, Any] = {name: answer}
        found = weigh(asked(said_of(**over)), KNOWN)
        assert (found.grade, item(found, name).state) == (Grade.BLOCKED, state)


def test_an_answer_counts_on_its_last_day_and_not_on_the_next() -> None:
    assert weigh(asked(said_of(age=180, runbook_known=(ack(LINA), ack(OMAR)))), KNOWN).grade is Grade.ELIGIBLE
    assert weigh(asked(said_of(age=181, runbook_known=(ack(LINA), ack(OMAR)))), KNOWN).grade is Grade.BLOCKED


def test_an_answer_from_the_future_is_none() -> None:
    assert item(weigh(asked(said_of(age=-2)), KNOWN), PROCESS[0]).state is State.MISSING
    assert item(weigh(asked(said_of(age=-1)), KNOWN), PROCESS[0]).state is State.YES  # tomorrow has begun in the far east


@pytest.mark.parametrize(
    ("drill", "covered", "state"),
    [
        (None, False, State.MISSING),
        (Drilled(DRILLED.at, passed=False, digest="d", again=""), True, State.NO),
        (DRILLED, False, State.CHANGED),
        (Drilled(datetime(2024, 12, 2, tzinfo=UTC), passed=True, digest="d", again=""), True, State.EXPIRED),
        (Drilled(datetime(2024, 12, 3, tzinfo=UTC), passed=True, digest="d", again="", by=LINA), True, State.YES),
        (replace(DRILLED, by=""), True, State.UNPRACTISED),
        (replace(DRILLED, by=MARIAM), True, State.UNPRACTISED),
        (replace(DRILLED, quick=True), True, State.QUICK),
        (replace(DRILLED, quick=True, passed=False), True, State.NO),
    ],
)
def test_only_a_fresh_drill_of_what_is_there_now_answers_the_fourth(drill: Drilled | None, covered: bool, state: State) -> None:
    found = weigh(asked(), Known(TODAY, drill, covered, KNOWN.paths))
    assert item(found, DRILL).state is state
    assert found.grade is {State.YES: Grade.ELIGIBLE, State.QUICK: Grade.PILOT}.get(state, Grade.BLOCKED)


def test_a_runbook_that_doesn_t_say_when_it_ends_blocks() -> None:
    found = weigh(asked_of(said_of(), Thresholds(), RUNBOOK.partition(" It ends")[0], (LINA, OMAR)) or asked(), KNOWN)
    assert (found.grade, item(found, SHEET).state, item(found, SHEET).answer) == (Grade.BLOCKED, State.NO, "end")


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ((ack(LINA),), State.MISSING),
        ((ack(LINA), ack(LINA)), State.MISSING),
        ((ack(LINA), ack(MARIAM)), State.MISSING),  # she is not in the team
        ((ack(LINA, "another text"), ack(OMAR, "another text")), State.CHANGED),
        ((ack(LINA), ack(OMAR, "another text")), State.MISSING),
        ((ack(LINA, age=181), ack(OMAR, age=181)), State.EXPIRED),
        ((ack(LINA, f"\n{RUNBOOK}  \n"), ack(OMAR)), State.YES),
    ],
)
def test_two_different_people_of_the_team_know_the_runbook_as_it_is(known: tuple[Acknowledgement, ...], state: State) -> None:
    found = weigh(asked(said_of(runbook_known=known)), KNOWN)
    assert item(found, "runbook_known").state is state
    assert found.grade is (Grade.ELIGIBLE if state is State.YES else Grade.BLOCKED)


@pytest.mark.parametrize(("runs", "grade_"), [(0, Grade.BLOCKED), (9, Grade.BLOCKED), (10, Grade.ELIGIBLE), (11, Grade.ELIGIBLE)])
def test_nine_runs_by_hand_block_and_ten_pass(runs: int, grade_: Grade) -> None:
    assert weigh(asked(), Known(TODAY, DRILLED, covered=True, paths=(PATH,) * runs)).grade is grade_


@pytest.mark.parametrize(("days", "state"), [(-1, State.EXPIRED), (0, State.WAIVED), (7, State.WAIVED), (30, State.EXPIRED)])
def test_a_waiver_holds_to_its_day_and_never_long(days: int, state: State) -> None:
    waiver = Waiver(waived_by=(LINA, OMAR), why="a fair", until=TODAY + timedelta(days=days))
    found = weigh(asked(said_of(manual_runs=waiver)), Known(TODAY, DRILLED, covered=True))
    assert item(found, "manual_runs").state is state
    assert found.grade is (Grade.ELIGIBLE if state is State.WAIVED else Grade.BLOCKED)


@pytest.mark.parametrize(
    ("same", "other", "state"),
    [(4, 0, State.TOO_FEW), (1, 3, State.TOO_FEW), (1, 4, State.NO), (7, 3, State.NO), (8, 2, State.YES), (10, 0, State.YES)],
)
def test_four_in_five_must_go_one_way(same: int, other: int, state: State) -> None:
    paths = (PATH,) * same + tuple((f"way {n}",) for n in range(other))
    found = weigh(asked(said_of(manual_runs=1)), Known(TODAY, DRILLED, covered=True, paths=paths))
    assert item(found, "stability").state is state
    assert found.grade is (Grade.BLOCKED if state is State.NO else Grade.ELIGIBLE)


def test_what_runs_out_within_a_week_is_named_the_first_one_first() -> None:
    worry = Heard(answer="x", by=MARIAM, on=TODAY - timedelta(days=178), evidence="x")
    language = Heard(answer="x", by=MARIAM, on=TODAY - timedelta(days=173), evidence="x")
    hesitation = Heard(answer="x", by=MARIAM, on=TODAY - timedelta(days=172), evidence="x")
    found = weigh(asked(said_of(worry=worry, language=language, hesitation=hesitation)), KNOWN)
    assert [one.name for one in found.ending] == ["worry", "language"]


def test_a_flow_s_thresholds_come_before_the_company_s() -> None:
    said = said_of(manual_runs=3, expires=timedelta(days=2), age=3)
    found = weigh(asked(said, Thresholds(manual_runs=50)), KNOWN)
    assert (item(found, "manual_runs").need, item(found, "worry").state) == (3, State.EXPIRED)


@pytest.mark.parametrize(("when_off", "answer"), [(WhenOff.HAND_OVER, Answer.HAND_OVER), (WhenOff.HOLD, Answer.HOLD)])
def test_an_unready_flow_s_work_goes_where_it_goes_when_off(when_off: WhenOff, answer: Answer) -> None:
    standing = standing_of(policy=policy_of(when_off=when_off), unready="not ready: 2 of 11 are open")
    verdict = act(case_of(standing=standing))
    assert (verdict.answer, verdict.rule) == (answer, "readiness")
    admission = admit(standing, Trigger("c", NOW, NOW))
    assert (admission.lane, admission.rule, admission.final) == (Lane.PEOPLE, "readiness", False)
    assert standing.causes == {"readiness": "not ready: 2 of 11 are open"}


def test_a_missing_approval_is_said_before_readiness() -> None:
    assert act(case_of(standing=standing_of(unapproved="changed", unready="not ready"))).rule == "approval"


@pytest.mark.parametrize(
    ("rungs", "rung"), [((Rung(ppm=1_000_000),), 0), ((Rung(contacts=10), Rung(ppm=200_000)), 1), ((Rung(ppm=10_000),), 0)]
)
def test_a_pilot_takes_a_twentieth_whatever_the_step(rungs: tuple[Rung, ...], rung: int) -> None:
    standing = standing_of(policy=policy_of(rollout=Rollout(steps=rungs, salt="s")), pilot=True)
    share = min(rungs[rung].ppm or 0, 50_000)
    for n in range(2_000):
        admission = admit(standing, Trigger(f"c{n}", NOW, NOW, rung=rung, inside=1_000))
        assert (admission.lane is Lane.MACHINE) == (bucket("s", f"c{n}") < share)
        assert admission.final == (admission.lane is not Lane.MACHINE)


def test_a_pilot_takes_fifty_contacts_of_a_larger_number() -> None:
    standing = standing_of(policy=policy_of(rollout=Rollout(steps=(Rung(contacts=500),), salt="s")), pilot=True)
    lanes = [admit(standing, Trigger("c", NOW, NOW, inside=inside)) for inside in (49, 50)]
    assert [(one.lane, one.reason) for one in lanes] == [(Lane.MACHINE, ""), (Lane.PEOPLE, "outside the pilot")]
