from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.welcome import welcome
from offswitch.journey.journey import Journey
from offswitch.project.plan import make_plan
from offswitch.review.document import as_json
from offswitch.review.line import What
from offswitch.review.plan import PlanOfWork
from tests.act.journeys import echo, fragile, tour
from tests.act.rig import Rig
from tests.review.law import with_real_texts

PEOPLE = (
    ("mona", "Mona Haddad", "en"),
    ("long", "Bartholomew Wolfeschlegelsteinhausenbergerdorff", "en"),
    ("none", "", "en"),
    ("link", "http://spam.example", "en"),
    ("arab", "عبد الرحمن السديري", "ar"),
    ("latin", "Omar Saleh", "ar"),
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", welcome, tour, fragile, echo)
    with_real_texts(made, welcome)
    yield made
    made.close()


def plan_of(rig: Rig, journey: Journey = welcome) -> PlanOfWork:
    return make_plan(rig.project, journey)


def fill(rig: Rig) -> None:
    for who, name, language in PEOPLE:
        rig.submit(who, name=name, contact={"language": language})


def test_every_message_is_shown_in_every_language_for_real_people(rig: Rig) -> None:
    fill(rig)
    samples = plan_of(rig).samples
    assert {(one.message, one.language) for one in samples} == {
        (m, lang) for m in ("confirm", "greet", "value", "checklist") for lang in ("en", "ar")
    }
    assert all(one.origin != "made up" for one in samples)
    assert {one.message for one in samples if one.origin == "due"} == {"confirm"}


def test_the_worst_data_is_among_the_samples(rig: Rig) -> None:
    fill(rig)
    shown = {trait: one.contact.name for one in plan_of(rig).samples for trait in one.traits}
    assert shown["no name"] == ""
    assert shown["name left out"] == "http://spam.example"
    assert shown["longest name"].startswith("Bartholomew")
    assert shown["name in the other script"] == "Omar Saleh"
    assert "right to left" in shown


def test_one_message_in_one_language_is_shown_for_five_people(rig: Rig) -> None:
    for number in range(7):
        rig.submit(f"p{number}")
    samples = plan_of(rig, echo).samples
    assert len({one.id for one in samples if one.message == "hello"}) == 5


def test_a_flow_that_nobody_is_in_is_shown_for_made_up_people(rig: Rig) -> None:
    samples = plan_of(rig).samples
    assert len(samples) == 8
    assert {one.origin for one in samples} == {"made up"}
    assert all("{" not in one.letter.text for one in samples)


def test_no_sample_holds_a_link_that_would_unsubscribe_somebody(rig: Rig) -> None:
    fill(rig)
    shown = [one.letter.html + one.letter.text for one in plan_of(rig).samples]
    assert not [text for text in shown if "/u/" in text]


def test_a_sample_keeps_its_id_as_long_as_its_text_stays(rig: Rig) -> None:
    fill(rig)
    assert [one.id for one in plan_of(rig).samples] == [one.id for one in plan_of(rig).samples]


def test_what_the_flow_s_own_switch_forbids_is_planned_and_other_stops_are_not(rig: Rig) -> None:
    rig.submit("mona")
    rig.switch(welcome, "off")
    plan = plan_of(rig)
    assert [(one.text, one.stays) for one in plan.obstacles] == [("flow welcome is off (welcome.yaml)", False)]
    assert len(plan.first(What.SEND)) == 1
    rig.company(switch="off")
    plan = plan_of(rig)
    assert [one.stays for one in plan.obstacles] == [True, False]
    assert not plan.first(What.SEND)
    assert [line.reason for line in plan.first(What.HAND_OVER)] == ["everything is off (company.yaml)"]


def test_only_the_stop_file_of_the_flow_itself_is_set_aside(rig: Rig) -> None:
    rig.submit("mona")
    rig.settings.stop_file("welcome").touch()
    assert [one.stays for one in plan_of(rig).obstacles] == [False]
    assert plan_of(rig).first(What.SEND)
    rig.settings.stop_file().touch()
    assert True in [one.stays for one in plan_of(rig).obstacles]
    assert not plan_of(rig).first(What.SEND)


def test_an_automatic_stop_stays_in_the_plan(rig: Rig) -> None:
    rig.submit("mona")
    with rig.ledger.write() as book:
        book.stops.add("flow", "welcome", reason="complaints", by="guardrail", at=rig.clock.now(), automatic=True)
    plan = plan_of(rig)
    assert [one.stays for one in plan.obstacles] == [True]
    assert not plan.first(What.SEND)


def test_a_missing_approval_stands_in_the_way_and_is_set_aside(rig: Rig) -> None:
    rig.submit("mona")
    (rig.settings.policies / "approvals/welcome.yaml").unlink()
    plan = plan_of(rig)
    assert [one.text for one in plan.obstacles] == ["not approved yet: see `offswitch plan welcome`"]
    assert plan.approved is None
    assert len(plan.first(What.SEND)) == 1


def test_a_text_that_is_missing_in_a_language_is_a_warning(rig: Rig) -> None:
    rig.policy(welcome, more="capacity: 240 minutes per day")
    (rig.settings.messages / "welcome/greet.ar.md").unlink()
    assert [one.what for one in plan_of(rig).warnings] == ["no Arabic text of 'greet'"]


def test_work_by_hand_is_counted_with_its_minutes(rig: Rig) -> None:
    rig.policy(welcome, steps="0.0001%")
    rig.approve(welcome)
    fill(rig)
    plan = plan_of(rig)
    assert (len(plan.first(What.HAND_OVER)), plan.minutes) == (6, 18)
    assert {line.reason for line in plan.first(What.HAND_OVER)} == {"outside the rollout"}


def test_who_is_inside_is_told_by_step(rig: Rig) -> None:
    fill(rig)
    rig.run(welcome)
    inside = {step.name: dict(step.inside) for step in plan_of(rig).steps}
    assert inside["greet"] == {"waiting": 6}
    assert inside["confirm"] == {}


def test_more_due_work_than_may_go_out_unasked_is_said(rig: Rig) -> None:
    rig.policy(welcome, more="on_resume: {without_asking: 2}")
    fill(rig)
    rig.switch(welcome, "off")
    rig.run(welcome)
    plan = plan_of(rig)
    assert (plan.due, plan.asks_first) == (6, True)


def test_one_failing_step_costs_one_item_and_no_plan(rig: Rig) -> None:
    rig.submit("zero", name="Zero")
    rig.submit("mona")
    plan = plan_of(rig, fragile)
    assert {line.contact.name: line.what for line in plan.lines} == {"Zero": What.HAND_OVER, "Mona Haddad": What.SEND}


def test_nothing_is_written_and_nothing_sent(rig: Rig) -> None:
    fill(rig)
    rig.run(tour)
    before, done = rows(rig), (len(rig.mailer.journal), len(rig.crm.journal))
    for journey in (welcome, tour):
        as_json(plan_of(rig, journey))
    assert rows(rig) == before
    assert (len(rig.mailer.journal), len(rig.crm.journal)) == done


def rows(rig: Rig) -> list[str]:
    """Everything in the ledger, as SQL."""
    connection = sqlite3.connect(rig.settings.home / "ledger.sqlite")
    dump = list(connection.iterdump())
    connection.close()
    return dump
