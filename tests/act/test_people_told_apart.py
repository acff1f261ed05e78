"""Conditions at work: audience, required facts, exceptions, segments and stages, from the file to the letter that goes out or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from offswitch import Decision, Facts, Journey, Plan, finish, send
from offswitch.act.explain import explain
from offswitch.events import DiagnosticCompleted, FormSubmitted
from offswitch.model.verdict import Work
from offswitch.project.plan import make_plan
from offswitch.testing.fakes import FakeCrm
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import pair, ring, tour
from tests.act.rig import Rig

SCORING = """\
questions:
  budget: {required: yes, answers: {yes: {points: 20}, no: {points: 0}}}
bands: [{at_least: 20, segment: rich, stage: decision}, {at_least: 0, segment: poor, stage: trust}]
"""
SEGMENTS = "segments: {ready: {when: score.points >= 20}}\notherwise: learning\n"
FUNNEL = """\
stages: [awareness, trust, decision]
promotes:
  visitor_to_lead: {when: count.message_replied >= 1, to: trust}
  lead_to_opportunity: {when: count.check_started >= 1, to: trust}
  ready_to_sell: {when: score.points >= 20, to: decision}
max_ask: {awareness: 0, trust: 2, decision: 4}
"""
ASKING = "---\nsubject: more\npurpose: marketing\nvalue: a call\nask: 3\nfallback: {first_name: ''}\n---\nHello {{ first_name }}.\n"

chooser = Journey("chooser", starts_on=DiagnosticCompleted, goal=FormSubmitted)


@chooser.step
def choose(lead: Facts) -> Decision:
    return Plan(send("hello" if lead.value("segment") == "ready" else "more"), then=finish("chosen"))


def project(rig: Rig, journey: Journey, more: str = "", **files: str) -> Rig:
    """The same rig with these tables, and with these lines in the flow's policy, approved."""
    for name, text in {"scoring": SCORING, **files}.items():
        rig.save(rig.settings.policies / f"{name}.yaml", text)
    company = rig.settings.policies / "company.yaml"
    rig.save(company, company.read_text("utf-8") + "fields: {vip: yes_no, tier: text}\n")
    rig.policy(journey, more=more)
    rig.approve(journey)
    return rig


def items(rig: Rig, journey: Journey) -> list[tuple[str, Work, str]]:
    with rig.desk(journey) as desk:
        return [(item.reach.partition("@")[0], item.kind, item.why) for item in worklist(desk)]


def told(rig: Rig, journey: Journey, who: str) -> list[dict[str, Any]]:
    with rig.desk(journey) as desk, rig.ledger.read() as book:
        return explain(desk, book, rig.person(who))


def test_an_audience_is_looked_at_once_and_who_can_not_be_told_goes_to_people(rig_of: MakeRig) -> None:
    rig = project(rig_of(tour), tour, "audience: contact.country in ['SA', 'AE']")
    for who, country in (("amal", "SA"), ("basil", "EG"), ("carim", "")):
        rig.submit(who, contact={"country": country})
    report = rig.run(tour)
    assert report.total("entered") == report.total("entered for people") == report.total("not entered") == 1
    assert rig.sent() == ["amal"]
    assert items(rig, tour) == [("carim", Work.BY_HAND, "audience: perhaps not for them; not known: contact.country")]
    rig.submit("carim again", kind="message.replied", who="carim", contact={"country": "SA"})
    rig.run(tour)
    assert rig.sent() == ["amal"]


def test_an_audience_may_name_a_segment(rig_of: MakeRig) -> None:
    rig = project(rig_of(chooser), chooser, "audience: ready", segments=SEGMENTS)
    rig.submit("rich", kind="diagnostic.completed", answers={"budget": "yes"})
    rig.submit("poor", kind="diagnostic.completed", answers={"budget": "no"})
    rig.submit("vague", kind="diagnostic.completed", answers={})
    report = rig.run(chooser)
    assert (report.total("entered"), report.total("not entered"), report.total("entered for people")) == (1, 1, 1)


def test_a_step_may_ask_for_the_segment_and_one_that_can_not_be_told_is_a_person_s_question(rig_of: MakeRig) -> None:
    rig = project(rig_of(chooser), chooser, segments=SEGMENTS)
    for who, answer in (("rich", {"budget": "yes"}), ("poor", {"budget": "no"}), ("vague", {})):
        rig.submit(who, kind="diagnostic.completed", answers=answer)
    rig.run(chooser)
    assert {letter.to: letter.subject for _, letter in rig.mailer.journal} == {"rich@example.com": "hello", "poor@example.com": "more"}
    assert items(rig, chooser) == [("vague", Work.TRIAGE, "not known: segment")]


def test_an_answer_that_comes_later_changes_the_segment_at_the_next_look(rig_of: MakeRig) -> None:
    rig = project(rig_of(chooser), chooser, segments=SEGMENTS)
    rig.submit("mona", kind="diagnostic.completed", answers={})
    rig.run(chooser)
    rig.submit("again", kind="diagnostic.completed", who="mona", answers={"budget": "yes"})
    rig.run(chooser)
    assert told(rig, chooser, "mona")[0]["next"].startswith("send:hello")


