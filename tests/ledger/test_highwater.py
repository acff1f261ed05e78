"""The mark beside the ledger: never ahead of it, never back, and what it says of a ledger that lacks something."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError, StatementError

from offswitch.ledger.audit import Head
from offswitch.ledger.highwater import HighWater, Unreadable
from offswitch.ledger.marked import MarkedLedger
from offswitch.ledger.open import open_ledger
from offswitch.testing.fakes import NOON

WORKER = """
import sys
from pathlib import Path
from tests.ledger.test_highwater import marked, stop
ledger = marked(Path(sys.argv[1]))
for n in range(10_000):
    stop(ledger, f"{sys.argv[2]} {n}")
    print(n, flush=True)
"""


def marked(folder: Path) -> MarkedLedger:
    file = folder / "ledger.sqlite"
    return MarkedLedger(open_ledger(f"sqlite:///{file}"), HighWater(folder / "mark", lambda: datetime.now(UTC)), file)


def stop(ledger: MarkedLedger, name: str, at: datetime = NOON, then: Callable[[], None] = lambda: None) -> None:
    with ledger.write() as book:
        book.stops.add("flow", name, reason="", by="omar", at=at)
        then()


def lost(ledger: MarkedLedger) -> str:
    with ledger.read() as book:
        return str(ledger.highwater.loss(book, ledger.read) or "")


def backup(folder: Path, to: Path) -> None:
    with sqlite3.connect(folder / "ledger.sqlite") as source, sqlite3.connect(to) as copy:
        source.backup(copy)
    source.close()
    copy.close()


def put_back(folder: Path, copy: Path) -> None:
    copy.replace(folder / "ledger.sqlite")
    for end in ("-wal", "-shm"):
        (folder / f"ledger.sqlite{end}").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making the tables takes longer than any of these tests."""
    folder = tmp_path_factory.mktemp("empty")
    marked(folder).close()
    return folder / "ledger.sqlite"


@pytest.fixture
def ledger(tmp_path: Path, empty: Path) -> Iterator[MarkedLedger]:
    shutil.copy(empty, tmp_path)
    opened = marked(tmp_path)
    stop(opened, "first")
    yield opened
    opened.close()


def test_the_mark_is_the_newest_entry_of_the_log(ledger: MarkedLedger) -> None:
    stop(ledger, "second")
    with ledger.read() as book:
        mark = ledger.highwater.mark()
        assert mark is not None
        assert (mark.n, mark.hash, mark.ledger) == (book.audit.head().n, book.audit.head().hash, book.audit.hash_at(1))
    assert lost(ledger) == ""


def test_a_transaction_that_fails_moves_no_mark(ledger: MarkedLedger) -> None:
    before = ledger.highwater.mark()
    with pytest.raises(StatementError, match="without a zone"):
        stop(ledger, "never", NOON.replace(tzinfo=None))
    assert ledger.highwater.mark() == before


@given(order=st.permutations(range(1, 9)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_comes_late_never_takes_it_back(order: list[int], tmp_path: Path) -> None:
    """Eight writers come to the mark in any order; all of them belong to this ledger."""

    @contextmanager
    def fresh() -> Iterator[Any]:
        yield SimpleNamespace(audit=SimpleNamespace(hash_at=lambda n: f"hash {n}"))

    highwater = HighWater(tmp_path / "another", lambda: NOON)
    highwater.path.unlink(missing_ok=True)
    newest = 0
    for n in order:
        highwater.follow(Head(n - 1, f"hash {n - 1}"), Head(n, f"hash {n}"), "ledger", fresh)
        newest = max(newest, n)
        mark = highwater.mark()
        assert mark is not None
        assert (mark.n, mark.hash) == (newest, f"hash {newest}")


def test_threads_and_looks_in_between_raise_no_false_alarm(ledger: MarkedLedger, tmp_path: Path) -> None:
    others = [marked(tmp_path) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(stop, one, f"{place} {n}") for n in range(40) for place, one in enumerate(others)]
        looks = [lost(ledger) for _ in range(100)]
        assert [write.result() for write in writes] == [None] * 120
    assert set(looks) == {""}
    for one in others:
        one.close()


def test_a_view_that_is_older_than_the_mark_is_no_loss(ledger: MarkedLedger, tmp_path: Path) -> None:
    with ledger.read() as book:
        assert book.audit.head().n
        other = marked(tmp_path)
        stop(other, "meanwhile")
        assert ledger.highwater.loss(book, ledger.read) is None
        other.close()


@pytest.mark.slow
def test_a_killed_process_leaves_a_mark_that_the_ledger_knows(ledger: MarkedLedger, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for turn in range(2):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path), str(turn)], cwd=root, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        while worker.stdout.readline().strip() != "20":
            assert worker.poll() is None
        worker.kill()
        worker.communicate()
        assert lost(ledger) == ""
        with ledger.read() as book:
            mark = ledger.highwater.mark()
            assert mark is not None
            assert 0 <= book.audit.head().n - mark.n <= 1


def test_an_older_copy_is_noticed_and_stays_noticed_however_much_is_written_to_it(ledger: MarkedLedger, tmp_path: Path) -> None:
    backup(tmp_path, tmp_path / "copy")
    stop(ledger, "forgotten")
    stop(ledger, "forgotten too")
    ledger.close()
    put_back(tmp_path, tmp_path / "copy")
    assert "an older copy, about 2 transactions short" in lost(ledger)
    for n in range(5):
        stop(ledger, f"new {n}")
    assert "an older copy, about 2 transactions short" in lost(ledger)
    ledger.accept()
    assert lost(ledger) == ""
    stop(ledger, "and on")
    assert lost(ledger) == ""


def test_when_the_right_ledger_comes_back_nothing_is_held_against_it(ledger: MarkedLedger, tmp_path: Path) -> None:
    backup(tmp_path, tmp_path / "copy")
    stop(ledger, "second")
    ledger.close()
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "good")
    put_back(tmp_path, tmp_path / "copy")
    assert lost(ledger)
    ledger.close()
    put_back(tmp_path, tmp_path / "good")
    assert lost(ledger) == ""
    stop(ledger, "third")
    mark = ledger.highwater.mark()
    assert mark is not None
    assert mark.noticed is None


