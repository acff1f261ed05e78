"""The Prefect flow of a journey: one flow run is one pass, one task run is one phase of it or one batch."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from prefect import Flow, Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.events import Event
from prefect.states import Failed

from offswitch.act.desk import BATCH
from offswitch.act.run import Pass
from offswitch.journey.journey import Journey
from offswitch.orchestrate.host import HOST, Host, StopRequest, hears_sigterm_first
from offswitch.orchestrate.opened import MENDABLE, in_a_line, opened, tell_what_stands
from offswitch.orchestrate.shown import Drawing, emit_notices, state_of
from offswitch.orchestrate.thread import OneThread
from offswitch.shadow.run import running

T = TypeVar("T")

# Prefect's heartbeat thread would complete this model while ours reads the flow's source, and CPython 3.11 before 3.11.8
# fails where two threads parse at the same time (gh-106905).
Event.model_rebuild()


def flow_of(journey: Journey) -> Flow[[], Coroutine[Any, Any, State[None]]]:
    """The flow has the journey's name. It never retries: the ledger knows what is to be tried again, and when."""

    async def one_pass() -> State[None]:
        return await _run(journey, HOST.get(None))

    one_pass.__name__ = journey.name
    return Flow(
        one_pass,
        name=journey.name,
        description=sys.modules[journey.first.decide.__module__].__doc__,
        flow_run_name=lambda: f"{journey.name}, {datetime.now(UTC):%Y-%m-%d %H:%M}",
        retries=0,
        persist_result=False,
        validate_parameters=False,
    )


async def _run(journey: Journey, host: Host | None) -> State[None]:
    """Without a host the run is alone in its process, and nobody else looks after alerts."""
    stop = host.stop if host else StopRequest()
    with hears_sigterm_first(stop):
        try:
            async with OneThread(stop) as thread:
                state = await _pass(journey, host or Host(stop=stop), thread)
                if host is None:
                    await thread.do(tell_what_stands)
                return state
        except MENDABLE as error:
            return Failed(message=in_a_line(error))


async def _pass(journey: Journey, host: Host, thread: OneThread) -> State[None]:
    stop, drawing = host.stop, Drawing(journey.name)
    async with thread.inside(opened(journey, stop)) as one:
        await _task("collect", lambda: thread.do(one.collect))
        due, batches = await thread.do(lambda: _due(one)), 1
        while not stop.asked and (batch := await _task("advance", lambda: thread.do(one.advance), batches)) is not None:
            host.on_batch(journey.name, batch)
            await drawing.progress(min(batches * BATCH / max(due, 1), 1))
            batches += 1
        if not stop.asked:
            await _task("crm", lambda: thread.do(one.drain))
            if await thread.do(lambda: _dry_run(one)):
                await _task("shadow", lambda: thread.do(one.shadow))
        halt = await thread.do(lambda: _halt(one))
    emit_notices(journey.name, one.report)
    await _task("report", lambda: drawing.summary(one.report))
    host.on_report(journey.name, one.report)
    return state_of(one.report, halt, stop.asked)


async def _task(name: str, work: Callable[[], Awaitable[T]], number: int = 0) -> T:
    """One task run. Without retries and cache: either would repeat what only the ledger may repeat."""

    async def phase() -> T:
        return await work()

    shown = f"{name} {number}" if number else name
    return await Task(phase, name=name, task_run_name=shown, retries=0, cache_policy=NO_CACHE, persist_result=False)()


def _due(one: Pass) -> int:
    with one.desk.ledger.read() as book:
        return book.entries.due_now(one.desk.journey.name, one.desk.clock.now())


def _dry_run(one: Pass) -> bool:
    with one.desk.ledger.read() as book:
        return running(one.desk.switchboard.look(book))


def _halt(one: Pass) -> str:
    """Why the flow is off now, or ""."""
    with one.desk.ledger.read() as book:
        halt = one.desk.switchboard.look(book).halt
    return halt.reason if halt else ""
