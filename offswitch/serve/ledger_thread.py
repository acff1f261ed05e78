"""One thread with its own connection to the ledger: the event loop never waits for a disk, and writes keep their order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from offswitch.errors import ConfigError, OffswitchError, Refused
from offswitch.ledger.base import Book
from offswitch.project.project import Project

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class Unavailable(OffswitchError):
    """The ledger, or the folder beside it, can't be used now. Whoever asked may try again: what was taken is known."""


class LedgerThread:
    """`patience` in seconds, None for any time; after it the asker is told to come again. What has begun goes on."""

    def __init__(self, project: Project, patience: float | None) -> None:
        self._project = project
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    async def write(self, work: Callable[[Book], T]) -> T:
        """Do it in one transaction, which is on disk when this returns. Raises Unavailable."""
        return await self.run(lambda: self._write(work))

    async def read(self, work: Callable[[Book], T]) -> T:
        """Do it on a consistent view. Raises Unavailable."""
        return await self.run(lambda: self._read(work))

    async def run(self, work: Callable[[], T]) -> T:
        """Do it on this thread. Raises Unavailable."""
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (SQLAlchemyError, OSError, ConfigError, Refused) as error:  # a time-out is an OSError
            _LOG.error("can't be stored or read now: %s", type(error).__name__)  # its words may name people
            raise Unavailable(type(error).__name__) from error

    def close(self) -> None:
        """Finish what has begun."""
        self._thread.shutdown(cancel_futures=True)

    def _write(self, work: Callable[[Book], T]) -> T:
        with self._project.ledger.write() as book:
            return work(book)

    def _read(self, work: Callable[[Book], T]) -> T:
        with self._project.ledger.read() as book:
            return work(book)
