"""The engine alone: a journey of three steps with one blocking effect each, intent and outcome both on the disk.

The connector does nothing and guarantees nothing, so every effect is reserved, permitted, marked and recorded like a
mail. At most one window (50 effects) is in doubt after a power cut, at most one effect after a killed process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter, time_ns
from typing import Any

from bench.measure import Case, Row, turns
from bench.site import Site, site
from offswitch import Decision, Facts, Journey, Plan, finish, update
from offswitch.act.desk import WINDOW
from offswitch.act.ports import Change, Edits, Order
from offswitch.act.run import Pass
from offswitch.errors import Lapsed
from offswitch.events import FormSubmitted
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

TITLE = f"contact-steps on SQLite, synchronous=FULL, {WINDOW} a window (wall time)"
BARE = f"bare SQLite: intent and outcome of {WINDOW}"
STEPS = 3

three = Journey("three", starts_on=FormSubmitted)


@three.step
def first(lead: Facts) -> Decision:  # noqa: ARG001 - everybody goes the same way
    """The first of three."""
    return Plan(update(stage="first"), then=second)


@three.step
def second(lead: Facts) -> Decision:  # noqa: ARG001 - everybody goes the same way
    """The second."""
    return Plan(update(stage="second"), then=third)


@three.step
def third(lead: Facts) -> Decision:  # noqa: ARG001 - everybody goes the same way
    """The last."""
    return Plan(update(stage="third"), then=finish("complete"))


class NoRegister:
    """Keeps nothing, and so can't tell whether something arrived: its writes block, and are sent once."""

    name = "none"
    guarantee = Guarantee.NONE
    limits = "none"

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Begin under the permit, as every connector must."""
        for order in orders:
            try:
                order.permit.begin()
            except Lapsed as lapse:
                yield Receipt(order.permit.key, Outcome.LAPSED, str(lapse))
                continue
            yield Receipt(order.permit.key, Outcome.PERFORMED, "", order.payload.external_id)

    def look_up(self, key: str) -> Receipt | None:
        """Never known."""
        return None

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Nothing is known."""
        return {}

    def edits(self, cursor: str) -> Edits:
        """Nobody changes anything."""
        return Edits((), cursor)

    def diagnose(self) -> Iterator[Finding]:
        """There is nothing to look at."""
        return iter(())

    def close(self) -> None:
        """Nothing to let go of."""


def measured(*, short: bool) -> list[Row]:
    """The engine beside the bare writes."""
    people, times = (1_000, 3) if short else (4_000, 7)
    with site(three) as made:
        made.seed(people)
        engine = Case("engine: claim to record", "contact-steps/s", lambda: _engine(made, people), BARE, "15,000")
        return turns([Case(BARE, "contact-steps/s", lambda: _bare(made, people)), engine], times)


def _engine(made: Site, people: int) -> float:
    with made.copy() as copy:
        project = copy.project(crm=NoRegister())
        with project.desk(three) as desk:
            going = Pass(desk)
            going.start()
            began = perf_counter()
            while going.advance() is not None:
                pass
            seconds = perf_counter() - began
            done = going.finish().total("performed")
        project.ledger.close()
    if done != people * STEPS:
        raise RuntimeError(f"{done} of {people * STEPS} steps were performed")
    return done / seconds


def _bare(made: Site, people: int) -> float:
    """The same rows in the same tables, in as many commits: each window's intent goes with the outcome of the one before."""
    with made.copy() as copy:
        database = sqlite3.connect(copy.settings.home / "ledger.sqlite", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-65536"):
            database.execute(f"PRAGMA {pragma}")
        entries = [entry for (entry,) in database.execute("SELECT id FROM entries ORDER BY due, id")]
        began = perf_counter()
        before: list[tuple[str, str]] = []
        for step in ("first", "second", "third"):
            for at in range(0, len(entries), WINDOW):
                now = [(entry, f"{entry}\x1f{step}\x1f1\x1fupdate:stage") for entry in entries[at : at + WINDOW]]
                _write(database, before, now, step)
                before = now
        _write(database, before, [], "third")
        seconds = perf_counter() - began
        database.close()
    return people * STEPS / seconds


def _write(database: sqlite3.Connection, done: list[tuple[str, str]], intended: list[tuple[str, str]], step: str) -> None:
    at = time_ns() // 1000
    database.execute("BEGIN IMMEDIATE")
    database.executemany(_DONE, [("performed", key, at, key, 1) for _, key in done])
    database.executemany(_MOVED, [(step, '{"first":1,"second":1}', "waiting", at, at, entry) for entry, _ in done])
    database.executemany(_INTENT, [(key, entry, step, entry, at, 1, place, key, _PLAN) for place, (entry, key) in enumerate(intended)])
    database.execute("COMMIT")


_PLAN = '{"actions":[{"kind":"update","name":"update:stage","channel":"crm","message":"","values":{"stage":"first"}}],"then":"second"}'
_DONE = "UPDATE effects SET state = ?, reference = ?, at = ? WHERE key = ? AND token = ? AND state = 'reserved'"
_MOVED = "UPDATE entries SET step = ?, visits = ?, state = ?, due = ?, since = ?, token = NULL WHERE id = ?"
_INTENT = """INSERT INTO effects (key, entry_id, flow, step, visit, action, channel, connector, contact_id, state, counts, actor,
    rule, reason, at, token, slot, tries, revision, digest, reference, plan)
    VALUES (?, ?, 'three', ?, 1, 'update:stage', 'crm', 'none', ?, 'reserved', 0, 'machine', '', '', ?, ?, ?, 0, '4f5e0b', ?, '', ?)"""
