"""How fast off is: from the save of the policy file to the last accepted mail, while a worker sends at full speed.

The sink's own journal tells, with the machine's monotonic clock. The time counts from just before the save, messages
from just after it. A mail that was allowed before the save may still arrive: one for each connection, never two.
"""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic, sleep

from bench.measure import Row, percentile
from bench.sink import sink
from bench.site import FLOW, ROOT, Site, site
from flows.welcome import welcome

TITLE = "the save to the last accepted mail, a worker sending at full speed"
BARE = "bare loop: stat, send"
OFF = FLOW.replace("switch: on", "switch: off")
QUIET = 0.2  # seconds of off: a mail in them came after the stop
PATIENCE = 30.0  # seconds until a sender must have begun
MAILS = 150  # that a cycle takes at most

Save = Callable[[Path, str], object]


@dataclass(frozen=True, slots=True)
class Cycle:
    """On, and off again: when the save of off began and ended, and when the next on began (monotonic seconds)."""

    began: float
    saved: float
    on_again: float


def measured(*, short: bool) -> list[Row]:
    """Both ways to save, beside the bare loop. Half of the waits are none, so that they have no share of a bound."""
    cycles = 8 if short else 60
    rows = _rows(BARE, *_told("bare", cycles, _replaced), aim="")
    rows += _rows("worker, replaced file", *_told("worker", cycles, _replaced), aim="<= 10")
    return rows + _rows("worker, written in place", *_told("worker", cycles, _written), aim="<= 10")


def _rows(name: str, waits: list[float], late: list[float], *, aim: str) -> list[Row]:
    return [
        Row(f"{name}: p50", "ms", tuple(waits)),
        Row(f"{name}: p99", "ms", (percentile(waits, 99),), None, aim),
        Row(f"{name}: mails after it", "mails in one cycle", tuple(late), None, "<= 1", at_most=1),
    ]


def _told(kind: str, cycles: int, save: Save) -> tuple[list[float], list[float]]:
    """For each cycle the milliseconds until the last mail, and how many were accepted after the save."""
    with site(welcome) as made:
        if kind == "worker":
            made.seed(cycles * MAILS)
        journal = made.settings.home / "journal"
        journal.touch()
        with sink(journal) as port, _sender(kind, port, made):
            done = list(_cycles(made.policy, journal, cycles, save))
        accepted = [json.loads(line)["t"] for line in journal.read_text("utf-8").splitlines()]
    waits: list[float] = []
    late: list[float] = []
    for one in done:
        end = bisect_left(accepted, one.on_again)
        last = accepted[end - 1] if end else one.began
        waits.append(max(0.0, last - one.began) * 1000)
        late.append(float(end - bisect_right(accepted, one.saved)))
    return waits, late


def _cycles(policy: Path, journal: Path, cycles: int, save: Save) -> Iterator[Cycle]:
    """One more than are told: the last has nobody to say when it ended."""
    chance = Random(1)
    began = saved = 0.0
    for _ in range(cycles + 1):
        on_again = monotonic()
        if began:
            yield Cycle(began, saved, on_again)
        before = journal.stat().st_size
        _replaced(policy, FLOW)
        while journal.stat().st_size == before:
            if monotonic() > on_again + PATIENCE:
                raise RuntimeError("nothing is sent")
            sleep(0.001)
        sleep(chance.uniform(0.005, 0.06))
        began = monotonic()
        save(policy, OFF)
        saved = monotonic()
        sleep(QUIET)


def _replaced(path: Path, text: str) -> None:
    """As careful editors save."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _written(path: Path, text: str) -> None:
    """As simple ones do."""
    path.write_text(text, encoding="utf-8")


@contextmanager
def _sender(kind: str, port: int, made: Site) -> Iterator[None]:
    where = str(made.settings.home), str(made.settings.policies)
    with subprocess.Popen([sys.executable, "-m", "bench.sender", kind, str(port), *where], cwd=ROOT) as sender:
        try:
            yield
        finally:
            sender.kill()
