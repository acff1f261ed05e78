"""The file that says how far a dead worker came."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from offswitch.act import marks as marks_module
from offswitch.act.marks import SLOTS, Marks, left_behind
from offswitch.model.receipt import Outcome

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.PERFORMED, Outcome.PERFORMED),
        (Outcome.REJECTED, Outcome.REJECTED),
        (Outcome.UNKNOWN, Outcome.UNKNOWN),
        (Outcome.RETRY, Outcome.RETRY),
        (Outcome.BROKEN, Outcome.RETRY),
        (Outcome.LAPSED, Outcome.RETRY),
    ],
)
def test_a_mark_says_how_an_effect_ended(tmp_path: Path, outcome: Outcome, said: Outcome) -> None:
    marks = Marks(tmp_path, "w")
    marks.reset(7)
    marks.begun(3)
    marks.ended(3, outcome)
    assert marks.outcome(3) is said
    found = left_behind(tmp_path, "w", 7)
    marks.close(forget=True)
    assert found is not None
    assert (found[2], found[3]) == (Outcome.RETRY, said)


def test_what_began_and_did_not_end_is_in_doubt(tmp_path: Path) -> None:
    marks = Marks(tmp_path, "w")
    marks.reset(7)
    marks.begun(0)
    marks.begun(SLOTS - 1)
    marks.untouched(0)
    found = left_behind(tmp_path, "w", 7)
    marks.close(forget=True)
    assert found is not None
    assert (len(found), found[0], found[-1]) == (SLOTS, Outcome.RETRY, Outcome.UNKNOWN)


def test_a_new_lease_begins_with_an_empty_page(tmp_path: Path) -> None:
    marks = Marks(tmp_path, "w")
    marks.reset(7)
    marks.begun(0)
    marks.reset(8)
    old, new = left_behind(tmp_path, "w", 7), left_behind(tmp_path, "w", 8)
    marks.close(forget=True)
    assert old is None
    assert new == [Outcome.RETRY] * SLOTS


@pytest.mark.parametrize("spoil", ["absent", "short", "long", "token"])
def test_a_file_that_can_not_be_trusted_says_nothing(tmp_path: Path, spoil: str) -> None:
    marks = Marks(tmp_path, "w")
    marks.reset(7)
    marks.close(forget=spoil == "absent")
    path = tmp_path / "w.mark"
    if spoil == "short":
        path.write_bytes(path.read_bytes()[:-1])
    elif spoil == "long":
        path.write_bytes(path.read_bytes() + b".")
    assert left_behind(tmp_path, "w", 8 if spoil == "token" else 7) is None


@pytest.mark.parametrize("boot", ["another boot", marks_module.NO_BOOT_ID])
def test_after_a_power_cut_nothing_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boot: str) -> None:
    if boot == marks_module.NO_BOOT_ID:
        monkeypatch.setattr(marks_module, "boot_id", lambda: boot)
    marks = Marks(tmp_path, "w")
    marks.reset(7)
    marks.close(forget=False)
    monkeypatch.setattr(marks_module, "boot_id", lambda: boot)
    assert left_behind(tmp_path, "w", 7) is None


def test_marks_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from offswitch.act.marks import Marks\n"
        "from offswitch.model.receipt import Outcome\n"
        "marks = Marks(Path(sys.argv[1]), 'w'); marks.reset(7); marks.begun(0); marks.ended(0, Outcome.PERFORMED); marks.begun(1)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=ROOT, env={**os.environ})
    assert died.returncode == -signal.SIGKILL
    found = left_behind(tmp_path, "w", 7)
    assert found is not None
    assert found[:3] == [Outcome.PERFORMED, Outcome.UNKNOWN, Outcome.RETRY]
