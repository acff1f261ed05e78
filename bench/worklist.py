"""How long the lists take that people go on with: the worklist as a table, and the snapshot that needs no ledger."""

from __future__ import annotations

import sqlite3
from time import perf_counter

from bench.measure import Case, Row, turns
from bench.site import FLOW, NAMES, Site, site
from flows.welcome import welcome
from offswitch.act.desk import Desk
from offswitch.clock import SystemClock
from offswitch.ledger.columns import micros
from offswitch.model.action import send
from offswitch.model.contact import Contact
from offswitch.model.facts import Facts
from offswitch.worklist.export import write_csv
from offswitch.worklist.query import worklist
from offswitch.worklist.snapshot import write_snapshot

TITLE = "everybody is due: draft, reason and answers for each (wall time)"
BARE = "bare: as many letters, and nothing else"
OFF = FLOW.replace("switch: on", "switch: off").replace("when_off: hold", "when_off: hand_over")


def measured(*, short: bool) -> list[Row]:
    """Both lists beside the letters alone."""
    items, times = (1_000, 3) if short else (100_000, 1)
    with site(welcome) as made:
        made.policy.write_text(OFF, encoding="utf-8")
        _fill(made, items)
        project = made.project()
        with project.desk(welcome) as desk:
            cases = [
                Case(BARE, "s", lambda: _letters(desk, items)),
                Case("worklist export list.csv", f"s for {items:,} items", lambda: _export(made, desk, items), BARE, "<= 30"),
                Case("snapshot: table, pages in en and ar", f"s for {items:,} items", lambda: _snapshot(made, desk, items), BARE),
            ]
            rows = turns(cases, times)
        project.ledger.close()
    return rows


def _letters(desk: Desk, items: int) -> float:
    people = [Contact(f"c{n}", f"f{n}@example.com", NAMES[language], language, "SA") for n, language in enumerate(("en", "ar"))]
    began, now, wish = perf_counter(), desk.clock.now(), send("confirm")
    with desk.ledger.read() as book:
        desk.switchboard.look(book)
    for number in range(items):
        desk.texts.write(Facts(now, people[number % 2]), wish, str(number))
    return perf_counter() - began


def _export(made: Site, desk: Desk, items: int) -> float:
    began = perf_counter()
    found = worklist(desk)
    with (made.settings.home / "list.csv").open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, found, desk.clock.now())
    _all(len(found), items)
    return perf_counter() - began


def _snapshot(made: Site, desk: Desk, items: int) -> float:
    began = perf_counter()
    _all(write_snapshot(desk, made.settings.home / "snapshot", desk.clock.now()).items, items)
    return perf_counter() - began


def _all(found: int, items: int) -> None:
    if found != items:
        raise RuntimeError(f"{found} of {items} items were listed")


def _fill(made: Site, people: int) -> None:
    """So many people who are due at the first step, half of them Arabic."""
    file = sqlite3.connect(made.settings.home / "ledger.sqlite")
    now = micros(SystemClock().now())
    spoken = [(("en", "ar")[n % 2], n) for n in range(people)]
    contacts = ((f"c{n}", f"f{n}@example.com", f"f{n}@example.com", NAMES[language], language, now) for language, n in spoken)
    file.executemany("INSERT INTO contacts VALUES (?, ?, ?, ?, ?, 'SA', '', '', NULL, ?)", contacts)
    columns = [row[1] for row in file.execute("PRAGMA table_info(entries)")]
    values = dict.fromkeys(columns, "") | {
        "flow": "welcome", "step": "confirm", "state": "waiting", "lane": "machine", "due": now, "since": now, "entered": now,
        "put_off": 0, "ramp": 0, "visits": '{"confirm": 1}', "or_when": None, "doubts": None, "token": None, "ended": None,
        "arrived": now, "wait": 0,
    }  # fmt: skip
    rows = ({**values, "id": f"e{n}", "contact_id": f"c{n}"} for n in range(people))
    file.executemany(f"INSERT INTO entries VALUES ({', '.join(f':{name}' for name in columns)})", rows)
    file.commit()
    file.close()
