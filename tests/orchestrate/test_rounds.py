"""Several flows again and again: a slow one delays no other, and a stop ends them all."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter

import pytest

from offswitch.orchestrate import rounds as rounds_module
from offswitch.orchestrate.host import Host
from offswitch.orchestrate.rounds import rounds


@pytest.fixture(autouse=True)
def nobody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds_module, "tell_what_stands", lambda: None)


def test_a_slow_flow_delays_no_other() -> None:
    """K8"""
    host, passes, others = Host(), Counter[str](), threading.Event()

    def one_pass(flow: str) -> str:
        passes[flow] += 1
        if flow == "slow":
            assert others.wait(20), "the quick one waited for the slow one"
        elif passes[flow] == 3:
            others.set()
            host.stop.ask()
        return ""

    assert rounds(["slow", "quick"], one_pass, 0.01, host) == 0
    assert passes["slow"] == 1
    assert passes["quick"] >= 3


def test_a_pass_that_fails_is_told_and_tried_again_and_stops_nobody() -> None:
    told: list[tuple[str, str]] = []
    host, passes = Host(on_trouble=lambda flow, why: told.append((flow, why))), Counter[str]()

    def one_pass(flow: str) -> str:
        passes[flow] += 1
        if min(passes["bad"], passes["good"]) >= 3:
            host.stop.ask()
        return "no ledger" if flow == "bad" else ""

    assert rounds(["bad", "good"], one_pass, 0.01, host) == 0
    assert set(told) == {("bad", "no ledger")}


def test_what_nobody_foresaw_ends_the_process_instead_of_one_flow_in_silence() -> None:
    def one_pass(flow: str) -> str:
        if flow == "odd":
            raise ZeroDivisionError
        return ""

    with pytest.raises(ZeroDivisionError):
        rounds(["odd", "good"], one_pass, 0.01, Host())


def test_a_signal_ends_every_flow() -> None:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    began = time.monotonic()
    assert rounds(["a", "b"], lambda _: "", 60.0, Host()) == 0
    assert time.monotonic() - began < 10
