"""Looks at made-up courses, for one invariant each: a world that is written by hand, and no engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from offswitch.drill.look import Look
from offswitch.drill.people import PLAIN, START, Happening, Person, Population
from offswitch.drill.stand import Stand
from offswitch.drill.world import Deed, Mail, World
from offswitch.model.submission import Consent
from offswitch.policy.schema import Cap, DelayClock
from offswitch.policy.values import quiet_hours
from offswitch.testing.fakes import FrozenClock

NOON = START + timedelta(hours=6)
YES = (Consent("marketing", "email", "yes"),)


def person(number: int = 1, **row: str) -> Person:
    return Person(number, f"p{number}@people.example", "Mona", "en", "IS", "UTC", {}, {**PLAIN, **row})


def key(entry: str = "e1", step: str = "hello", visit: int = 1, message: str = "hello") -> str:
    return f"{entry}\x1f{step}\x1f{visit}\x1fsend:{message}"


@dataclass
class FakeTruth:
    """What is true of everybody in this test."""

    agreed_: bool = True
    suppressed_: bool = False
    turned_away_: bool = False
    purposes: dict[str, str] = field(default_factory=lambda: {"hello": "marketing", "receipt": "service"})
    journey: Any = field(
        default_factory=lambda: SimpleNamespace(name="tour", again="once", starts_on=SimpleNamespace(kind="form.submitted"))
    )
    policy: Any = field(
        default_factory=lambda: SimpleNamespace(
            caps=(Cap(1, timedelta(days=1)),),
            quiet=quiet_hours("21:00-09:00"),
            release=Cap(2, timedelta(hours=1)),
            late_then=None,
            late_after=timedelta(hours=48),
            max_defer=timedelta(days=7),
            delay_clock=DelayClock.WALL,
        )
    )

    def agreed(self, _who: int, _at: datetime) -> bool:
        return self.agreed_

    def suppressed(self, _who: int, _at: datetime) -> bool:
        return self.suppressed_

    def turned_away(self, _who: int, _at: datetime) -> bool:
        return self.turned_away_


@dataclass
class Scene:
    """A world that is told line by line."""

    world: World = field(default_factory=lambda: World(Population((person(1), person(2)), ()), FrozenClock(NOON)))
    truth: FakeTruth = field(default_factory=FakeTruth)
    stands: dict[str, Stand] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)
    said: Any = None

    def mail(self, *, to: int = 1, at: datetime = NOON, accepted: bool = True, outcome: str = "performed", **place: Any) -> Mail:
        mail = Mail(self.world.next(), at, key(**place), f"p{to}@people.example", "Hello", accepted, outcome)
        self.world.mails.append(mail)
        return mail

    def deed(
        self, outcome: str = "done", *, who: int = 1, kind: str = "by_hand", sends: tuple[str, ...] = ("Hello",), **place: Any
    ) -> None:
        entry, step, visit, _ = key(**place).split("\x1f")
        self.world.deeds.append(Deed(self.world.next(), NOON, entry, step, int(visit), outcome, kind, who, sends))

    def hear(self, kind: str = "form.submitted", who: int = 1) -> None:
        name = f"{who}-{len(self.world.told)}"
        self.world.tell(Happening(NOON, NOON, who, kind, {}, f"p{who}@people.example", name, YES))

    def row(self, entry: str = "e1", state: str = "waiting", **more: Any) -> None:
        values = {"id": entry, "flow": "tour", "state": state, "step": "hello", "reason": "", "due": NOON, "ended": None, "event_id": ""}
        self.rows.append(SimpleNamespace(**{**values, **more}))

    def look(self) -> Look:
        stage = SimpleNamespace(journey=self.truth.journey, settings=SimpleNamespace(home=Path("nowhere")))
        crew = SimpleNamespace(claims=SimpleNamespace(read=self._read))
        course = SimpleNamespace(world=self.world, now=NOON, truth=self.truth, stage=stage, crew=crew, journeys=[])
        look = Look(cast("Any", course))
        rows = self.rows or [SimpleNamespace(id=f"e{n}", flow="tour") for n in range(4)]
        vars(look).update({"rows": rows, "stands": self.stands, "names": {}, "flow_of": {row.id: row.flow for row in rows}})
        if self.said is not None:
            vars(look)["account"] = lambda _journey: self.said
        return look

    @contextmanager
    def _read(self) -> Iterator[Any]:
        yield None
