"""PostgreSQL: the engine alone with one worker and with four, a page of claims, and the look at the ledger before an effect.

As `bench.steps`: three blocking effects for each person, intent and outcome on the disk, a connector that does nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from sqlalchemy.engine import make_url

from bench.measure import Case, Row, turns
from bench.site import ROOT, Site, site
from bench.steps import STEPS, NoRegister, three
from offswitch.act.desk import BATCH
from offswitch.act.run import Pass
from offswitch.clock import SystemClock
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.project.settings import Settings
from offswitch.testing.postgres_server import PostgresServer, running

TITLE = "contact-steps on PostgreSQL, every commit on the disk (wall time)"
LOOKS = 50_000


def measured(*, short: bool) -> list[Row]:
    """Workers are processes of their own, ready before the time begins."""
    people, times = (2 * BATCH, 1) if short else (2_000, 3)  # two pages of claims at least
    with running(durable=True) as server, site(three, ledger=server.ledger()) as made:
        made.seed(people)
        cases = [
            Case("1 worker", "contact-steps/s", lambda: _rate(server, made, people, 1), aim="10,000"),
            Case("4 workers", "contact-steps/s", lambda: _rate(server, made, people, 4)),
            Case(f"a page of {BATCH} claims, of {people:,} due", "ms", lambda: _claim(server, made)),
            Case("the look before an effect: stop_mark()", "µs", lambda: _look(made)),
        ]
        return turns(cases, times)


def _rate(server: PostgresServer, made: Site, people: int, workers: int) -> float:
    with _copy(server, made) as copy, ExitStack() as stack:
        said = copy.settings
        command = [sys.executable, "-m", "bench.workers", str(said.home), said.ledger, str(said.policies)]
        started = [stack.enter_context(_started(command)) for _ in range(workers)]
        began = perf_counter()
        for worker in started:
            _tell(worker)
        done = sum(int(_heard(worker)) for worker in started)
        seconds = perf_counter() - began
    if done != people * STEPS:
        raise RuntimeError(f"{done} of {people * STEPS} steps were performed")
    return done / seconds


@contextmanager
def _started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A worker that waits for a word."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        _heard(worker)
        yield worker


def _tell(worker: subprocess.Popen[str]) -> None:
    if worker.stdin:
        worker.stdin.write("go\n")
        worker.stdin.flush()


def _heard(worker: subprocess.Popen[str]) -> str:
    return worker.stdout.readline() if worker.stdout else ""


def _claim(server: PostgresServer, made: Site) -> float:
    """Milliseconds. The first of two is not counted, as it also prepares the statements."""
    with _copy(server, made) as copy:
        ledger = open_ledger(copy.settings.ledger)
        figures = [_claimed(ledger) for _ in range(2)]
        ledger.close()
    return figures[-1]


def _claimed(ledger: Ledger) -> float:
    now = SystemClock().now()
    began = perf_counter()
    with ledger.share() as book:
        lease = book.leases.take("bench", three.name, now, now)
        if len(book.entries.claim(three.name, now, lease.token, BATCH, None)) != BATCH:
            raise RuntimeError("too few are due")
    return (perf_counter() - began) * 1000


def _look(made: Site) -> float:
    ledger = open_ledger(made.settings.ledger)
    ledger.stop_mark(1)
    began = perf_counter()
    for _ in range(LOOKS):
        ledger.stop_mark(1)
    microseconds = (perf_counter() - began) / LOOKS * 1e6
    ledger.close()
    return microseconds


@contextmanager
def _copy(server: PostgresServer, made: Site) -> Iterator[Site]:
    """The same with a ledger of its own, so that every run begins alike."""
    with made.copy() as copy:
        url = server.database(template=make_url(made.settings.ledger).database or "")
        yield replace(copy, settings=replace(copy.settings, ledger=url))


def work(settings: Settings) -> None:
    """One pass, as soon as a line says so."""
    project = Site(settings, three).project(crm=NoRegister())
    with project.desk(three) as desk:
        one = Pass(desk)
        one.start()
        print("ready", flush=True)
        sys.stdin.readline()
        while one.advance() is not None:
            pass
        print(one.finish().total("performed"), flush=True)
    project.ledger.close()


if __name__ == "__main__":
    home, ledger, policies = sys.argv[1:]
    work(Settings(home=Path(home), ledger=ledger, policies=Path(policies), messages=ROOT / "messages", flows=ROOT / "flows"))
