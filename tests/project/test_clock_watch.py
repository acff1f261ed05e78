"""A clock that somebody set is refused, not obeyed; the clock of a test or a drill is nobody's business."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from offswitch import days, hours, minutes
from offswitch.act.ports import Order
from offswitch.act.run import run
from offswitch.cli.reconcile import command
from offswitch.clock import SystemClock
from offswitch.errors import Refused
from offswitch.gate.permit import uptime
from offswitch.messages.letter import Letter
from offswitch.model.receipt import Receipt
from offswitch.project import clock_watch
from offswitch.project.clock_watch import ClockWatch
from offswitch.project.project import Project
from offswitch.project.ready import make_ready
from offswitch.testing.fakes import FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig
from tests.project.backups import MARIAM


class SetClock(SystemClock):
    """This machine's clock, and how far somebody has set it."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


class SetsTheClock(FakeMailer):
    """Somebody sets it while the second letter is on its way."""

    def __init__(self, clock: SetClock, by: timedelta) -> None:
        super().__init__()
        self._clock, self._by = clock, by

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        for receipt in super().perform(orders):
            yield receipt
            if len(self.journal) == 2:
                self._clock.by, self._by = self._by, timedelta(0)


class Machine:
    """Boots and sleeps as told. `up` is the counter that nobody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.boot, self.slept = "first boot", 0.0
        monkeypatch.setattr(clock_watch, "uptime", lambda: uptime() + self.slept)
        monkeypatch.setattr(clock_watch, "boot_id", lambda: self.boot)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.fixture
def rig(rig_of: MakeRig, machine: Machine) -> Rig:  # noqa: ARG001 - the machine that the watch asks
    made = rig_of(tour, echo, start=datetime.now(UTC))
    made.project.clock = SetClock()
    return made


def one_pass(rig: Rig, by: timedelta = timedelta(0)) -> None:
    clock = rig.project.clock
    assert isinstance(clock, SetClock)
    clock.by += by
    make_ready(rig.project)
    with rig.desk(echo) as desk:
        run(desk)


@pytest.mark.parametrize("by", [minutes(4), minutes(-1)])
def test_small_corrections_are_obeyed(rig: Rig, by: timedelta) -> None:
    one_pass(rig)
    one_pass(rig, by)


@pytest.mark.parametrize("by", [minutes(-3), days(-365), minutes(6), days(365)])
def test_a_leap_is_refused_and_says_what_to_do(rig: Rig, by: timedelta) -> None:
    one_pass(rig)
    with pytest.raises(Refused, match=r"this machine's clock says .*offswitch reconcile --clock"):
        one_pass(rig, by)
    with pytest.raises(Refused):
        one_pass(rig)
    one_pass(rig, -by)


def test_a_laptop_that_slept_for_days_goes_on(rig: Rig, machine: Machine) -> None:
    one_pass(rig)
    machine.slept += days(3).total_seconds()
    one_pass(rig, days(3))


def test_after_a_restart_only_going_back_can_be_told(rig: Rig, machine: Machine) -> None:
    one_pass(rig)
    machine.boot = "second boot"
    one_pass(rig, hours(5))
    machine.boot = "third boot"
    with pytest.raises(Refused, match="the ledger has a pass of"):
        one_pass(rig, hours(-4))


def test_a_ledger_with_passes_of_the_future_is_refused_without_any_memory_of_this_machine(rig: Rig) -> None:
    one_pass(rig)
    (rig.settings.home / "clock").unlink()
    with pytest.raises(Refused, match="the ledger has a pass of"):
        one_pass(rig, hours(-1))


@pytest.mark.parametrize("content", ["x", '{"boot": "b", "up": "x", "at": 7, "forgiven": null}'])
def test_a_memory_that_cant_be_read_is_begun_anew(rig: Rig, content: str) -> None:
    one_pass(rig)
    (rig.settings.home / "clock").write_text(content)
    one_pass(rig)
    assert json.loads((rig.settings.home / "clock").read_text())["boot"] == "first boot"


@pytest.mark.parametrize("by", [hours(-2), hours(2)])
def test_a_named_person_can_say_that_the_clock_is_right(rig: Rig, by: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    one_pass(rig)
    monkeypatch.setattr("offswitch.cli.reconcile.Project", lambda: rig.project)
    with pytest.raises(Refused):
        one_pass(rig, by)
    for words in ([], ["--why", "the battery"], ["--by", "who@example.org", "--why", "x"]):
        assert CliRunner().invoke(command, ["--clock", *words]).exit_code == 1
    said = CliRunner().invoke(command, ["--clock", "--by", MARIAM, "--why", "the battery was flat"])
    assert (said.exit_code, "The next run goes on." in said.output) == (0, True)
    one_pass(rig)
    one_pass(rig)
    with rig.ledger.read() as book:
        assert [(row.by, row.what) for row in book.audit.rows() if "battery" in row.what] == [
            (MARIAM, "said that the clock is right: the battery was flat")
        ]
    with pytest.raises(Refused):
        one_pass(rig, hours(-1))


@pytest.mark.parametrize("by", [minutes(-2), days(365)])
def test_a_clock_that_is_set_while_a_flow_runs_stops_it_between_two_effects(rig: Rig, by: timedelta) -> None:
    rig.submit_all(*(f"p{n}" for n in range(5)))
    clock = rig.project.clock
    assert isinstance(clock, SetClock)
    rig.project.mailer = rig.mailer = SetsTheClock(clock, by)
    with rig.desk(echo) as desk:
        run(desk)
        assert "clock was set" in desk.switchboard.objection()
    assert len(rig.sent()) == 2
    clock.by = timedelta(0)
    one_pass(rig)
    assert len(rig.sent()) == len(set(rig.sent())) == 5, "the rest waits for the next pass"


def test_sleeping_in_the_middle_of_a_pass_is_no_leap(machine: Machine, tmp_path: Path) -> None:
    clock = SetClock()
    watch = ClockWatch(clock, tmp_path / "clock")
    machine.slept += 9_000
    clock.by += timedelta(seconds=9_000)
    assert watch.jump() == ""


def test_a_look_costs_next_to_nothing(tmp_path: Path) -> None:
    watch = ClockWatch(SystemClock(), tmp_path / "clock")
    began = uptime()
    for _ in range(10_000):
        watch.jump()
    assert uptime() - began < 1


def test_a_clock_that_stands_still_is_not_watched(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    for by in (days(-90), days(365), days(-2)):
        rig.clock.advance(by)
        make_ready(rig.project)
        rig.run(echo)
    assert not (rig.settings.home / "clock").exists()


def test_a_project_has_this_machines_clock() -> None:
    assert isinstance(Project().clock, SystemClock)
