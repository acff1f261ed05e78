"""What is special to one file: pragmas that keep commits, other processes, many threads, a version that moves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.ledger.open import open_ledger
from offswitch.ledger.sqlite import SqliteLedger
from offswitch.testing.ledger_rows import FLOW, NOW, claim, entry_of, ids, put_in

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    open_ledger(url).close()
    return url


def test_every_connection_keeps_a_log_and_waits_for_the_disk(url: str) -> None:
    ledger = SqliteLedger(url)
    seen: list[list[str | int]] = []

    def look() -> None:
        with ledger.write() as book:
            seen.append([book.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")])

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert seen == [["wal", 2]] * 3


def test_a_stop_of_another_process_is_seen_at_once(url: str) -> None:
    ledger = SqliteLedger(url)
    before = ledger.stop_mark()
    code = (
        "import sys; from datetime import datetime, UTC; from offswitch.ledger.sqlite import SqliteLedger\n"
        "with SqliteLedger(sys.argv[1]).write() as book: book.stops.add('company', '', reason='', by='omar', at=datetime.now(UTC))"
    )
    subprocess.run([sys.executable, "-c", code, url], check=True, cwd=ROOT)
    after = ledger.stop_mark()
    ledger.close()
    assert before != after


def test_a_stop_of_this_process_is_seen_at_once(url: str) -> None:
    ledger = SqliteLedger(url)
    before = ledger.stop_mark()
    with ledger.write() as book:
        book.stops.add("flow", FLOW, reason="", by="omar", at=NOW)
    assert ledger.stop_mark() != before
    ledger.close()


def test_many_threads_share_one_ledger(url: str) -> None:
    ledger = SqliteLedger(url)
    start, failures = threading.Barrier(12), []

    def look() -> None:
        start.wait()
        for _ in range(20):
            try:
                with ledger.read() as book:
                    book.stops.now()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
                failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert failures == []


def test_two_ledgers_on_one_file_never_give_an_entry_twice(url: str) -> None:
    one, two = SqliteLedger(url), SqliteLedger(url)
    put_in(one, *(entry_of(f"e{n:03}") for n in range(200)))
    got: list[str] = []

    def work(ledger: SqliteLedger) -> None:
        while entries := claim(ledger, limit=7)[1]:
            got.extend(ids(entries))

    threads = [threading.Thread(target=work, args=(each,)) for each in (one, two, one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.close()
    two.close()
    assert len(got) == len(set(got)) == 200


def test_a_committed_row_outlives_the_process(url: str) -> None:
    ledger = SqliteLedger(url)
    put_in(ledger, entry_of("a", due=NOW + timedelta(days=1)))
    reader = sqlite3.connect(ledger.path)
    found = reader.execute("select id from entries").fetchall()
    reader.close()
    ledger.close()
    assert found == [("a",)]


def test_a_ledger_in_memory_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be a file"):
        SqliteLedger("sqlite://")


def test_an_unknown_kind_of_ledger_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigError) as refused:
        open_ledger("mysql://user:hunter2@host/db")
    assert "hunter2" not in str(refused.value)
