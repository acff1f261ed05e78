"""Passes of several flows, once in turn, or again and again each in a thread of its own, so that a slow one delays no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import partial
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

    def once() -> int:
        well = [went_well(flow) for flow in flows if not stop.asked]
        _tell_people(host)
        return 0 if all(well) else 1

    def again_and_again(work: Callable[[], object]) -> None:
        assert every is not None
        began = monotonic()
        work()
        while not stop.wait(began + every - monotonic()):
            began = monotonic()
            work()

    with stopped_by_signals(stop), ThreadPoolExecutor(len(flows) + 1, thread_name_prefix="rounds") as pool:
        if every is None:
            return pool.submit(copy_context().run, once).result()
        works: list[Callable[[], object]] = [*(partial(went_well, flow) for flow in flows), partial(_tell_people, host)]
        running = [pool.submit(copy_context().run, partial(again_and_again, work)) for work in works]
        wait(running, return_when=FIRST_EXCEPTION)  # what nobody foresaw ends the process; whoever started it starts it again
        stop.ask()
        for one in running:
            one.result()
        return 0


def _tell_people(host: Host) -> None:
    try:
        tell_what_stands()
    except MENDABLE as error:
        host.on_trouble("alerts", in_a_line(error))
