"""Where a flow stands: what stops it, in which words, and what becomes of its work."""

from __future__ import annotations

import pytest

from offswitch.gate.standing import Standing, Stop
from offswitch.model.verdict import Answer, Work
from tests.gate.cases import WhenOff, policy_of, standing_of

OFF = Stop("flow", "welcome", "welcome.yaml")
HOLDS = policy_of(when_off=WhenOff.HOLD)


def test_a_flow_that_is_on_and_approved_has_no_halt() -> None:
    assert standing_of().halt is None
    assert standing_of().off is None


@pytest.mark.parametrize(
    ("standing", "answer", "rule"),
    [
        (standing_of(OFF), Answer.HAND_OVER, "stop"),
        (standing_of(OFF, policy=HOLDS), Answer.HOLD, "stop"),
        (standing_of(trouble="line 3"), Answer.HOLD, "policy"),
        (standing_of(trouble="line 3", trouble_settled=True), Answer.HAND_OVER, "stop"),
        (standing_of(trouble="line 3", trouble_settled=True, policy=HOLDS), Answer.HOLD, "stop"),
        (standing_of(unapproved="changed"), Answer.HOLD, "approval"),
        (standing_of(unapproved="changed", unapproved_long=True), Answer.HAND_OVER, "approval"),
        (standing_of(unapproved="changed", unapproved_long=True, policy=HOLDS), Answer.HOLD, "approval"),
        (Standing("welcome", None), Answer.HOLD, "policy"),
        (Standing("welcome", None, trouble="line 3"), Answer.HOLD, "policy"),
        (standing_of(OFF, unapproved="changed"), Answer.HAND_OVER, "stop"),
    ],
)
def test_what_halts_a_flow_does_what_the_policy_says(standing: Standing, answer: Answer, rule: str) -> None:
    assert standing.halt is not None
    assert (standing.halt.answer, standing.halt.rule) == (answer, rule)
    assert (standing.halt.work is Work.BY_HAND) is (answer is Answer.HAND_OVER)


def test_a_broken_file_names_its_place() -> None:
    halt = standing_of(trouble="welcome.yaml:3:1: unknown key", trouble_settled=True).halt
    assert halt is not None
    assert "welcome.yaml:3:1" in halt.reason


def test_a_stop_of_a_part_does_not_halt_the_flow() -> None:
    standing = standing_of(*(Stop(scope, "x", "company.yaml") for scope in ("step", "channel", "connector")))
    assert standing.halt is None
    assert [list(part) for part in (standing.steps, standing.channels, standing.connectors)] == [["x"], ["x"], ["x"]]


def test_a_step_may_be_held_while_the_rest_is_handed_over() -> None:
    standing = standing_of(Stop("step", "greet", "welcome.yaml"), policy=policy_of(step_when_off={"greet": WhenOff.HOLD}))
    assert (standing.when_off(), standing.when_off("greet")) == (WhenOff.HAND_OVER, WhenOff.HOLD)
    assert standing.steps["greet"].answer is Answer.HOLD


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (Stop("company", "", "environment", "OFFSWITCH_STOP is set"), "everything is off (environment): OFFSWITCH_STOP is set"),
        (Stop("flow", "welcome", "ledger"), "flow welcome is off (ledger)"),
        (Stop("channel", "email", "company.yaml"), "channel email is off (company.yaml)"),
    ],
)
def test_a_stop_says_what_is_off_where_and_why(stop: Stop, words: str) -> None:
    assert str(stop) == words
