"""Edits in the CRM come in once a minute, whatever the CRM does, and while flows are off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from offswitch.act.ports import Edits
from offswitch.errors import Retryable
from offswitch.events import CrmChanged
from offswitch.ledger.registers import Register as Row
from offswitch.model.event import Happened
from offswitch.project.register import EVERY, Register
from offswitch.testing.fakes import FakeCrm
from tests.act.conftest import MakeRig
from tests.act.journeys import echo
from tests.act.rig import Rig

MONA = "mona@example.com"


class Trying(FakeCrm):
    """A register that may be away, or slow."""

    def __init__(self) -> None:
        super().__init__(name="register")
        self.asked: list[str] = []
        self.trouble: Exception | None = None
        self.answer = Event()
        self.answer.set()
        self.page = 1_000

    def edits(self, cursor: str) -> Edits:
        self.asked.append(cursor)
        if self.trouble is not None:
            raise self.trouble
        self.answer.wait(5)
        at = int(cursor) if cursor else len(self.edited)
        end = min(at + self.page, len(self.edited))
        return Edits(self.edited[at:end], str(end), more=end < len(self.edited))


@pytest.fixture
def crm() -> Trying:
    return Trying()


@pytest.fixture
def rig(rig_of: MakeRig, crm: Trying) -> Iterator[Rig]:
    made = rig_of(echo, crm=crm)
    made.submit("mona", who="mona")
    Register(made.project).ask()
    made.clock.advance(EVERY)
    yield made
    crm.answer.set()


def ask(rig: Rig, patience: float = 5) -> str:
    register = Register(rig.project)
    register.ask(patience)
    return register.trouble()


def changes(rig: Rig) -> list[Happened]:
    with rig.ledger.read() as book:
        (mona,) = book.contacts.by_address([MONA]).values()
        return [one for one in book.events.of_contacts([mona.id])[mona.id] if one.kind == CrmChanged.kind]


def row(rig: Rig) -> Row:
    with rig.ledger.read() as book:
        found = book.registers.of("register")
        assert found is not None
        return found


def test_an_edit_is_taken_in_once_and_asked_for_once_a_minute(rig: Rig, crm: Trying) -> None:
    crm.edit(MONA, rig.clock.now(), "Mariam", name="منى")
    assert [ask(rig) for _ in range(3)] == ["", "", ""]
    assert crm.asked == ["", "0"]
    rig.clock.advance(EVERY)
    assert ask(rig) == ""
    assert (crm.asked, [one.data["values"] for one in changes(rig)]) == (["", "0", "1"], [{"name": "منى"}])
    assert row(rig).edited == rig.clock.now() - EVERY


def test_many_pages_are_taken_in_one_after_the_other_and_strangers_counted(rig: Rig, crm: Trying) -> None:
    crm.page = 2
    for n in range(5):
        crm.edit(MONA if n % 2 else "nobody@example.com", rig.clock.now(), stage=f"{n}")
    ask(rig)
    assert (len(changes(rig)), row(rig).strangers, row(rig).cursor) == (2, 3, "5")


@pytest.mark.parametrize("error", [Retryable("away"), OSError("no route"), RuntimeError("a bug"), KeyError("cursor")])
def test_a_register_that_fails_is_told_of_and_nothing_is_lost(rig: Rig, crm: Trying, error: Exception) -> None:
    crm.edit(MONA, rig.clock.now(), stage="trust")
    crm.trouble = error
    assert "register does not tell" in ask(rig)
    rig.clock.advance(EVERY)
    crm.trouble = None
    assert ask(rig) == ""
    assert len(changes(rig)) == 1


def test_a_slow_register_delays_no_pass_and_its_answer_is_taken_when_it_comes(rig: Rig, crm: Trying) -> None:
    crm.edit(MONA, rig.clock.now(), stage="trust")
    crm.answer.clear()
    register = Register(rig.project)
    register.ask(patience=0.01)
    assert "takes long" in register.trouble()
    crm.answer.set()
    assert register.trouble(patience=5) == ""
    assert len(changes(rig)) == 1


def test_a_crash_before_the_commit_takes_nothing_and_loses_nothing(rig: Rig, crm: Trying, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.edit(MONA, rig.clock.now(), stage="trust")

    def dies(*_: Any) -> None:
        raise sqlite3.OperationalError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("offswitch.ledger.registers.Registers.take", dies)
        with pytest.raises(sqlite3.OperationalError):
            ask(rig)
    assert changes(rig) == []
    rig.clock.advance(EVERY)
    ask(rig)
    assert len(changes(rig)) == 1


def test_of_two_that_asked_from_one_place_only_one_moves_on(rig: Rig, crm: Trying) -> None:
    crm.edit(MONA, rig.clock.now(), stage="trust")
    slow, fast = Register(rig.project), Register(rig.project)
    crm.answer.clear()
    slow.ask(patience=0.01)
    rig.clock.advance(EVERY)
    crm.edit(MONA, rig.clock.now(), stage="decision")
    crm.answer.set()
    fast.ask(patience=5)
    slow.trouble(patience=5)
    assert [one.data["values"]["stage"] for one in changes(rig)] == ["trust", "decision"]
    assert row(rig).cursor == "2"


def test_it_works_while_everything_is_off_and_a_clock_set_back_asks_at_once(rig: Rig, crm: Trying) -> None:
    rig.switch(echo, "off")
    crm.edit(MONA, rig.clock.now(), stage="trust")
    ask(rig)
    rig.clock.advance(timedelta(hours=-5))
    ask(rig)
    assert len(changes(rig)) == 1
    assert len(crm.asked) == 3
