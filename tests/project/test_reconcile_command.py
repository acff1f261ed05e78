"""`offswitch reconcile` as people type it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from offswitch import hours
from offswitch.cli.reconcile import command
from offswitch.model.effect import Stage
from offswitch.model.receipt import Outcome
from offswitch.project.flows import Flows
from offswitch.testing.fakes import Answer, FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig
from tests.project.backups import MARIAM, KnowingMailer, backup, put_back

OMAR = "omar@bayan.example"
WHY = ("--why", "the disk died")


@pytest.fixture
def rig(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Two people in the company, one of them an approver; a second person is needed for more than two people."""
    made = rig_of(tour, echo)
    made.project.__dict__["flows"] = Flows({"tour": tour, "echo": echo})
    path = made.settings.policies / "company.yaml"
    people = f"roles: [owner]}}\n  {OMAR}: {{name: Omar, roles: [approver]}}"
    made.save(path, path.read_text().replace("roles: [owner]}", people) + "on_resume: {second_person_above: 2}\n")
    for journey in (tour, echo):
        made.approve(journey)
    monkeypatch.setattr("offswitch.cli.reconcile.Project", lambda: made.project)
    return made


def call(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def said(result: Result) -> str:
    return f"{result.output}{result.exception or ''}"


def forget(rig: Rig, *people: str) -> None:
    """These had their second letter after the backup."""
    rig.submit_all(*people)
    rig.run(tour)
    copy = backup(rig)
    rig.run(tour, hours(49))
    put_back(rig, copy)
    rig.run(tour)


def test_when_all_is_well_it_says_so(rig: Rig) -> None:
    rig.submit("mona")
    rig.run(tour)
    assert (call().exit_code, call().output) == (0, "Nothing is in doubt, and the ledger is whole.\n")
    assert "nothing to accept" in said(call("--accept", "--by", MARIAM, *WHY))


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_provider_can_tell_is_settled_and_moves_on(rig: Rig, kept: bool) -> None:
    rig.project.mailer = rig.mailer = KnowingMailer({"mona@example.com": [Answer(Outcome.UNKNOWN, "lost", kept=kept)]})
    rig.submit("mona")
    rig.run(echo)
    assert len(rig.effects(echo, Stage.UNKNOWN)) == 1
    found = json.loads(call("echo", "--json").output)
    assert found["flows"] == {"echo": {"told": 1, "in_doubt": []}}
    rig.run(echo)
    assert (rig.sent(), rig.states(echo)) == (["mona"], ["finished"])
    assert rig.effects(echo, Stage.UNKNOWN) == []


def test_what_nobody_can_tell_stays_a_question_and_is_listed(rig: Rig) -> None:
    rig.project.mailer = rig.mailer = FakeMailer({"mona@example.com": [Answer(Outcome.UNKNOWN, "lost")]})
    rig.submit("mona")
    rig.run(echo)
    before = rig.entry(echo)
    listed = call()
    assert listed.exit_code == 0
    assert "echo: 1 in doubt, each a question on the worklist:" in listed.output
    assert "send:hello  since 2025-03-03 09:00 UTC" in listed.output
    assert rig.entry(echo) == before


def test_a_restored_ledger_is_explained_in_numbers_and_changes_nothing_yet(rig: Rig) -> None:
    forget(rig, "mona")
    result = call()
    assert result.exit_code == 1
    for words in (
        "The ledger is a copy of 2025-03-03 09:00 UTC",
        "tour: 1 inside may have had more than the ledger knows,\n    1 of them what is due now",
        "of 2 nobody can tell",
        "nothing is sent until somebody says: offswitch reconcile --accept --why REASON --by YOU",
    ):
        assert words in said(result)
    assert json.loads(call("--json").output.partition("\nnothing")[0])["restored"]["people"] == 1
    rig.run(tour)
    assert len(rig.sent()) == 2


def test_accepting_takes_a_named_person_and_a_reason(rig: Rig) -> None:
    forget(rig, "mona")
    for words in (["--accept"], ["--accept", "--by", MARIAM], ["--accept", *WHY], ["--accept", "--by", "who@example.org", *WHY]):
        assert call(*words).exit_code == 1
    assert call("tour", "--accept", "--by", MARIAM, *WHY).exit_code == 2
    assert call("--accept", "--by", MARIAM, *WHY).exit_code == 0
    rig.run(tour)
    assert (len(rig.sent()), rig.states(tour)) == (2, ["worklist"])
    assert call().exit_code == 0


def test_many_people_take_a_second_person(rig: Rig) -> None:
    forget(rig, "mona", "sara", "lina")
    asked = call("--accept", "--by", MARIAM, *WHY)
    assert asked.exit_code == 1
    assert f'offswitch reconcile --accept --why "the disk died" --by {OMAR}' in said(asked)
    assert call("--accept", "--by", MARIAM, *WHY).exit_code == 1
    rig.run(tour)
    assert rig.states(tour) == ["waiting"] * 3
    agreed = call("--accept", "--by", OMAR, *WHY)
    assert agreed.exit_code == 0, said(agreed)
    assert f"Accepted by {MARIAM} and {OMAR}: the disk died." in agreed.output


def test_people_in_a_flow_that_cant_be_loaded_are_not_left_unprotected(rig: Rig) -> None:
    forget(rig, "mona")
    rig.project.__dict__["flows"] = Flows({"echo": echo})
    assert "there are people in flows that can't be loaded: tour (1)" in said(call("--accept", "--by", MARIAM, *WHY))


def test_a_damaged_mark_can_be_made_anew_by_a_named_person(rig: Rig) -> None:
    rig.submit("mona")
    rig.run(tour)
    rig.project.highwater.path.write_bytes(b"\0" * 512)
    rig.submit("lina")
    rig.run(tour, hours(1))
    assert rig.sent() == ["mona"]
    assert call("--accept", "--by", MARIAM, *WHY).exit_code == 0
    rig.run(tour, hours(48))
    assert rig.sent() == ["mona", "mona"]
