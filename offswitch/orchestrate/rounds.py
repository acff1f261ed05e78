"""Passes of several flows, once or again and again, in one thread beside the one that takes the signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic

from offswitch.orchestrate.host import StopRequest, stopped_by_signals


def rounds(flows: Sequence[str], one_pass: Callable[[str], bool], every: float | None, stop: StopRequest) -> int:
    """The exit code: 1 when a pass failed. With `every`, in seconds from start to start, it is 0 once a stop is asked for.

    `one_pass` says whether the pass went well; a pass that did not is no reason to withhold the others.
    """

    def again_and_again() -> int:
        while True:
            began = monotonic()
            well = [one_pass(flow) for flow in flows if not stop.asked]
            if every is None or stop.asked:
                return 0 if all(well) or every is not None else 1
            if stop.wait(began + every - monotonic()):
                return 0

    with stopped_by_signals(stop), ThreadPoolExecutor(1, thread_name_prefix="offswitch") as pool:
        return pool.submit(copy_context().run, again_and_again).result()
