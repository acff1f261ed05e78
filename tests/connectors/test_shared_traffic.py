"""What all processes of this machine share about a provider: its pace, its breaker, and nothing that a dead one could lock."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http.breaker import Breaker, Position
from connectors.http.pace import Limit, Pace
from connectors.http.slate import Slate
from connectors.http.state import SIZE, State, fresh, sound, state_of
from connectors.http.traffic import Service, Traffic, conditions, folder, states, traffic_to
from offswitch.gate.permit import uptime

SLOW = Service("slow", calls=10, seconds=1000)
URL = "https://api.example.com"
BESIDE = f"""
import fcntl, json, os, signal, sys
from connectors.http.traffic import Service, traffic_to
for line in sys.stdin:
    known = {{"fcntl": fcntl, "os": os, "signal": signal}}
    os.environ["OFFSWITCH_HOME"], code = json.loads(line)
    known["traffic"] = traffic_to(Service("slow", calls=10, seconds=1000), {URL!r})
    exec(code, known)
    print(json.dumps(known.get("told")), flush=True)
"""
HOLDS_THE_LOCK = """
reader, writer = os.pipe()
told = os.fork()
if told == 0:
    traffic.pause(0)
    fcntl.flock(traffic.slate._file, fcntl.LOCK_EX)
    os.write(writer, b"x")
    signal.pause()
os.read(reader, 1)
"""
NOW = 1000.0
REAL = State(Pace(3.5, NOW - 5, NOW + 60), Breaker(5, NOW + 20, 0.0, NOW - 9, "the provider hung up"), -2.5, NOW - 5)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))
    return tmp_path


def test_a_pause_longer_than_a_day_is_a_day_and_never_none() -> None:
    traffic = traffic_to(SLOW, URL)
    traffic.pause(99_999)
    assert 86_000 < traffic.paused() <= 86_400


class Neighbour:
    """Another process of this machine."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", BESIDE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, code: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([os.environ["OFFSWITCH_HOME"], code]) + "\n")
        self.process.stdin.flush()

    def told(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, code: str) -> Any:
        self.begin(code)
        return self.told()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def neighbour() -> Iterator[Neighbour]:
    made = Neighbour()
    yield made
    made.kill()


def here(service: Service = SLOW) -> Traffic:
    """As a process that has just begun sees it."""
    return Traffic(service, Slate(traffic_to(service, URL).slate.path, SIZE))


def test_processes_together_keep_the_limit(neighbour: Neighbour) -> None:
    neighbour.begin("told = sum(traffic.reserve(1, 0) <= 0 for _ in range(200))")
    gone = sum(here().reserve(1, 0) <= 0 for _ in range(20))
    assert gone + neighbour.told() == SLOW.calls


def test_an_open_breaker_and_a_pause_hold_every_process(neighbour: Neighbour) -> None:
    assert here().enter() == 0
    neighbour.ask("[traffic.badly('the provider hung up') for _ in range(5)]; traffic.pause(60)")
    assert 0 < here().enter() <= SLOW.rest
    assert 50 < here().paused() <= 60
    assert (conditions()["slow"].position, conditions()["slow"].why) == (Position.OPEN, "the provider hung up")
    here().well()
    assert (here().enter(), neighbour.ask("told = traffic.enter()")) == (0, 0)


def test_a_forked_child_counts_with_its_parent(neighbour: Neighbour) -> None:
    code = "told = traffic.reserve(4, 0)\nchild = os.fork()\nif child == 0: os._exit(traffic.reserve(6, 0) > 0)\nos.waitpid(child, 0)"
    assert neighbour.ask(code) == 0
    assert here().reserve(1, 0) > 0


def test_a_frozen_process_holds_nobody_up_for_long_and_a_killed_one_not_at_all(neighbour: Neighbour) -> None:
    child = neighbour.ask(HOLDS_THE_LOCK)
    os.kill(child, signal.SIGSTOP)
    began = time.monotonic()
    assert here().reserve(1, 10) == 0
    assert 0.5 < time.monotonic() - began < 3
    os.kill(child, signal.SIGKILL)
    neighbour.ask(f"os.waitpid({child}, 0)")
    began = time.monotonic()
    assert here().reserve(1, 10) == 0
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("damage", [b"", b"\xff" * SIZE, b"x" * 10, REAL.to_bytes()[:-1] + b"?", REAL.to_bytes() + b"more"])
def test_a_damaged_file_is_started_anew(damage: bytes) -> None:
    here().reserve(10, 0)
    here().slate.path.write_bytes(damage)
    allowed = here().reserve(10, 0) == 0
    assert allowed or damage.startswith(REAL.to_bytes())
    assert state_of(here().slate.read(), uptime()) is not None


