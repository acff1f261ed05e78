"""How long a look ahead takes, and how much memory: 90 days of the welcome flow for 10,000 people, each in a process of its own."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from time import perf_counter

from bench.measure import Row, peak_memory
from bench.site import NAMES, Site, site
from flows.welcome import welcome
from offswitch.clock import SystemClock
from offswitch.forecast.asked import Asked
from offswitch.ledger.columns import micros
from offswitch.project.forecast import make_forecast
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm, FakeMailer

TITLE = "all at the first step, and a hundredth more every day (wall time)"
AGE = timedelta(days=100)  # how long ago the first of them came


def measured(*, short: bool) -> list[Row]:
    """The look as a whole."""
    people, days, times = (1_000, 30, 3) if short else (10_000, 90, 3)
    with site(welcome) as made:
        fill(made, people)
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
            found = [pool.submit(_look, made.settings, people, days).result() for _ in range(times)]
    name = f"{days} days for {people:,} people"
    seconds, memory = (tuple(figures) for figures in zip(*found, strict=True))
    return [Row(name, "s", seconds, None, "< 60"), Row(f"{name}: memory", "MB at most", memory, None)]


def _look(settings: Settings, people: int, days: int) -> tuple[float, float]:
    """Seconds, and the most memory that this process had."""
    project = Project(settings, SystemClock(), FakeMailer(), FakeCrm())
    began = perf_counter()
    found = make_forecast(project, welcome, Asked(days), lambda _all: lambda _done: None)
    took = perf_counter() - began
    project.ledger.close()
    if found.mails < people:
        raise RuntimeError(f"only {found.mails} mails for {people} people were foreseen")
    return took, peak_memory()


def fill(made: Site, people: int) -> None:
    """So many people who said yes with their form, came over the last days and are due at the first step."""
    now, file = micros(SystemClock().now()), sqlite3.connect(made.settings.home / "ledger.sqlite")
    step = AGE // timedelta(microseconds=1) // people
    each = [(n, ("en", "ar")[n % 2], now - (people - n) * step) for n in range(people)]
    contacts = ((f"c{n}", f"f{n}@example.com", f"f{n}@example.com", NAMES[spoken], spoken, at) for n, spoken, at in each)
    file.executemany("INSERT INTO contacts VALUES (?, ?, ?, ?, ?, 'SA', '', '', NULL, ?)", contacts)
    _insert(
        file,
        "events",
        [{"seq": n + 1, "id": f"v{n}", "contact_id": f"c{n}", "at": at, "received": at} for n, _, at in each[people * 7 // 10 :]],
        kind="form.submitted",
    )
    _insert(file, "consent", [{"contact_id": f"c{n}", "at": at} for n, _, at in each], purpose="marketing", channel="email", given=1)
    stands = {"flow": "welcome", "step": "confirm", "state": "waiting", "lane": "machine", "due": now, "since": now, "entered": now}
    times = {"put_off": 0, "ramp": 0, "arrived": now, "wait": 0, "visits": '{"confirm": 1}', "or_when": None, "doubts": None}
    _insert(file, "entries", [{"id": f"e{n}", "contact_id": f"c{n}"} for n, _, _ in each], **stands, **times, token=None, ended=None)
    _insert(file, "cursors", [{"flow": "welcome", "seq": people, "began": 0}])
    file.commit()
    file.close()


def _insert(file: sqlite3.Connection, table: str, rows: list[dict[str, object]], **same: object) -> None:
    """Rows with these values, and nothing in the columns that nobody names."""
    columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})") if table != "consent" or row[1] != "seq"]
    usual: dict[str, object] = dict.fromkeys(columns, "") | {"data": None} | same
    query = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
    file.executemany(query, [{**usual, **row} for row in rows])
