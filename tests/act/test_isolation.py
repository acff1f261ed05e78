"""Whatever happens to one flow, another one with other people ends in the same bytes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.act.ports import Order
from offswitch.act.run import Pass
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.messages.letter import Letter
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.fakes import Answer, FakeMailer
from tests.act.journeys import fragile, tour
from tests.act.rig import Rig

OURS = [f"ours{n:02}" for n in range(12)]
THEIRS = [f"theirs{n:02}" for n in range(12)]
HOURS = (0, 1, 24, 24, 48, 72)


class Broken(FakeMailer):
    """Every letter to the other flow's people breaks the connector's own code."""

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        if any(order.payload.to.startswith("theirs") for order in orders):
            raise RuntimeError("the connector has a bug")
        yield from super().perform(orders)


def flooded(rig: Rig) -> None:
    rig.submit_all(*(f"theirs-flood{n:04}" for n in range(600)))


def refused(rig: Rig) -> None:
    answers = rig.mailer._script.answers
    answers.update({f"{who}@example.com": [Answer(Outcome.RETRY, "452 too busy")] * 9 for who in THEIRS})


def raising(rig: Rig) -> None:
    for n, name in enumerate(["Zero", "Nobody", "Odd"]):
        rig.submit(f"theirs-odd{n}", name=name)


def frozen_worker(rig: Rig) -> None:
    """A worker has claimed the other flow's people and will never come back."""
    with rig.desk(fragile) as desk:
        one = Pass(desk)
        one.start()
        one.collect()
        with rig.ledger.write() as book:
            lease = book.leases.take("frozen", fragile.name, rig.clock.now(), rig.clock.now() + timedelta(minutes=1))
            book.entries.claim(fragile.name, rig.clock.now(), lease.token, 6, None)


TROUBLES: dict[str, Callable[[Rig], object]] = {
    "off": lambda rig: rig.switch(fragile, "off"),
    "closing": lambda rig: rig.switch(fragile, "closing"),
    "held": lambda rig: rig.policy(fragile, switch="off", more="when_off: hold"),
    "broken file": lambda rig: rig.save(rig.policy_path(fragile), "switch: on\nswitch: off\n"),
    "deleted file": lambda rig: rig.policy_path(fragile).unlink(),
    "unapproved": lambda rig: rig.letter(fragile, "hello", purpose="marketing"),
    "no texts": lambda rig: shutil.rmtree(rig.settings.messages / fragile.name),
    "stop file": lambda rig: rig.settings.stop_file(fragile.name).touch(),
    "raising steps": raising,
    "refusing server": refused,
    "flooded": flooded,
    "frozen worker": frozen_worker,
}


def story(root: Path, trouble: Callable[[Rig], object] | None, mailer: FakeMailer | None = None) -> str:
    """Six passes of both flows over a week; the trouble comes after the first. All that our flow left behind, as text."""
    rig = Rig(root, tour, fragile, mailer=mailer)
    for journey in (tour, fragile):
        rig.policy(journey, more="on_resume: {without_asking: 100000}")
        rig.approve(journey)
    _only(rig, tour, OURS)
    _only(rig, fragile, THEIRS)
    for number, hours in enumerate(HOURS):
        if trouble is not None and number == 1:
            trouble(rig)
            _nothing_for(rig, tour)
        rig.clock.advance(timedelta(hours=hours))
        if trouble is not None:
            rig.run(fragile)
        rig.run(tour)
    told = _left_behind(rig, tour)
    rig.close()
    return told


def _only(rig: Rig, journey: Journey, people: Sequence[str]) -> None:
    """These people's forms are this flow's alone: the other one has looked at them already."""
    rig.submit_all(*people)
    _nothing_for(rig, fragile if journey is tour else tour)
    with rig.desk(journey) as desk:
        one_pass = Pass(desk)
        one_pass.start()
        one_pass.collect()


def _nothing_for(rig: Rig, journey: Journey) -> None:
    """What has come in so far is not this flow's business."""
    with rig.ledger.write() as book:
        if not book.events.has_cursor(journey.name):
            book.events.begin(journey.name, 0)
        if seen := book.events.unseen(journey.name, 1_000_000):
            book.events.seen(journey.name, seen[-1][0])


def _left_behind(rig: Rig, journey: Journey) -> str:
    with rig.ledger.read() as book:
        entries = [_entry(book, row) for row in book.entries.all() if row.flow == journey.name]
        people = {row.id: book.contacts.address(row.contact_id) for row in book.entries.all()}
        effects = [_effect(people, row) for row in book.effects.all() if row.flow == journey.name]
    letters = [(one.to, one.subject, one.text, one.html) for _, one in rig.mailer.journal if one.to.startswith("ours")]
    told = [
        sorted(entries, key=str),
        sorted(effects, key=str),
        sorted(letters, key=lambda letter: letter[0]),
    ]  # each person's in their order
    return re.sub(r"/u/[\w.-]+", "/u/TOKEN", json.dumps(told, default=str))  # of the project's own secret


def _entry(book: Book, row: Any) -> tuple[Any, ...]:
    return (book.contacts.address(row.contact_id), row.step, row.visits, row.state, row.rule, row.reason, row.due, row.since, row.ended)


def _effect(people: dict[str, str], row: Any) -> tuple[Any, ...]:
    return (people[row.entry_id], row.step, row.visit, row.action, row.state, row.actor, row.rule, row.reason, row.at, row.tries)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return story(tmp_path_factory.mktemp("alone") / "project", None)


def test_alone_there_is_something_to_compare(alone: str) -> None:
    entries, effects, letters = json.loads(alone)
    assert (len(entries), len(letters)) == (12, 24)
    assert len(effects) > 24


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_flow_beside_one_in_trouble_ends_in_the_same_bytes(tmp_path: Path, alone: str, trouble: str) -> None:
    """K8"""
    assert story(tmp_path / "project", TROUBLES[trouble]) == alone


def test_a_connector_that_breaks_down_on_another_flows_people_changes_nothing_here(tmp_path: Path, alone: str) -> None:
    assert story(tmp_path / "project", lambda _: None, Broken()) == alone


@pytest.mark.parametrize(
    "troubles", [["off", "flooded"], ["refusing server", "frozen worker", "raising steps"], ["broken file", "stop file"]]
)
def test_several_troubles_together_change_nothing_either(tmp_path: Path, alone: str, troubles: list[str]) -> None:
    def all_of_them(rig: Rig) -> None:
        for trouble in troubles:
            TROUBLES[trouble](rig)

    assert story(tmp_path / "project", all_of_them) == alone
