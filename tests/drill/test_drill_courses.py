"""Short courses through the real engine: what the oracle expects is what happens; and deaths are where they should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch.drill.course import Course
from offswitch.drill.invariants.same import outcome_of
from offswitch.drill.kills import Boundary, Watcher, required
from offswitch.drill.look import Look
from offswitch.drill.people import make_few
from offswitch.drill.runs import Task, make
from offswitch.drill.stage import OPERATOR, set_stage
from offswitch.drill.stand import Where
from offswitch.drill.tally import Tally
from offswitch.drill.world import World
from offswitch.project.settings import Settings
from tests.act.journeys import tour

SHIPPED = Settings()
POLICY = """\
switch: off
owner: mariam@bayan.example
team: support
runbook: Send it.
minutes_per_item: 3
rollout: {outside: worklist, steps: [5%, 100%]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A user's project with a flow that the drill has never seen."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "messages" / "tour").mkdir(parents=True)
    (tmp_path / "policies" / "tour.yaml").write_text(POLICY, encoding="utf-8")
    company = SHIPPED.policies.absolute() / "company.yaml"
    (tmp_path / "policies" / "company.yaml").write_text(company.read_text(encoding="utf-8"), encoding="utf-8")
    for name, purpose in (("hello", "service"), ("more", "marketing")):
        for language in ("en", "ar"):
            text = f"---\nsubject: {name}\npurpose: {purpose}\nvalue: good\nask: 0\n---\nHello.\n"
            (tmp_path / "messages" / "tour" / f"{name}.{language}.md").write_text(text, encoding="utf-8")
    return Settings(home=tmp_path / "home", policies=tmp_path / "policies", messages=tmp_path / "messages")


@contextmanager
def course_of(settings: Settings, people: int = 5, seed: int = 7) -> Iterator[Course]:
    with set_stage(settings, tour) as stage:
        course = Course(stage, World(make_few(tour, people, seed, None), stage.clock), beside=False)
        yield course
        course.close()


def test_an_undisturbed_course_of_any_flow_breaks_nothing(settings: Settings) -> None:
    with course_of(settings) as course:
        course.run()
        tally, look = Tally(), Look(course)
        tally.check_end(look)
        assert not tally.violations
        assert {stand.where for stand in look.stands.values()} <= {Where.OVER, Where.LOOSE}
        assert look.mails


def test_the_users_files_and_ledger_are_left_alone(settings: Settings) -> None:
    before = {path: path.read_bytes() for path in settings.policies.parent.rglob("*") if path.is_file()}
    with course_of(settings, 2) as course:
        course.run()
    assert before == {path: path.read_bytes() for path in settings.policies.parent.rglob("*") if path.is_file()}


def test_the_copy_calls_nobody_and_has_people_of_its_own(settings: Settings) -> None:
    with set_stage(settings, tour) as stage:
        text = stage.company.read_text(encoding="utf-8")
        assert "alerts" not in text
        assert OPERATOR in text
        root = stage.root
    assert not root.exists()


def test_a_worker_dies_once_at_each_boundary_that_was_asked_for(settings: Settings) -> None:
    deadly = {Boundary("accepted", "hello/send:hello"), Boundary("in record", "hello/send:hello"), Boundary("in worklist", "hello")}
    with course_of(settings) as course:
        watcher = Watcher(course, set(deadly))
        course.run()
        tally = Tally()
        tally.check_end(Look(course))
        assert not tally.violations
        assert watcher.died >= deadly - {Boundary("in worklist", "hello")}
        assert course.deaths == len(watcher.died)
        assert [mail for mail in course.world.mails if mail.doubt]


def test_until_a_repair_it_dies_again_and_again(settings: Settings) -> None:
    with course_of(settings, 3) as course:
        watcher = Watcher(course, {Boundary("after intent", "hello/send:hello")}, timedelta(hours=2))
        course.run()
        assert course.deaths >= 3
        assert watcher.dying is None
        tally = Tally()
        tally.check_end(Look(course))
        assert not tally.violations


def test_every_boundary_of_every_message_is_required_whether_somebody_comes_there_or_not() -> None:
    wanted = required(tour, set())
    assert {f"{one.point} {one.around}" for one in wanted} >= {"begun hello/send:hello", "begun more/send:more", "in policy "}


def test_one_seed_gives_one_digest(settings: Settings) -> None:
    digests = []
    for seed in (7, 7, 8):
        with course_of(settings, 3, seed) as course:
            course.run()
            digests.append(outcome_of(Look(course)).digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_run_that_breaks_down_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no")

    monkeypatch.setattr("offswitch.drill.crew.run", broken)
    ran = make(SHIPPED, Task("welcome", "clean", 7, 2, name="a run"))
    assert [one.invariant for one in ran.violations] == ["ends"]
    assert "ZeroDivisionError" in ran.violations[0].what


def test_what_stops_by_chance_or_stands_still_now_is_left_out_of_the_copy(settings: Settings) -> None:
    """Made-up people bounce and leave on purpose; and a company in a freeze wants its flows drilled too."""
    company = settings.policies / "company.yaml"
    company.write_text(company.read_text("utf-8") + "mode: freeze\n", "utf-8")
    with course_of(settings) as course:
        assert course.stage.approved_policy.guardrails == {}
        course.run()
        assert course.world.accepted
