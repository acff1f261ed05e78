"""What is worth an alert by merely standing there: invalid files, held work, work that waits for people."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Lane, Work
from offswitch.project.notices import standing_notices
from offswitch.project.project import Project
from offswitch.testing.fakes import NOON, FrozenClock
from tests.serve.site import project_in

FLOW = """\
switch: off
owner: mariam@bayan.example
team: support
when_off: hand_over
runbook: Open the item, send the draft, mark it done.
minutes_per_item: 3
rollout: {steps: [100%]}
"""
LONG_AGO = NOON - timedelta(hours=25)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = project_in(tmp_path, FrozenClock(NOON))
    company = tmp_path / "policies" / "company.yaml"
    company.write_text(company.read_text(encoding="utf-8").replace("switch: off", "switch: on"), encoding="utf-8")
    for name in project.flows.journeys:
        (tmp_path / "policies" / f"{name}.yaml").write_text(FLOW, encoding="utf-8")
    return project


def change(project: Project, flow: str, old: str, new: str) -> None:
    path = project.settings.policies / f"{flow}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    os.utime(path, (0, 0))


def wait(project: Project, due: datetime, state: State = State.WAITING, lane: Lane = Lane.MACHINE) -> None:
    with project.ledger.write() as book:
        number = len(list(book.entries.all()))
        work = Work.TRIAGE if state is State.WORKLIST else None
        book.entries.add(Entry(f"e{number}", "welcome", f"c{number}", "confirm", due, due, state=state, lane=lane, work=work))


def test_a_quiet_project_has_nothing_to_say(project: Project) -> None:
    wait(project, NOON - timedelta(hours=23))
    wait(project, NOON + timedelta(days=3))
    assert standing_notices(project) == []


def test_work_that_waited_for_people_too_long_is_counted(project: Project) -> None:
    wait(project, LONG_AGO)
    wait(project, LONG_AGO, State.WORKLIST)
    wait(project, LONG_AGO, lane=Lane.PEOPLE)
    wait(project, NOON)
    [(reason, text)] = standing_notices(project)
    assert reason == "overdue welcome"
    assert text.startswith("welcome: 3 waiting for a person for more than 24h")


def test_nothing_is_held_in_silence(project: Project) -> None:
    change(project, "welcome", "hand_over", "hold")
    wait(project, LONG_AGO)
    wait(project, LONG_AGO, State.HELD)
    wait(project, LONG_AGO, State.WORKLIST)
    assert [reason for reason, _ in standing_notices(project)] == ["held welcome", "overdue welcome"]
    assert "welcome: 2 held for more than 24h" in standing_notices(project)[0][1]


def test_who_is_over_is_not_waiting(project: Project) -> None:
    wait(project, LONG_AGO, State.FINISHED)
    wait(project, LONG_AGO, State.EXITED)
    assert standing_notices(project) == []


def test_an_invalid_file_is_named_with_its_line(project: Project) -> None:
    change(project, "welcome", "minutes_per_item: 3", "minuets_per_item: 3")
    notices = dict(standing_notices(project))
    assert list(notices) == ["invalid file welcome.yaml"]
    assert "welcome.yaml:6:1" in notices["invalid file welcome.yaml"]


def test_a_file_that_is_being_saved_gets_a_moment(project: Project) -> None:
    path = project.settings.policies / "welcome.yaml"
    path.write_text(FLOW[:40], encoding="utf-8")
    assert standing_notices(project) == []
    os.utime(path, (0, 0))
    assert [reason for reason, _ in standing_notices(project)][:1] == ["invalid file welcome.yaml"]
