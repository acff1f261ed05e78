"""The tests are tested: three faults, built into a copy of the engine, have to be caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SMTP, BOARD, ENTRY = "connectors/email/smtp.py", "offswitch/project/switchboard.py", "offswitch/model/entry.py"
REAL_MAIL = "tests/act/test_real_mail.py"
MID_BATCH = "tests/act/test_switching.py::test_a_stop_in_the_middle_of_a_batch_stops_before_the_next_letter"
TWICE = "tests/act/test_journeys.py::test_a_step_that_is_visited_twice_sends_twice_and_each_visit_once"

# What is patched: file, the text that stands there, the text instead. A text that is gone fails the test, so no fault rots.
Patch = Mapping[str, tuple[tuple[str, str], ...]]
FAULTS: Mapping[str, tuple[Patch, str]] = {
    "a time-out is tried again": (
        {SMTP: (("case Ambiguous():\n            return Outcome.UNKNOWN", "case Ambiguous():\n            return Outcome.RETRY"),)},
        REAL_MAIL,
    ),
    "the policy is cached": (
        {
            BOARD: (
                ("        if self.cancelled:\n            return self._cancelled\n", "        return self._cancelled\n"),
                ("        if self._last is None or self._last[0] != key:\n", "        if self._last is None:\n"),
            )
        },
        MID_BATCH,
    ),
    "the key has no visit": (
        {ENTRY: ((r'return f"{entry_id}\x1f{step}\x1f{visit}\x1f{action}"', r'return f"{entry_id}\x1f{step}\x1f{action}"'),)},
        TWICE,
    ),
}


def copy_of_the_engine(folder: Path) -> Path:
    for name in ("offswitch", "connectors", "tests/act"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def outcome_of(engine: Path, selected: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *selected.split()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        command, cwd=engine, env={**environment, "PYTHONPATH": str(engine)}, capture_output=True, text=True, check=False, timeout=110
    )


def spoil(engine: Path, patch: Patch) -> None:
    for name, changes in patch.items():
        text = (engine / name).read_text("utf-8")
        for before, after in changes:
            assert text.count(before) == 1, f"{name} does not say {before!r} any more: correct this fault"
            text = text.replace(before, after)
        (engine / name).write_text(text, "utf-8")


def test_the_copy_without_a_fault_passes(tmp_path: Path) -> None:
    done = outcome_of(copy_of_the_engine(tmp_path), f"{REAL_MAIL} {MID_BATCH} {TWICE}")
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_caught(tmp_path: Path, fault: str) -> None:
    patch, selected = FAULTS[fault]
    engine = copy_of_the_engine(tmp_path)
    spoil(engine, patch)
    done = outcome_of(engine, selected)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert "AssertionError" in done.stdout
    assert "1 failed" in done.stdout
