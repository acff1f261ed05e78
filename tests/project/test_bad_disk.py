"""A disk that is full, read-only or broken, at whatever moment: effects stop, one line says why, and nothing goes out twice."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from offswitch.act.ports import Order
from offswitch.ledger.trouble import in_words
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.receipt import Receipt
from offswitch.testing.fakes import FakeMailer
from offswitch.testing.smtp_sink import SinkSmtpServer
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig
from tests.orchestrate.small_project import ROOT, SmallProject, mails_to_people, small_project
from tests.project.backups import ledger_of

LAPSE = timedelta(minutes=2)
PEOPLE = tuple(f"p{n:02}" for n in range(60))


@contextmanager
def room_for(rig: Rig, pages: int) -> Iterator[None]:
    """The file may grow by so many pages: SQLite then says that the disk is full, wherever it is."""
    rig.close()
    with sqlite3.connect(ledger_of(rig)) as now:
        most = now.execute("PRAGMA page_count").fetchone()[0] + pages
    now.close()
    engine = rig.ledger._ledger._engine  # type: ignore[attr-defined]

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        rig.close()


def test_a_disk_that_is_full_at_whatever_page_sends_nothing_twice_and_loses_nobody(rig_of: MakeRig) -> None:
    """Once for each amount of free room, until the pass gets through."""
    failed, sent_before, said = 0, set[int](), set[str]()
    for room in range(0, 60, 8):
        rig = rig_of(tour)
        rig.submit_all(*PEOPLE)
        try:
            with room_for(rig, room):
                rig.run(tour)
        except SQLAlchemyError as error:
            said.add(in_words(error))
            failed += 1
            sent_before.add(len(rig.sent()))
        rig.run(tour, LAPSE)
        assert sorted(rig.sent()) == sorted(PEOPLE), f"with room for {room} pages"
        assert rig.effects(tour, Stage.UNKNOWN) == []
        assert rig.states(tour) == ["waiting"] * 60
    assert failed > 3
    assert [words[:40] for words in said] == ["the disk is full: free some space. Nothi"]
    assert max(sent_before) > 0, "a disk that fills up while letters are on their way was among them"


class FillsTheDisk(FakeMailer):
    """After the first letters there is no room for what became of them."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self._rig = rig

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        fresh = not self.journal
        yield from super().perform(orders)
        if fresh:
            with self._rig.ledger.read() as book:
                book.connection.exec_driver_sql("PRAGMA max_page_count = 1")


def test_what_was_on_its_way_when_the_disk_was_full_stands_in_the_marks(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*PEOPLE)
    rig.project.mailer = rig.mailer = FillsTheDisk(rig)
    with pytest.raises(OperationalError, match="full"):
        rig.run(tour)
    rig.close()
    report = rig.run(tour, LAPSE)
    assert report.total("performed") == 60
    assert sorted(rig.sent()) == sorted(PEOPLE)
    assert rig.effects(tour, Stage.UNKNOWN) == []


def run_in(project: SmallProject, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "offswitch", "run", "welcome", "--plain"]
    environment = project.environment(port, TMPDIR=str(project.folder))
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


@contextmanager
def read_only(home: Path) -> Iterator[None]:
    """As a mount that went read-only after an error of the disk."""
    mount("--bind", str(home), str(home))
    mount("-o", "remount,bind,ro", str(home))
    yield
    subprocess.run(["umount", str(home)], check=True)


@contextmanager
def full(home: Path) -> Iterator[None]:
    """A small file system of its own, with nothing left on it."""
    aside = home.rename(home.with_name("aside"))
    home.mkdir()
    mount("-t", "tmpfs", "-o", "size=3m", "none", str(home))
    subprocess.run(["cp", "-a", f"{aside}/.", str(home)], check=True)
    with (home / "logs").open("wb", buffering=0) as logs, suppress(OSError):
        while logs.write(b"x" * 512):
            continue
    yield
    (home / "logs").unlink()


@contextmanager
def damaged(home: Path) -> Iterator[None]:
    """The disk has written something else over the file."""
    ledger = home / "ledger.sqlite"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:100] + os.urandom(len(whole) - 100))
    yield
    ledger.write_bytes(whole)


def mount(*words: str) -> None:
    if subprocess.run(["mount", *words], capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")


@pytest.fixture
def unmounted(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    while subprocess.run(["umount", str(tmp_path / "state")], capture_output=True, check=False).returncode == 0:
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (full, "the disk is full: free some space"),
        (read_only, "the ledger can't be written: it is read-only here|can't be opened"),
        (damaged, "the ledger is damaged: stop every offswitch process"),
    ],
)
def test_one_line_says_what_to_do_people_are_alerted_and_afterwards_it_goes_on(
    unmounted: Path, trouble: Callable[[Path], AbstractContextManager[None]], words: str
) -> None:
    project = small_project(unmounted, 3)
    with sqlite3.connect(project.home / "ledger.sqlite") as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    with SinkSmtpServer() as sink:
        with trouble(project.home):
            done = run_in(project, sink.port)
            assert done.returncode == 1
            assert re.search(words, done.stderr), done.stderr
            assert "Traceback" not in done.stdout + done.stderr
            assert "@example.com" not in done.stdout + done.stderr
            assert mails_to_people(sink) == []
            assert sink.taken, "somebody was alerted"
        done = run_in(project, sink.port)
        assert (done.returncode, len(mails_to_people(sink))) == (0, 3), done.stderr
