"""The synchronous engine beside the event loop, always in one thread: SQLite's connections belong to theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Generic, Self, TypeVar

from offswitch.orchestrate.host import StopRequest

T = TypeVar("T")


class OneThread:
    """Cancelling what awaits this thread asks for a stop and waits until the thread has come to its end.

    A thread can't be interrupted. To let go of one that sends would leave it sending while the run counts as ended, so
    a cancellation is kept until the pass has been closed, and raised then.
    """

    def __init__(self, stop: StopRequest) -> None:
        self.failed = False
        self._stop = stop
        self._cancelled: asyncio.CancelledError | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="offswitch")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        self._pool.shutdown(wait=True)
        if error is None and self._cancelled is not None:
            raise self._cancelled

    async def do(self, work: Callable[[], T]) -> T:
        """The result of `work`, from the thread."""
        future = asyncio.wrap_future(self._pool.submit(work))
        while not future.done():
            try:
                await asyncio.wait([future])  # unlike `await future`, leaves it alone when cancelled
            except asyncio.CancelledError as cancelled:
                self._cancelled = cancelled
                self._stop.ask()
        self.failed = self.failed or future.exception() is not None
        return future.result()

    def inside(self, opened: AbstractContextManager[T]) -> _Inside[T]:
        """Enter and leave a context in the thread."""
        return _Inside(self, opened)


class _Inside(Generic[T]):
    def __init__(self, thread: OneThread, opened: AbstractContextManager[T]) -> None:
        self._thread = thread
        self._opened = opened
        self._stack = ExitStack()

    async def __aenter__(self) -> T:
        return await self._thread.do(lambda: self._stack.enter_context(self._opened))

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """An error beside the thread, such as a cancellation, is none of what was opened in it."""
        if self._thread.failed:
            await self._thread.do(lambda: self._stack.__exit__(kind, error, trace))
        else:
            await self._thread.do(self._stack.close)
