"""How fast every way to switch off reaches four workers that send at full speed, on SQLite and on PostgreSQL.

A worker acknowledges when it writes into the ledger that it has seen the stop; `off --wait` returns when all have.
The sink's own journal tells what was accepted when, with the machine's monotonic clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic, sleep

from bench.measure import Row, percentile
from bench.sink import sink
from bench.site import FLOW, ROOT, Site, site
from flows.welcome import welcome
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.testing.postgres_server import running

TITLE = "the stop to the last accepted mail, four workers sending at full speed"
WORKERS = 4
QUIET = 0.3  # seconds of off: a mail in them came after the stop
PATIENCE = 60.0  # seconds until mails must flow, or everybody must have seen the stop
MAILS = 400  # that a cycle takes at most
OFF = FLOW.replace("switch: on", "switch: off")


@dataclass(frozen=True, slots=True)
class Cycle:
    """When the stop began, was made, and was acknowledged by all workers, and when the next cycle began (monotonic)."""

    began: float
    made: float
    seen: float
    ended: float


def measured(*, short: bool) -> list[Row]:
    """Each way on each ledger."""
    cycles = 3 if short else 20
    rows = _rows("SQLite", "", cycles)
    with running(durable=True) as server:
        rows += _rows("PostgreSQL", server.ledger(), cycles)
    return rows


def _rows(store: str, ledger: str, cycles: int) -> list[Row]:
    rows: list[Row] = []
    for way, stop in WAYS.items():
        waits, seen, late = _told(ledger, cycles, stop)
        name = f"{store}, {way}"
        rows += [
            Row(f"{name}: last mail, p50", "ms", tuple(waits)),
            Row(f"{name}: last mail, p99", "ms", (percentile(waits, 99),)),
            Row(f"{name}: all have seen it", "ms", tuple(seen)),
            Row(f"{name}: mails after that", "mails in one cycle", tuple(late), None, "0", at_most=0),
        ]
    return rows


def _file(made: Site) -> None:
    draft = made.policy.with_suffix(".draft")
    draft.write_text(OFF, encoding="utf-8")
    draft.replace(made.policy)


def _stop_file(made: Site) -> None:
    made.settings.stop_file("welcome").touch()


def _command(made: Site) -> None:
    """As an operator gives it; Python's own start is part of the wait."""
    places = {"HOME": made.settings.home, "POLICIES": made.settings.policies, "LEDGER": made.settings.ledger_url}
    environment = {**os.environ, **{f"OFFSWITCH_{name}": str(value) for name, value in places.items()}}
    subprocess.run([sys.executable, "-m", "offswitch", "off", "welcome"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


WAYS: dict[str, Callable[[Site], None]] = {"file": _file, "stop file": _stop_file, "command": _command}


def _told(url: str, cycles: int, stop: Callable[[Site], None]) -> tuple[list[float], list[float], list[float]]:
    """For each cycle: milliseconds to the last mail and to the last acknowledgement, and mails accepted after that."""
    with site(welcome, ledger=url) as made, ExitStack() as stack:
        made.seed(cycles * MAILS)
        journal = made.settings.home / "journal"
        journal.touch()
        port = stack.enter_context(sink(journal))
        for _ in range(WORKERS):
            stack.enter_context(_worker(port, made))
        ledger = open_ledger(made.settings.ledger_url)
        done = list(_cycles(made, ledger, journal, cycles, stop))
        ledger.close()
        accepted = sorted(json.loads(line)["t"] for line in journal.read_text("utf-8").splitlines())
    waits, seen, late = [], [], []
    for one in done:
        end = bisect_right(accepted, one.ended)
        waits.append(max(0.0, (accepted[end - 1] if end else one.began) - one.began) * 1000)
        seen.append((one.seen - one.made) * 1000)
        late.append(float(end - bisect_right(accepted, one.seen)))
    return waits, seen, late


def _cycles(made: Site, ledger: Ledger, journal: Path, cycles: int, stop: Callable[[Site], None]) -> Iterator[Cycle]:
    chance = Random(1)
    for _ in range(cycles):
        before, patience = journal.stat().st_size, monotonic() + PATIENCE
        while journal.stat().st_size == before:
            if monotonic() > patience:
                raise RuntimeError("nothing is sent")
            sleep(0.001)
        sleep(chance.uniform(0.01, 0.06))
        began, at = monotonic(), datetime.now(UTC)
        stop(made)
        ready = monotonic()
        seen = _acknowledged(ledger, at)
        sleep(QUIET)
        yield Cycle(began, ready, seen, monotonic())
        _on_again(made, ledger)


def _acknowledged(ledger: Ledger, since: datetime) -> float:
    """When the last of all workers had said that it sees the stop."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with ledger.read() as book:
            workers = book.stops.live(datetime.fromtimestamp(0, UTC))  # those between two passes, too
        now = monotonic()
        if sum(one.halted and one.seen >= since for one in workers) == WORKERS:
            return now
        sleep(0.002)
    raise RuntimeError("a worker has not seen the stop")


def _on_again(made: Site, ledger: Ledger) -> None:
    made.settings.stop_file("welcome").unlink(missing_ok=True)
    with ledger.write() as book:
        book.stops.end("flow", "welcome", by="bench", at=datetime.now(UTC))
    draft = made.policy.with_suffix(".draft")
    draft.write_text(FLOW, encoding="utf-8")
    draft.replace(made.policy)


@contextmanager
def _worker(port: int, made: Site) -> Iterator[None]:
    where = str(made.settings.home), str(made.settings.policies), *filter(None, [made.settings.ledger])
    with subprocess.Popen([sys.executable, "-m", "bench.sender", "worker", str(port), *where], cwd=ROOT) as worker:
        try:
            yield
        finally:
            worker.kill()
