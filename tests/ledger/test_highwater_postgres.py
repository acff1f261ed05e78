"""The mark of a machine beside a PostgreSQL ledger that others write to as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from offswitch.ledger.highwater import HighWater
from offswitch.ledger.marked import MarkedLedger
from offswitch.ledger.postgres import PostgresLedger
from offswitch.ledger.recoveries import Recovery
from offswitch.testing.fakes import NOON
from offswitch.testing.ledger_rows import effect_of
from offswitch.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.slow
Machine = Callable[[str, str], MarkedLedger]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """By name and URL: each machine has a mark of its own."""
    opened: list[MarkedLedger] = []

    def make(name: str, url: str) -> MarkedLedger:
        opened.append(MarkedLedger(PostgresLedger(url), HighWater(tmp_path / name, lambda: NOON), None))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def lost(ledger: MarkedLedger) -> str:
    with ledger.read() as book:
        return str(ledger.highwater.loss(book, ledger.read) or "")


def work(ledger: MarkedLedger, name: str) -> None:
    """As a worker at its batch."""
    with ledger.share() as book:
        lease = book.leases.take(name, "welcome", NOON, NOON + timedelta(minutes=1))
        book.effects.write([effect_of(f"{name} {lease.token}", token=lease.token)])


def test_workers_beside_each_other_on_two_machines_raise_no_false_alarm(postgres: PostgresServer, machine: Machine) -> None:
    url = postgres.ledger()
    ledgers = [machine(name, url) for name in ("one", "one", "two", "two")]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work, one, f"w{place} {n}") for n in range(25) for place, one in enumerate(ledgers)]
        looks = {lost(one) for _ in range(20) for one in ledgers}
        assert [one.result() for one in done] == [None] * 100
    assert looks == {""}
    for one in ledgers[1::2]:
        work(one, "last")
        with one.read() as book:
            mark = one.highwater.mark()
            assert mark is not None
            assert mark.hash == book.audit.head().hash


def test_a_database_from_an_older_dump_is_noticed_by_every_machine(postgres: PostgresServer, machine: Machine) -> None:
    url = postgres.ledger()
    one, two = machine("one", url), machine("two", url)
    for ledger in (one, two):
        work(ledger, "before")
        ledger.close()
    dump = postgres.database(template=make_url(url).database or "")
    for ledger in (one, two):
        work(ledger, "forgotten")
        ledger.close()
    restored = [machine(name, dump) for name in ("one", "two")]
    for ledger in restored:
        work(ledger, "new")
    assert ["an older copy" in lost(ledger) for ledger in restored] == [True, True]
    with restored[0].write() as book:
        book.recoveries.add(Recovery(NOON, NOON, 1, "omar", "", "the disk died", NOON))
    assert [lost(ledger) for ledger in restored] == ["", ""], "who has accepted the loss has done so for every machine"