def test_a_required_fact_that_is_not_known_is_a_person_s_question_and_nothing_is_sent(rig_of: MakeRig) -> None:
    rig = project(rig_of(tour), tour, "required_facts: [country, tier]")
    rig.submit("amal", contact={"tier": "gold"})
    rig.submit("basil")
    rig.run(tour)
    assert rig.sent() == ["amal"]
    assert items(rig, tour) == [("basil", Work.TRIAGE, "facts: not known: contact.tier")]


def test_a_score_that_is_too_old_is_a_person_s_question(rig_of: MakeRig) -> None:
    rig = project(rig_of(ring), ring, "required_facts: [{score.points: 24h}]")
    rig.submit("form", kind="diagnostic.completed", who="mona", answers={"budget": "yes"})
    rig.submit("mona")
    rig.run(ring)
    rig.run(ring, timedelta(days=1, minutes=1))
    assert rig.sent() == ["mona"]
    assert items(rig, ring)[0][2] == "facts: not known: score.points (known, but older than 24h)"


EXCEPTIONS = """\
exceptions:
  - {when: "has(contact.tier) && contact.tier == 'partner'", then: exit, why: partners hear from the director}
  - {when: contact.vip, then: hand_over, why: VIPs hear from a person}
otherwise: go_on"""


def test_an_exception_hands_over_with_its_reason_and_a_person_s_yes_lets_it_go(rig_of: MakeRig) -> None:
    rig = project(rig_of(tour), tour, EXCEPTIONS)
    for who, contact in (("amal", {"vip": "no"}), ("basil", {"vip": "yes"}), ("carim", {"tier": "partner"}), ("dalal", {})):
        rig.submit(who, contact=contact)
    rig.run(tour)
    assert rig.sent() == ["amal"]
    assert rig.entry(tour, "carim").reason == "partners hear from the director"
    assert sorted(items(rig, tour)) == [
        ("basil", Work.APPROVAL, "exceptions: VIPs hear from a person"),
        ("dalal", Work.TRIAGE, "exceptions: perhaps an exception; not known: contact.vip"),
    ]
    objections = [one for one in told(rig, tour, "basil")[0]["rules"] if one["answer"] != "allow"]
    assert [(one["rule"], one["answer"], one["reason"]) for one in objections] == [("exceptions", "hand over", "VIPs hear from a person")]
    with rig.desk(tour) as desk:
        do(desk, next(item.id for item in worklist(desk) if item.reach.startswith("basil")), Deed("mariam@bayan.example", "approve"))
    rig.run(tour)
    assert rig.sent() == ["amal", "basil"]


@pytest.mark.parametrize(
    ("stage", "sent", "work"),
    [("", ["hello"], ["ask: not known: stage; it asks 3 of 4"]), ("trust", ["hello"], []), ("decision", ["hello", "more"], [])],
)
def test_a_message_that_asks_too_much_for_the_stage_is_left_out(rig_of: MakeRig, stage: str, sent: list[str], work: list[str]) -> None:
    people = {"mona@example.com": {"stage": stage, "tags": []}} if stage else {}
    rig = project(rig_of(pair, crm=FakeCrm(people=people, name="register")), pair, funnel=FUNNEL)
    rig.save(rig.settings.messages / "pair" / "more.en.md", ASKING)
    rig.approve(pair)
    rig.submit("mona")
    rig.run(pair)
    rig.run(pair)
    assert [letter.subject for _, letter in rig.mailer.journal] == sent
    assert [why for _, _, why in items(rig, pair)] == work


def test_a_broken_funnel_stops_every_flow_and_the_last_valid_one_still_holds(rig_of: MakeRig) -> None:
    rig = project(rig_of(tour), tour, funnel=FUNNEL)
    rig.run(tour)
    rig.save(rig.settings.policies / "funnel.yaml", FUNNEL.replace("count.message_replied", "count.mesage_replied"))
    rig.submit("mona")
    rig.run(tour, timedelta(minutes=5))
    assert rig.sent() == []
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        standing = desk.switchboard.look(book)
    assert "did you mean count.message_replied?" in standing.trouble
    assert standing.policy is not None
    assert standing.policy.facts.max_ask == {"awareness": 0, "trust": 2, "decision": 4}


def test_changed_segments_need_a_new_approval(rig_of: MakeRig) -> None:
    rig = project(rig_of(chooser), chooser, segments=SEGMENTS)
    rig.save(rig.settings.policies / "segments.yaml", SEGMENTS.replace("20", "10"))
    rig.submit("rich", kind="diagnostic.completed", answers={"budget": "yes"})
    rig.run(chooser)
    assert rig.sent() == []


def test_a_plan_says_who_would_not_enter_and_why_before_anything_runs(rig_of: MakeRig) -> None:
    rig = project(rig_of(tour), tour, "audience: contact.country == 'SA'")
    rig.submit("amal")
    rig.submit("basil", contact={"country": "EG"})
    arrivals = {(one.outcome, one.rule): one.count for one in make_plan(rig.project, tour).arrivals}
    assert arrivals == {("machine", ""): 1, ("no", "audience"): 1}
