"""Who runs passes in this process: hears how they go, and may ask them to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import FrameType

from offswitch.act.report import Report

REASON = "the run was asked to stop"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequest:
    """Takes effect between two effects, not between two passes: every permit check hears of it."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._hearers: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Shall this process come to an end?"""
        return self._asked.is_set()

    def ask(self) -> None:
        """Stop. Fit to be called from a signal handler of a thread that does not itself `wait`."""
        for hear in tuple(self._hearers):
            hear()
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until the request. True when there is one."""
        return self._asked.wait(seconds)

    @contextmanager
    def heard_by(self, hear: Callable[[], None]) -> Iterator[None]:
        """Tell it too, at once if the request is there already."""
        self._hearers.append(hear)
        if self.asked:
            hear()
        try:
            yield
        finally:
            self._hearers.remove(hear)


def _nobody(_flow: str, _told: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Host:
    """Each hears with the flow's name: `on_batch` of every batch, `on_report` of every pass, `on_trouble` why one failed."""

    on_report: Callable[[str, Report], None] = _nobody
    on_trouble: Callable[[str, str], None] = _nobody
    on_batch: Callable[[str, Report], None] = _nobody
    stop: StopRequest = field(default_factory=StopRequest)


HOST: ContextVar[Host] = ContextVar("host")


@contextmanager
def stopped_by_signals(stop: StopRequest) -> Iterator[None]:
    """SIGTERM and Ctrl-C ask for a stop; a second one ends the process at once, which is safe too."""

    def hear(number: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, hear) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def hears_sigterm_first(stop: StopRequest) -> Iterator[None]:
    """Ask for a stop before Prefect's own handler runs.

    That one raises an exception wherever the main thread is; in a callback of the event loop it would only be logged,
    and the run would go on sending until it is killed. In other threads whoever owns the process takes its signals.
    """
    before = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def hear(number: int, frame: FrameType | None) -> None:
        stop.ask()
        before(number, frame)

    signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
