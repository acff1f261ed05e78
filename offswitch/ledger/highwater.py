"""How far the ledger had come, in a small file outside of it: what a restored backup can't know.

A backup brings back a ledger that has forgotten what was sent since. The file names the ledger and its newest entry in the
audit log. It is written after each commit, without waiting for the disk: it survives a process that is killed. After a power
cut it may be a little old, which is harmless; it is never ahead of the ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from zlib import crc32

from offswitch.errors import OffswitchError
from offswitch.ledger.audit import Head
from offswitch.ledger.base import Book

Fresh = Callable[[], AbstractContextManager[Book]]  # begins a new view of the ledger
_SIZE = 512  # bytes: one sector, so that no power cut leaves half of it
_DAMAGED = "{} is damaged, so nobody knows whether the ledger is whole: run `offswitch reconcile`"


class Unreadable(OffswitchError):
    """There is a mark, or its place, and it can't be used: what the ledger may have lost is not known."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`ledger` is the hash of the log's first entry, `n` and `hash` are the newest one's, `at` is when it was seen.

    `noticed` is when a ledger was first found that lacks this entry, and `found` how far that one had come.
    """

    ledger: str
    n: int
    hash: str
    at: datetime
    noticed: datetime | None = None
    found: int = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """What the ledger lacks. `same`: an older copy of the one that we know; else another, perhaps a new one."""

    same: bool
    gone: int
    until: datetime
    noticed: datetime

    def __str__(self) -> str:
        if self.same:
            what = f"the ledger is an older copy, about {self.gone:,} transactions short of what this machine has seen"
        else:
            what = "this is not the ledger that this machine worked with: it is new, or OFFSWITCH_LEDGER names another one"
        return f"{what}; what they sent may go out again, so nothing is sent. Run `offswitch reconcile`"


class HighWater:
    """The mark of one machine. Every method takes the file's lock for some microseconds."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self.path = path
        self._now = now

    def mark(self) -> Mark | None:
        """What the file says; None while there is none. Raises Unreadable."""
        with self._open(LOCK_SH) as file:
            return _read(file, self.path)

    def follow(self, before: Head, head: Head, ledger: str, fresh: Fresh) -> None:
        """This entry, and the one before it, are on the disk. Never goes back, and never to a ledger that lacks the mark.

        A mark that can't be written stays old.
        """
        new = Mark(ledger, head.n, head.hash, self._now())
        behind = self._change(
            lambda mark: new if mark is None or (mark.n, mark.hash, mark.noticed) == (before.n, before.hash, None) else None
        )
        if behind is None or behind.n >= head.n or behind.noticed:
            return
        with fresh() as book:  # others have written meanwhile: is it still the same ledger?
            known = book.audit.hash_at(behind.n) == behind.hash
        if known:
            self._change(lambda mark: new if mark and mark.n < head.n and not mark.noticed else None)

    def loss(self, book: Book, fresh: Fresh) -> Loss | None:
        """What this ledger lacks, None when nothing. Raises Unreadable.

        `fresh` begins a new view of it: one that is older than the mark can't know what the mark says.
        """
        mark = self.mark()
        if mark is None:
            return None
        if book.audit.hash_at(mark.n) != mark.hash:
            with fresh() as now:
                if now.audit.hash_at(mark.n) != mark.hash:
                    return None if self._accepted(mark, now) else self._noticed(mark, now)
        if mark.noticed:  # the right ledger is back
            self._change(lambda newest: newest and replace(newest, noticed=None, found=0))
        return None

    def accept(self, head: Head, ledger: str) -> None:
        """From now on the mark is this ledger's: a person has said so. Raises OSError."""
        with self._open(LOCK_EX) as file:
            _write(file, Mark(ledger, head.n, head.hash, self._now()))

    def _accepted(self, mark: Mark, book: Book) -> bool:
        """Has somebody gone on with this ledger already, on another machine perhaps, knowing that all this is gone?"""
        until = book.recoveries.lost_until()
        if until is None or until < mark.at:
            return False
        self.accept(book.audit.head(), book.audit.hash_at(1) or "")
        return True

    def _noticed(self, mark: Mark, book: Book) -> Loss:
        if mark.noticed is None:
            mark = replace(mark, noticed=self._now(), found=book.audit.head().n)
            self._change(lambda newest: mark if newest and newest.n == mark.n else None)
        same = mark.ledger == book.audit.hash_at(1)
        return Loss(same, max(mark.n - mark.found, 1), mark.at, mark.noticed or mark.at)

    def _change(self, to: Callable[[Mark | None], Mark | None]) -> Mark | None:
        """Make the mark what a function makes of it; it gives None for no change, and then this gives the mark that stays.

        What can't be done is left: an old mark is harmless.
        """
        with suppress(OSError, Unreadable), self._open(LOCK_EX) as file:
            mark = _read(file, self.path)
            new = to(mark)
            if new is None:
                return mark
            _write(file, new)
        return None

    @contextmanager
    def _open(self, lock: int) -> Iterator[int]:
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unreadable(f"{self.path} can't be opened ({error.strerror}): mend that, or set OFFSWITCH_MARK") from error
        try:
            flock(file, lock)
            yield file
        finally:
            os.close(file)


def _read(file: int, path: Path) -> Mark | None:
    content = os.pread(file, _SIZE, 0)
    if not content:
        return None
    text, _, check = content.rstrip().rpartition(b" ")
    try:
        if int(check, 16) != crc32(text):
            raise Unreadable(_DAMAGED.format(path))
        kept = json.loads(text)
        noticed = datetime.fromisoformat(kept["noticed"]) if kept["noticed"] else None
        return Mark(kept["ledger"], kept["n"], kept["hash"], datetime.fromisoformat(kept["at"]), noticed, kept["found"])
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(_DAMAGED.format(path)) from error


def _write(file: int, mark: Mark) -> None:
    """In one call: whoever is killed leaves the old one or the new one."""
    text = json.dumps(asdict(mark), default=datetime.isoformat).encode()
    os.pwrite(file, (text + b" %08x" % crc32(text)).ljust(_SIZE - 1) + b"\n", 0)
