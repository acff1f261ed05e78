"""What facts about a person mean at the gate: who may enter, who is an exception, what must be known, how much may be asked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offswitch.gate.act import act
from offswitch.gate.admit import admit
from offswitch.gate.case import RECORD, Case
from offswitch.gate.reasons import reason_in, why_in
from offswitch.model.facts import Known, Score
from offswitch.model.verdict import Admission, Answer, Lane, Verdict, Work
from offswitch.policy.conditions import Holds, condition
from offswitch.policy.exceptions import ExceptionRule, Then
from offswitch.policy.fact_rules import NOTHING, FactRules, Told
from offswitch.policy.facts import Person
from offswitch.policy.vocabulary import FieldKind
from offswitch.testing.fakes import make_contact
from tests.gate.cases import NOW, Outside, Rollout, Rung, Stop, Switch, case_of, policy_of, standing_of
from tests.gate.test_admit import trigger_of

ASKS = FactRules(max_ask={"awareness": 1, "trust": 2})
FIELDS = {"vip": FieldKind.YES_NO, "tier": FieldKind.TEXT}
NO, PERHAPS = Holds(yes=False), Holds(None, "not known: contact.country")


def exception_of(then: Then, when: str = "contact.vip") -> ExceptionRule:
    return ExceptionRule.model_validate({"when": when, "then": then.value, "why": f"because of {when}"})


def told_case(told: Told, **over: Any) -> Case:
    return case_of(told=told, **over)


def person_of(**known: Any) -> Person:
    fields = known.pop("fields", {})
    return Person(
        make_contact(fields=fields), NOW, known={name: Known(value, "crm", NOW - timedelta(hours=2)) for name, value in known.items()}
    )


@pytest.mark.parametrize(
    ("then", "answer", "work"),
    [(Then.HAND_OVER, Answer.HAND_OVER, Work.APPROVAL), (Then.SKIP, Answer.SKIP, None), (Then.EXIT, Answer.EXIT, None)],
)
def test_an_exception_does_what_the_policy_says_before_any_stop(then: Then, answer: Answer, work: Work | None) -> None:
    case = told_case(Told(exception_of(then)))
    assert act(case) == Verdict(answer, "exceptions", "because of contact.vip", work=work)
    stopped = replace(case, standing=standing_of(Stop("company", "", "company.yaml")))
    assert act(stopped).rule == "exceptions"


def test_what_a_person_has_approved_is_handed_over_no_second_time_but_never_sent_against_an_exit() -> None:
    assert act(told_case(Told(exception_of(Then.HAND_OVER)), approved=True)).answer is Answer.ALLOW
    assert act(told_case(Told(exception_of(Then.EXIT)), approved=True)).answer is Answer.EXIT


def test_who_may_be_an_exception_is_for_a_person() -> None:
    verdict = act(told_case(Told(unsure="not known: contact.vip"), approved=True))
    assert (verdict.answer, verdict.rule, verdict.work) == (Answer.HAND_OVER, "exceptions", Work.TRIAGE)


def test_what_must_be_known_and_is_not_is_for_a_person() -> None:
    verdict = act(told_case(Told(lacking="not known: stage")))
    assert verdict == Verdict(Answer.HAND_OVER, "facts", "not known: stage", work=Work.TRIAGE)


@pytest.mark.parametrize(
    ("ask", "stage", "answer"),
    [
        (0, "", Answer.ALLOW),
        (1, "awareness", Answer.ALLOW),
        (2, "awareness", Answer.SKIP),
        (2, "trust", Answer.ALLOW),
        (4, "trust", Answer.SKIP),
        (1, "", Answer.HAND_OVER),
        (1, "elsewhere", Answer.HAND_OVER),
    ],
)
def test_nobody_is_asked_for_more_than_their_stage_allows(ask: int, stage: str, answer: Answer) -> None:
    standing = standing_of(policy=policy_of(facts=ASKS))
    verdict = act(told_case(Told(stage=stage), ask=ask, standing=standing))
    assert (verdict.answer, verdict.rule) == (answer, "" if answer is Answer.ALLOW else "ask")


def test_without_a_funnel_nothing_is_said_about_asking() -> None:
    assert act(told_case(NOTHING, ask=4)).answer is Answer.ALLOW


def test_a_write_to_our_own_books_needs_no_facts() -> None:
    case = told_case(Told(exception_of(Then.EXIT), "not known: x", "not known: y"), purpose=RECORD)
    assert act(case).answer is Answer.ALLOW


@pytest.mark.parametrize(
    ("fits", "admission"),
    [
        (Holds(yes=True), Admission(Lane.MACHINE)),
        (NO, Admission(None, "audience", "not one of those whom the flow is for", final=True)),
        (PERHAPS, Admission(Lane.PEOPLE, "audience", "perhaps not for them; not known: contact.country", final=True)),
    ],
)
def test_only_those_enter_whom_the_flow_is_for(fits: Holds, admission: Admission) -> None:
    assert admit(standing_of(), trigger_of(audience=fits)) == admission


def test_whom_the_flow_is_not_for_is_nobody_s_work_while_it_is_off() -> None:
    off = standing_of(Stop("flow", "welcome", "welcome.yaml"))
    assert admit(off, trigger_of(audience=NO)).lane is None
    assert admit(off, trigger_of(audience=PERHAPS)).final
    closing = standing_of(policy=policy_of(switch=Switch.CLOSING))
    assert admit(closing, trigger_of(audience=PERHAPS)).rule == "audience"


def test_who_is_unknown_does_not_come_in_past_the_rollout() -> None:
    none = standing_of(policy=policy_of(rollout=Rollout(steps=(Rung(ppm=0),), salt="s", outside=Outside.NONE)))
    assert admit(none, trigger_of(audience=PERHAPS)).lane is None


def test_rules_tell_nothing_where_the_policy_asks_for_nothing() -> None:
    assert FactRules().tell(person_of()) is NOTHING
    assert FactRules().fits(person_of()) == Holds(yes=True)


def test_the_first_exception_that_fits_counts_and_an_unknown_one_before_it_is_a_question() -> None:
    rules = FactRules(exceptions=(exception_of(Then.EXIT), exception_of(Then.SKIP, "contact.tier == 'major'")), fields=FIELDS)
    assert rules.tell(person_of(fields={"vip": "yes", "tier": "major"})).exception == rules.exceptions[0]
    assert rules.tell(person_of(fields={"vip": "no", "tier": "major"})).exception == rules.exceptions[1]
    assert rules.tell(person_of(fields={"vip": "no", "tier": "small"})) == NOTHING
    assert rules.tell(person_of(fields={"tier": "major"})) == Told(unsure="not known: contact.vip")


def test_required_facts_name_what_is_missing_and_what_is_too_old() -> None:
    rules = FactRules(required={"contact.country": None, "contact.tier": None, "stage": timedelta(hours=1)}, fields=FIELDS)
    told = rules.tell(person_of(stage="trust"))
    assert told.lacking == "not known: contact.tier, stage (known, but older than 1h)"
    fresh = replace(rules, required={"contact.country": None, "stage": timedelta(hours=2)})
    assert fresh.tell(person_of(stage="trust")).lacking == ""


def test_a_fact_that_is_too_old_makes_conditions_unknown_too() -> None:
    rules = FactRules(audience=condition("score.points > 1"), required={"score.points": timedelta(hours=1)})
    assert rules.fits(person_of(score=Score(5, (), "ready", "trust"))) == Holds(None, "not known: score.points")
    assert replace(rules, required={}).fits(person_of(score=Score(5, (), "ready", "trust"))) == Holds(yes=True)


@pytest.mark.parametrize(
    "why",
    [
        "audience: not one of those whom the flow is for",
        "audience: perhaps not for them; not known: contact.country",
        "exceptions: perhaps an exception; not known: contact.vip",
        "facts: not known: stage",
        "ask: not known: stage; it asks 3 of 4",
        "ask: asks 3 of 4; at the stage trust at most 2",
    ],
)
def test_these_reasons_are_told_in_arabic(why: str) -> None:
    reason = why.partition(": ")[2]
    assert not re.search("known|stage; |people|asks", reason_in("ar", reason)), reason_in("ar", reason)
    assert re.match("[\u0600-\u06ff]", why_in("ar", why))
