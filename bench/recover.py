"""How long a new worker needs after a SIGKILL until it goes on, with so many entries in the ledger."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from time import perf_counter

from bench.measure import Case, Row, turns
from bench.site import Site, site
from flows.welcome import welcome
from offswitch.act.run import Pass
from offswitch.clock import SystemClock
from offswitch.failpoints import watched
from offswitch.ledger.columns import micros
from offswitch.project.project import Project
from offswitch.testing.fakes import FakeCrm, FakeMailer, FrozenClock

TITLE = "a worker was killed in its first window; a new one starts"
DUE = 500  # entries that are due; all the others wait


class Killed(BaseException):
    """Ends a worker as a signal would."""


def measured(*, short: bool) -> list[Row]:
    """Opening, taking over what the dead worker left, and the first batch of the next pass."""
    entries = 20_000 if short else 1_000_000
    with site(welcome) as made:
        made.seed(DUE)
        _fill(made, entries - DUE)
        _die(made)

        def recover() -> float:
            with made.copy() as again:
                return _recovered(again)

        case = Case(f"{entries:,} entries", "s", recover, aim="<= 10")
        rows = turns([case], 1 if short else 3)
        return [Row(row.name, row.unit, row.figures, None, row.aim, at_most=10) for row in rows]


def _fill(made: Site, entries: int) -> None:
    """So many more people who wait for their second mail."""
    file = sqlite3.connect(made.settings.home / "ledger.sqlite")
    now = micros(SystemClock().now())
    later = micros(SystemClock().now() + timedelta(days=30))
    people = ((f"c{n}", f"f{n}@example.com", f"f{n}@example.com", now) for n in range(entries))
    file.executemany("INSERT INTO contacts VALUES (?, ?, ?, 'Mona', 'en', 'SA', '', '', NULL, ?)", people)
    columns = [row[1] for row in file.execute("PRAGMA table_info(entries)")]
    values = dict.fromkeys(columns, "") | {
        "flow": "welcome", "step": "greet", "state": "waiting", "lane": "machine", "due": later, "since": later, "entered": now,
        "put_off": 0, "visits": '{"confirm": 1, "greet": 1}', "or_when": None, "token": None, "ended": None, "arrived": now, "wait": 0,
    }  # fmt: skip
    rows = ({**values, "id": f"e{n}", "contact_id": f"c{n}"} for n in range(entries))
    file.executemany(f"INSERT INTO entries VALUES ({', '.join(f':{name}' for name in columns)})", rows)
    file.commit()
    file.close()


def _die(made: Site) -> None:
    def hook(point: str, _at: str) -> None:
        if point == "after intent":
            raise Killed

    project = made.project()
    try:
        with watched(hook), project.desk(welcome) as desk:
            one = Pass(desk)
            one.start()
            one.advance()
    except Killed:
        project.ledger.close()


def _recovered(made: Site) -> float:
    began = perf_counter()
    later = FrozenClock(SystemClock().now() + timedelta(minutes=2))  # the dead worker's lease is over
    project = Project(made.settings, later, FakeMailer(), FakeCrm())
    with project.desk(welcome) as desk:
        one = Pass(desk)
        one.start()
        report = one.advance()
        took = perf_counter() - began
    if one.report.total("taken over") != 1 or report is None:
        raise RuntimeError(f"nothing was taken over: {one.report.counts}")
    project.ledger.close()
    return took
