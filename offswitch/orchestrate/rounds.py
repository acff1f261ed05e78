"""Passes of several flows, once or again and again, in one thread beside the one that takes the signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic

from offswitch.orchestrate.host import Host, stopped_by_signals
from offswitch.orchestrate.opened import MENDABLE, in_a_line, tell_what_stands


def rounds(flows: Sequence[str], one_pass: Callable[[str], str], every: float | None, host: Host) -> int:
    """The exit code: 1 when a pass failed. With `every`, in seconds from start to start, it is 0 once a stop is asked for.

    `one_pass` says why a pass failed, or ""; that is no reason to withhold the others.
    """
    stop = host.stop

    def went_well(flow: str) -> bool:
        if trouble := one_pass(flow):
            host.on_trouble(flow, trouble)
        return not trouble

    def again_and_again() -> int:
        while True:
            began = monotonic()
            well = [went_well(flow) for flow in flows if not stop.asked]
            _tell_people(host)
            if every is None or stop.asked:
                return 0 if all(well) or every is not None else 1
            if stop.wait(began + every - monotonic()):
                return 0

    with stopped_by_signals(stop), ThreadPoolExecutor(1, thread_name_prefix="rounds") as pool:
        return pool.submit(copy_context().run, again_and_again).result()


def _tell_people(host: Host) -> None:
    try:
        tell_what_stands()
    except MENDABLE as error:
        host.on_trouble("alerts", in_a_line(error))
