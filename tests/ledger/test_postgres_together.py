"""Many connections at once: who waits for whom, what each of them sees, and how long a frozen one is in the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from offswitch.act.settle import _suppress
from offswitch.ledger import postgres as module
from offswitch.ledger.base import Book
from offswitch.ledger.postgres import PostgresLedger
from offswitch.model.contact import Contact
from offswitch.model.effect import Stage
from offswitch.model.event import Happened
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, effect_of, entry_of, ids, kept, put_in
from offswitch.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.slow
Open = Callable[[], PostgresLedger]
ROOT = Path(__file__).parents[2]
FROZEN = """
import os, signal, sys
from offswitch.ledger import postgres
from offswitch.testing.ledger_rows import entry_of
postgres.FROZEN = "600ms"
with postgres.PostgresLedger(sys.argv[1]).share() as book:
    book.entries.add(entry_of("a"))
    print("inside", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
SOON = 0.1  # seconds within which an objection must be seen


@pytest.fixture
def another(postgres: PostgresServer) -> Iterator[Open]:
    """Opens the same ledger again, as another process would."""
    url = postgres.ledger()
    with ExitStack() as stack:

        def one() -> PostgresLedger:
            ledger = PostgresLedger(url)
            stack.callback(ledger.close)
            return ledger

        yield one


def together(*deeds: Callable[[], object]) -> None:
    """All at once, each in a thread of its own."""
    failures: list[Exception] = []
    start = threading.Barrier(len(deeds))

    def work(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def stop(ledger: PostgresLedger, name: str = FLOW) -> None:
    with ledger.write() as book:
        book.stops.add("flow", name, reason="", by="mariam", at=NOW)


def test_workers_at_once_never_share_an_entry(another: Open) -> None:
    put_in(another(), *(entry_of(f"e{n:03}") for n in range(400)))
    got: list[str] = []

    def work(ledger: PostgresLedger) -> None:
        entries = [entry_of("first")]
        while entries:
            with ledger.share() as book:
                lease = book.leases.take("w", FLOW, NOW, NOW + MINUTE)
                entries = book.entries.claim(FLOW, NOW, lease.token, 7, None)
            got.extend(ids(entries))

    together(*(partial(work, another()) for _ in range(6)))
    assert len(got) == len(set(got)) == 400


def test_workers_are_beside_each_other(another: Open) -> None:
    both = threading.Barrier(2, timeout=20)  # breaks unless the second comes in while the first is there

    def at_work(ledger: PostgresLedger) -> None:
        with ledger.share():
            both.wait()

    together(*(partial(at_work, another()) for _ in range(2)))


def test_nobody_is_beside_a_writer(another: Open) -> None:
    inside: list[str] = []
    seen: set[str] = set()

    def at_work(who: str, begin: Callable[[], AbstractContextManager[Book]]) -> None:
        for _ in range(15):
            with begin():
                inside.append(who)
                sleep(0.004)
                seen.add("".join(sorted(inside)))
                inside.remove(who)

    ledgers = [another() for _ in range(4)]
    together(
        *(partial(at_work, "s", ledger.share) for ledger in ledgers[:2]), *(partial(at_work, "w", ledger.write) for ledger in ledgers[2:])
    )
    assert seen - {"ss"} == {"s", "w"}


def test_no_event_shows_before_one_with_a_smaller_number(another: Open) -> None:
    """Four intakes, some of which change their mind; a reader remembers how far it came, as a flow's cursor does."""
    seen: list[str] = []
    done = threading.Event()
    passed = [0]

    def take_in(name: str, ledger: PostgresLedger) -> None:
        for n in range(25):
            with suppress(ZeroDivisionError), ledger.write() as book:
                book.events.add(Happened(f"{name}{n}", "form.submitted", NOW, "a", {}, "web", NOW), "d")
                if n % 5 == 0:
                    raise ZeroDivisionError
        passed.append(1)
        if len(passed) == 5:
            done.set()

    def follow(ledger: PostgresLedger) -> None:
        after, last = 0, False
        while not last:
            last = done.is_set()
            with ledger.read() as book:
                unseen = book.events.unseen(FLOW, after=after)
            seen.extend(happened.id for _, happened in unseen)
            after = unseen[-1][0] if unseen else after

    ledgers = [another() for _ in range(5)]
    together(partial(follow, ledgers[4]), *(partial(take_in, "abcd"[n], ledgers[n]) for n in range(4)))
    assert len(seen) == len(set(seen)) == 80


def test_what_one_worker_counts_another_sees_before_it_judges(another: Open) -> None:
    """Eight transactions for the same two people; each adds a letter only where it finds none."""
    ledgers = [another() for _ in range(8)]
    with ledgers[0].write() as book:
        for name in ("a", "b"):
            book.contacts.add(Contact(name), "", NOW)

    def send(n: int) -> None:
        people = ["a", "b"] if n % 2 else ["b", "a"]
        with ledgers[n].share() as book:
            book.contacts.lock(people)
            had = book.effects.sent(people, NOW - MINUTE)
            sleep(0.01)
            free = [one for one in people if one not in had]
            book.effects.write([effect_of(f"{one}{n}", contact_id=one, state=Stage.RESERVED) for one in free])

    together(*(partial(send, n) for n in range(8)))
    with ledgers[0].read() as book:
        assert sorted(row.contact_id for row in book.effects.all()) == ["a", "b"]


def test_refused_addresses_are_written_in_one_order_so_that_nobody_waits_in_a_ring(another: Open) -> None:
    seen: list[str] = []
    with another().share() as book:
        for n in reversed(range(9)):
            book.contacts.add(Contact(f"c{n}"), f"p{n}@example.com", NOW)
        event.listen(book.connection, "before_cursor_execute", lambda _c, _k, _s, values, _x, _m: seen.append(values.get("address", "")))
        _suppress(book, [f"c{n}" for n in range(9)], NOW)
    assert [one for one in seen if one] == [f"p{n}@example.com" for n in range(9)]


def test_a_stop_is_seen_by_others_at_once(another: Open) -> None:
    worker, person = another(), another()
    waits = []
    for n in range(20):
        before = worker.stop_mark()
        stop(person, f"flow{n}")
        began = monotonic()
        while worker.stop_mark() == before:
            assert monotonic() < began + 5
        waits.append(monotonic() - began)
    assert sorted(waits)[18] < SOON, waits


def test_a_word_that_never_arrives_is_not_waited_for(another: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the line is cut: the last answer is believed for 50 ms."""
    worker, person = another(), another()
    monkeypatch.setattr(module, "_ALONE", f"pg_advisory_xact_lock({module.WRITERS})")
    before = worker.stop_mark()
    stop(person)
    sleep(0.06)
    assert worker.stop_mark() != before


def test_a_lease_is_in_the_mark_from_its_commit_to_its_end(another: Open) -> None:
    ledger = another()
    with ledger.share() as book:
        token = book.leases.take("w", FLOW, NOW, NOW + MINUTE).token
    assert ledger.stop_mark(token)[2]
    assert not ledger.stop_mark(token + 1)[2]
    with another().write() as book:
        book.leases.end(token, NOW)
    sleep(SOON)
    assert not ledger.stop_mark(token)[2]


def test_one_that_is_frozen_in_a_transaction_is_thrown_out(another: Open) -> None:
    person = another()
    url = person._engine.url.render_as_string(hide_password=False)
    frozen = subprocess.Popen([sys.executable, "-c", FROZEN, url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert frozen.stdout is not None
    assert frozen.stdout.readline() == "inside\n"
    began = monotonic()
    stop(person)
    assert 0.3 < monotonic() - began < 5
    frozen.send_signal(signal.SIGCONT)
    _, complaint = frozen.communicate(timeout=60)
    assert "OperationalError" in complaint
    with person.read() as book:
        assert book.entries.get(["a"]) == {}


def test_leases_run_by_the_databases_clock_unless_time_is_virtual(another: Open, postgres: PostgresServer) -> None:
    virtual = PostgresLedger(postgres.ledger(), virtual=True)
    with another().read() as book:
        assert abs(book.instant(NOW) - datetime.now(UTC)) < timedelta(seconds=5)
    with virtual.read() as book:
        assert book.instant(NOW) == NOW
    virtual.close()


def test_a_ledger_that_takes_no_writes_says_so_and_is_left_alone(another: Open) -> None:
    ledger = another()
    with pytest.raises(OperationalError, match="read-only"), ledger.write() as book:  # noqa: PT012 - so a database is made read-only
        book.connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        book.entries.add(entry_of("a"))
    put_in(ledger, entry_of("b"))
    assert kept(ledger, "b").id == "b"
