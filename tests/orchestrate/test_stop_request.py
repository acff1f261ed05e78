from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest

from offswitch.orchestrate.host import Host, StopRequest, hears_sigterm_first, stopped_by_signals
from offswitch.orchestrate.rounds import rounds
from offswitch.orchestrate.thread import OneThread


def test_who_listens_hears_of_a_stop_and_who_comes_late_hears_at_once() -> None:
    stop, heard = StopRequest(), []
    with stop.heard_by(lambda: heard.append("early")):
        stop.ask()
    with stop.heard_by(lambda: heard.append("late")):
        assert heard == ["early", "late"]


def test_who_no_longer_listens_hears_nothing() -> None:
    stop, heard = StopRequest(), []
    with stop.heard_by(lambda: heard.append("gone")):
        pass
    stop.ask()
    assert not heard


def test_waiting_ends_with_the_request() -> None:
    stop = StopRequest()
    threading.Timer(0.05, stop.ask).start()
    began = time.monotonic()
    assert stop.wait(30)
    assert time.monotonic() - began < 5


def test_sigterm_asks_for_a_stop_and_the_second_one_is_final() -> None:
    stop = StopRequest()
    with stopped_by_signals(stop):
        signal.raise_signal(signal.SIGTERM)
        assert stop.asked
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_stop_is_heard_before_a_handler_that_raises() -> None:
    """As Prefect's does; what it raises may be lost in the event loop."""
    stop = StopRequest()

    def raises(*_: object) -> None:
        assert stop.asked
        raise InterruptedError

    before = signal.signal(signal.SIGTERM, raises)
    try:
        with hears_sigterm_first(stop), pytest.raises(InterruptedError):
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is raises
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_cancelled_run_waits_until_its_thread_has_ended() -> None:
    stop, did = StopRequest(), []

    def work() -> None:
        stop.wait(10)
        time.sleep(0.2)  # what is under way comes to its end
        did.append("ended")

    async def run() -> None:
        async with OneThread(stop) as thread:
            await thread.do(work)
            did.append("closed")

    async def cancelled() -> None:
        task = asyncio.create_task(run())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        did.append("cancelled")

    asyncio.run(cancelled())
    assert did == ["ended", "closed", "cancelled"]


def test_everything_of_a_run_happens_in_one_thread_which_is_not_the_loops() -> None:
    async def run() -> set[int]:
        async with OneThread(StopRequest()) as thread:
            return {await thread.do(threading.get_ident) for _ in range(5)}

    seen = asyncio.run(run())
    assert len(seen) == 1
    assert threading.get_ident() not in seen


def test_a_flow_that_fails_does_not_withhold_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offswitch.orchestrate.rounds.tell_what_stands", lambda: None)
    ran: list[str] = []
    troubles: list[tuple[str, str]] = []

    def one_pass(flow: str) -> str:
        ran.append(flow)
        return "broken" if flow == "first" else ""

    host = Host(on_trouble=lambda flow, why: troubles.append((flow, why)))
    assert rounds(["first", "second"], one_pass, None, host) == 1
    assert ran == ["first", "second"]
    assert troubles == [("first", "broken")]


def test_rounds_go_on_until_asked_to_stop_and_end_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offswitch.orchestrate.rounds.tell_what_stands", lambda: None)
    host, ran = Host(), []

    def one_pass(flow: str) -> str:
        ran.append(flow)
        if len(ran) == 5:
            host.stop.ask()
        return ""

    assert rounds(["one", "two"], one_pass, 0.01, host) == 0
    assert len(ran) in (5, 6)  # the other one may have been at it
    assert set(ran) == {"one", "two"}
