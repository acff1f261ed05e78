"""Real processes, killed and frozen at every boundary; the mail server's own journal is the judge."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.act.yard import MINUTES, Yard

pytestmark = pytest.mark.slow

NTH = {
    "before claim": 1, "after claim": 1, "before intent": 2, "after intent": 2, "begun": 57, "accepted": 57, "after accept": 57,
    "before record": 2, "in record": 2, "after record": 1,
}  # fmt: skip
IN_DOUBT = ("begun", "accepted", "after accept")


@contextmanager
def yard_of(tmp_path: Path, people: int) -> Iterator[Yard]:
    with Yard(tmp_path, people) as yard:
        yield yard


@pytest.mark.parametrize("point", NTH)
def test_a_kill_at_a_boundary_loses_nothing_and_sends_nothing_twice(tmp_path: Path, point: str) -> None:
    with yard_of(tmp_path, 110) as yard:
        assert yard.work(f"{point}:{NTH[point]}") == -signal.SIGKILL
        yard.later(5 * MINUTES)
        assert yard.work() == 0
        yard.judge(kills=int(point in IN_DOUBT))


def test_kills_again_and_again_add_up_to_one_letter_each(tmp_path: Path) -> None:
    """Each new worker dies too, at another boundary, before the last one comes through."""
    with yard_of(tmp_path, 110) as yard:
        for n, point in enumerate((*NTH, *reversed(NTH))):
            yard.work(f"{point}:{1 + n % 3}")
            yard.later(5 * MINUTES)
        assert yard.work() == 0
        yard.judge(kills=2 * len(IN_DOUBT))


def test_kills_at_any_instant_leave_at_most_one_doubt_each(tmp_path: Path) -> None:
    kills, seed = 4, random.randrange(1_000_000)
    chance = random.Random(seed)
    with yard_of(tmp_path, 300) as yard:
        for _ in range(kills):
            worker, before = yard.start(), len(yard.taken())
            yard.wait_for(before + chance.randrange(1, 50))
            time.sleep(chance.random() / 50)
            worker.kill()
            worker.wait()
            yard.later(5 * MINUTES)
        assert yard.work() == 0
        print(f"seed {seed}")  # noqa: T201 - shown when the test fails
        yard.judge(kills=kills)


def test_a_frozen_worker_that_wakes_after_its_lease_sends_nothing_twice(tmp_path: Path) -> None:
    with yard_of(tmp_path, 300) as yard:
        frozen = yard.start(limits=(4, 1.5, 500))
        yard.wait_for(60)
        frozen.send_signal(signal.SIGSTOP)
        time.sleep(4.5)
        assert yard.start(limits=(4, 1.5, 500)).wait(timeout=60) == 0
        frozen.send_signal(signal.SIGCONT)
        assert frozen.wait(timeout=60) == 0
        yard.judge(kills=1)


def test_two_workers_at_once_share_the_work(tmp_path: Path) -> None:
    with yard_of(tmp_path, 300) as yard:
        workers = [yard.start(limits=(60, 25, 20)) for _ in range(2)]
        assert [worker.wait(timeout=100) for worker in workers] == [0, 0]
        yard.judge(kills=0)
