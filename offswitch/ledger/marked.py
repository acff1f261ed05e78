"""A ledger whose mark follows every commit, and whose files may be replaced under it without anybody writing into the old ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

from offswitch.ledger.base import Book, Ledger
from offswitch.ledger.highwater import HighWater

_Files = tuple[object, object]  # which file the ledger is, and which its write-ahead log; None for none
_GONE = (-1, -1, False)  # no answer of a ledger is like this, so every permit lapses


class MarkedLedger:
    """Any ledger. `path`: the file of one that is a file, else None."""

    def __init__(self, ledger: Ledger, highwater: HighWater, path: Path | None) -> None:
        self.highwater = highwater
        self._ledger = ledger
        self._path = str(path) if path else ""
        self._opened: _Files = (None, None)
        self._first = ""

    @contextmanager
    def read(self) -> Iterator[Book]:
        """A consistent view."""
        self._look_at_files()
        with self._ledger.read() as book:
            self._remember_files()
            yield book

    def write(self) -> AbstractContextManager[Book]:
        """An exclusive transaction: all of it, or nothing."""
        return self._followed(self._ledger.write)

    def share(self) -> AbstractContextManager[Book]:
        """A write transaction of a worker at its batch."""
        return self._followed(self._ledger.share)

    def stop_mark(self, token: int = 0) -> tuple[int, int, bool]:
        """As the ledger says; like no other answer once its files have been replaced."""
        return _GONE if self._replaced() else self._ledger.stop_mark(token)

    def accept(self) -> None:
        """From now on this is the ledger that the mark speaks of: a person has said so."""
        self._first = ""
        with self.read() as book:
            head = book.audit.head()
        self.highwater.accept(head, self._name())

    def close(self) -> None:
        """Let go of the store."""
        self._ledger.close()
        self._opened, self._first = (None, None), ""

    @contextmanager
    def _followed(self, begin: Callable[[], AbstractContextManager[Book]]) -> Iterator[Book]:
        self._look_at_files()
        with begin() as book:
            self._remember_files()
            yield book
        if self._replaced():
            what = "the ledger's file was replaced while it was being written: this may be lost"
            raise OperationalError(what, None, OSError(what))
        if book.audit.sealed:
            self.highwater.follow(*book.audit.sealed, self._name(), self._ledger.read)

    def _name(self) -> str:
        """The hash of the log's first entry, which no other ledger has."""
        if not self._first:
            with self._ledger.read() as book:
                self._first = book.audit.hash_at(1) or ""
        return self._first

    def _look_at_files(self) -> None:
        """After a replacement, begin anew with the files that are there now."""
        if self._replaced():
            self.close()

    def _remember_files(self) -> None:
        if self._path and None in self._opened:
            self._opened = self._there()

    def _replaced(self) -> bool:
        return self._opened != (None, None) and self._there() != self._opened

    def _there(self) -> _Files:
        return _number(self._path), _number(f"{self._path}-wal")


def _number(path: str) -> tuple[int, int] | None:
    try:
        seen = os.stat(path)  # noqa: PTH116 - looked at before every effect, and twice as fast
    except OSError:
        return None
    return seen.st_dev, seen.st_ino