@pytest.mark.parametrize("how", ["new", "foreign"])
def test_another_ledger_is_no_older_copy_and_says_so(ledger: MarkedLedger, tmp_path: Path, how: str) -> None:
    ledger.close()
    (tmp_path / "ledger.sqlite").unlink()
    other = marked(tmp_path)
    for n in range(9 if how == "foreign" else 0):
        stop(other, f"other {n}")
    assert "not the ledger that this machine worked with" in lost(other)
    other.close()


def test_a_ledger_without_its_write_ahead_log_is_an_older_copy(ledger: MarkedLedger, tmp_path: Path) -> None:
    stop(ledger, "only in the log")
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "copy")
    ledger.close()
    put_back(tmp_path, tmp_path / "copy")
    assert "short of what this machine has seen" in lost(ledger) or "not the ledger" in lost(ledger)


def test_a_file_that_is_replaced_under_an_open_ledger_gets_the_writes_and_not_the_one_that_is_gone(
    ledger: MarkedLedger, tmp_path: Path
) -> None:
    assert ledger.stop_mark()[0] == 1
    backup(tmp_path, tmp_path / "copy")
    stop(ledger, "forgotten")
    put_back(tmp_path, tmp_path / "copy")
    assert ledger.stop_mark()[0] == -1
    stop(ledger, "kept")
    with sqlite3.connect(tmp_path / "ledger.sqlite") as there:
        assert [name for (name,) in there.execute("SELECT name FROM stops ORDER BY id")] == ["first", "kept"]
    there.close()
    assert "an older copy" in lost(ledger)


def test_who_writes_while_the_file_is_replaced_hears_that_it_may_be_lost(ledger: MarkedLedger, tmp_path: Path) -> None:
    backup(tmp_path, tmp_path / "copy")
    with pytest.raises(OperationalError, match="was replaced"):
        stop(ledger, "lost", then=lambda: put_back(tmp_path, tmp_path / "copy"))


@pytest.mark.parametrize("content", [b"x", b"{}", b"\xff" * 512, b'{"n": 7}'])
def test_a_mark_that_cant_be_read_is_no_mark_that_may_be_forgotten(ledger: MarkedLedger, content: bytes) -> None:
    ledger.highwater.path.write_bytes(content)
    with pytest.raises(Unreadable, match="offswitch reconcile"):
        lost(ledger)
    stop(ledger, "second")
    with pytest.raises(Unreadable):
        lost(ledger)


def test_a_mark_that_somebody_changed_by_hand_is_not_believed(ledger: MarkedLedger) -> None:
    text = ledger.highwater.path.read_text()
    ledger.highwater.path.write_text(text.replace('"n": ', '"n": 1'))
    with pytest.raises(Unreadable):
        lost(ledger)


def test_a_mark_whose_disk_is_not_there_stops_and_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"other/mark.*OFFSWITCH_MARK"):
        HighWater(tmp_path / "other" / "mark", lambda: NOON).mark()
