"""The worklist's invariant: all pending work, nothing else, and each item can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offswitch import Plan, finish, send
from offswitch.drill.invariants.listed import listed
from offswitch.drill.stand import Stand, Where
from offswitch.model.verdict import Work
from offswitch.model.work import Draft, WorkItem
from tests.drill.looks import NOON, Scene

DRAFT = Draft("p1@people.example", "Hello", "Hello Mona", "<p>Hello Mona</p>")
ITEM = WorkItem(
    "i1", Work.BY_HAND, "tour", "hello", 1, "e1", "c1", "Mona", "p1@people.example", "send hello", "stop: off", NOON,
    team="support", drafts=(DRAFT,), runbook="Send it.",
)  # fmt: skip
HERE = Stand(1, "t", Where.HERE, "hello", 1, NOON, wish=Plan(send("hello"), then=finish("complete")), open=("hello",))


def found(*items: WorkItem, stand: Stand = HERE, **truth: Any) -> list[str]:
    scene = Scene(stands={"e1": stand})
    vars(scene.truth).update(truth)
    return [one.what for one in listed(scene.look(), items, handed_over=True)]


def test_a_list_that_has_all_that_is_pending_is_well() -> None:
    assert not found(ITEM)


def test_pending_work_that_is_not_listed_is_found() -> None:
    assert found() == ["p1@people.example waits at hello for hello, and is not on the worklist"]


def test_work_that_is_due_after_the_horizon_need_not_be_listed() -> None:
    assert not found(stand=replace(HERE, due=NOON + timedelta(days=4)))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (replace(ITEM, drafts=()), "shows 0 drafts"),
        (replace(ITEM, drafts=(replace(DRAFT, to="p2@people.example"),)), "goes to p2@people.example"),
        (replace(ITEM, drafts=(replace(DRAFT, text=""),)), "is not finished"),
        (replace(ITEM, why="", runbook=""), "says nothing about why, runbook"),
        (replace(ITEM, step="other"), "is at hello, but the worklist says other"),
    ],
)
def test_an_item_that_nobody_could_do_is_found(item: WorkItem, words: str) -> None:
    assert any(words in what for what in found(item))


def test_somebody_who_is_over_and_still_listed_is_found() -> None:
    assert any("is over (goal reached) and still" in what for what in found(ITEM, stand=Stand(1, "t", Where.OVER, reason="goal reached")))


def test_a_draft_to_somebody_who_bounced_is_found() -> None:
    assert any("bounced or complained" in what for what in found(ITEM, suppressed_=True))


def test_the_same_work_twice_is_found() -> None:
    assert "one piece of work is on the list twice" in found(ITEM, ITEM)