@given(st.integers(0, SIZE * 8 - 1))
def test_no_flipped_bit_is_believed(bit: int) -> None:
    written = bytearray(REAL.to_bytes())
    assert state_of(bytes(written), NOW) == REAL
    written[bit // 8] ^= 1 << bit % 8
    assert state_of(bytes(written), NOW) is None


@pytest.mark.parametrize(
    "wrong",
    [
        replace(REAL, pace=replace(REAL.pace, seen=NOW + 10)),
        replace(REAL, pace=replace(REAL.pace, paused_until=NOW + 90_000)),
        replace(REAL, pace=replace(REAL.pace, tokens=float("nan"))),
        replace(REAL, pace=replace(REAL.pace, tokens=-1e9)),
        replace(REAL, breaker=replace(REAL.breaker, until=NOW + 90_000)),
        replace(REAL, breaker=replace(REAL.breaker, probe_until=float("inf"))),
        replace(REAL, breaker=replace(REAL.breaker, opened=NOW + 10)),
    ],
)
def test_a_time_that_cannot_be_is_forgotten(wrong: State) -> None:
    limit = Limit(10, 5)
    assert sound(state_of(wrong.to_bytes(), NOW), limit, NOW) == fresh(limit, NOW)


def test_what_another_run_of_the_machine_knew_is_forgotten_and_swept_away(home: Path) -> None:
    old = Path(f"{here().slate.path.with_suffix('')}.0ldb00t")
    old.parent.mkdir()
    old.write_bytes(State(Pace(-50, uptime())).to_bytes())
    os.utime(old, (0, 0))
    assert here().reserve(10, 0) == 0
    assert [path.suffix for path in (home / "traffic").iterdir()] == [here().slate.path.suffix]
    assert set(states()) == {"slow"}


def test_a_file_that_was_taken_away_is_made_again() -> None:
    one, two = here(), here()
    one.reserve(10, 0)
    one.slate.path.unlink()
    assert two.reserve(4, 0) == 0
    assert one.reserve(6, 0) == 0
    assert one.reserve(1, 0) > 0


@pytest.mark.parametrize("spoil", [lambda at: at.write_text("a file"), lambda at: at.symlink_to("/proc/self/nowhere")])
def test_where_there_can_be_no_folder_the_process_keeps_the_pace_by_itself(home: Path, spoil: Callable[[Path], object]) -> None:
    spoil(home / "traffic")
    alone = here(Service("alone", calls=2, seconds=60, failures=1))
    assert [alone.reserve(1, 0) <= 0 for _ in range(3)] == [True, True, False]
    alone.badly("")
    assert alone.enter() > 0
    assert alone.slate.trouble


def test_the_file_is_the_users_own_and_holds_no_more_than_figures() -> None:
    here().reserve(1, 0)
    (path,) = folder().iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name.startswith("slow-")
    assert "example.com" not in path.name
    assert b"example.com" not in path.read_bytes()


def test_the_providers_clock_is_heard_once_a_minute() -> None:
    traffic = here()
    traffic.heard("nonsense")
    traffic.heard("Sun, 01 Nov 2020 12:00:00 GMT")
    first = states()["slow"].ahead
    traffic.heard("Sun, 01 Nov 2099 12:00:00 GMT")
    assert states()["slow"].ahead == first < -1e6


def test_sharing_costs_less_than_50_microseconds_a_call() -> None:
    traffic = here(Service("fast", calls=1e9))
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(200):
            traffic.reserve(1, 10)
            traffic.enter()
            traffic.heard("")
            traffic.well()
        rounds.append((time.process_time() - began) / 200)
    assert min(rounds) < 50e-6 * 3  # three times as much on a busy machine; measured: 36
