"""The diagnosis (F03): the result at once, then the path that fits."""

from __future__ import annotations

import pytest

from flows.diagnostic_triage import answer, call, diagnostic_triage, exact_points, fix_first, one_sheet, result, review, triage
from offswitch import Plan, days, finish, hand_over, send, update
from offswitch.events import CallBooked, DiagnosticCompleted, Replied
from offswitch.model.facts import Facts, Score, Unknown
from offswitch.model.plan import HandOver, Step
from tests.flows.people import happened, someone


def scored(segment: str = "learning", *, missing: tuple[str, ...] = (), agreed: bool = True) -> Facts:
    score = Score(7, ("wants-calls",), segment, "trust", missing)
    return someone(happened(DiagnosticCompleted, answers={"q1": "yes"}), score=score, agreed=agreed)


def test_missing_answers_are_asked_for_by_a_person() -> None:
    assert triage(scored(missing=("q2", "q4"))) == hand_over(
        "ask for what is missing: q2, q4", outcomes={"answered": result, "no answer": finish("answers missing")}
    )


def test_complete_answers_lead_to_the_result_without_a_wait() -> None:
    assert triage(scored()) == Plan(then=result)


def test_without_a_score_the_step_asks_instead_of_guessing() -> None:
    with pytest.raises(Unknown, match="score"):
        triage(someone(happened(DiagnosticCompleted)))


PATHS = [("ready", call, 0), ("learning", one_sheet, 1), ("not_ready", fix_first, 1), ("strange", review, 0)]


@pytest.mark.parametrize(("segment", "then", "wait"), PATHS)
def test_each_segment_gets_its_result_and_its_own_path(segment: str, then: Step, wait: int) -> None:
    assert result(scored(segment)) == Plan(
        send("result", segment=segment),
        update(stage="trust", tags=["wants-calls"], score=7, segment=segment),
        then=then,
        after=days(wait),
        or_when={Replied: answer},
    )


def test_people_decide_about_offers() -> None:
    asked = call(scored("ready"))
    assert isinstance(asked, HandOver)
    assert asked.outcomes == {"fit": finish("offer with a person"), "later": one_sheet, "no": finish("not a fit")}


def test_an_unknown_segment_is_read_by_a_person_who_may_choose_any_path() -> None:
    asked = review(scored("strange"))
    assert isinstance(asked, HandOver)
    assert {call, one_sheet, fix_first} <= set(asked.outcomes.values())


def test_those_who_learn_get_two_exercises_with_days_between() -> None:
    assert one_sheet(scored()) == Plan(send("one_sheet"), then=exact_points, after=days(4), or_when={Replied: answer})
    assert exact_points(scored()) == Plan(send("exact_points"), then=finish("series complete"))


def test_who_is_not_ready_learns_what_to_fix_by_hand_first() -> None:
    assert fix_first(scored("not_ready")) == Plan(send("fix_first"), then=finish("advised to fix by hand first"))


@pytest.mark.parametrize("step", [one_sheet, exact_points, fix_first])
def test_advice_goes_only_to_those_who_agreed(step: Step) -> None:
    assert step(scored(agreed=False)) == finish("no marketing consent")


def test_a_reply_lets_a_person_choose_what_follows() -> None:
    asked = answer(scored())
    assert isinstance(asked, HandOver)
    assert asked.outcomes == {"call": call, "advice": exact_points, "in conversation": finish("in conversation")}


def test_the_journey_aims_at_a_call_and_needs_the_score() -> None:
    assert (diagnostic_triage.starts_on, diagnostic_triage.goal, diagnostic_triage.needs) == (DiagnosticCompleted, CallBooked, ("score",))
