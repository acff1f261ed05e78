"""Real workers, one of them frozen in the middle of its batch while the flow goes off and on: no letter twice, no burst."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.act.journeys import tour
from tests.act.yard import Yard

pytestmark = pytest.mark.slow


def test_off_and_on_while_a_worker_is_frozen(tmp_path: Path) -> None:
    with Yard(tmp_path, 200) as yard:
        yard.rig.policy(tour, more="on_resume: {release: 20 per hour, without_asking: 1000}")
        yard.rig.approve(tour)
        frozen = yard.start(limits=(60, 25, 500))
        yard.wait_for(30)
        frozen.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        before = len(yard.taken())
        for to in ("off", "on"):
            yard.rig.switch(tour, to)
            assert yard.start(limits=(60, 25, 500)).wait(timeout=60) == 0
        frozen.send_signal(signal.SIGCONT)
        assert frozen.wait(timeout=60) == 0
        times = Counter(yard.taken())
        assert max(times.values()) == 1
        assert before + 1 <= len(times) <= before + 20 + 1
        released = [entry for entry in yard.rig.entries(tour) if entry.rule == "release"]
        assert len(released) >= 200 - len(times) - 60
