"""The drill is drilled: mistakes that a refactoring can make, built into a copy of the engine, make it report what broke."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from offswitch.drill.drill import Wish, tasks_of
from offswitch.drill.kills import required
from offswitch.drill.runs import FEW, Ran, Task, journey_of
from offswitch.drill.tally import INVARIANTS
from offswitch.project.settings import Settings
from tests.drill import one_run
from tests.drill.one_run import Run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
UNDISTURBED, BESIDE = Run(), Run(beside=True)
KILLED = Run(what="kill", deadly=(("accepted", "confirm/send:confirm"),))
MID_BATCH = Run(what="ways", ways=("off in the middle of a batch",))
STOP_FILE = Run(what="ways", ways=("stop file in the middle of a batch",))
NEW_CODE = Run(what="ways", ways=("code changed while off",))
RUNS = (UNDISTURBED, BESIDE, KILLED, MID_BATCH, STOP_FILE, NEW_CODE)


@dataclass(frozen=True)
class Fault:
    """`changes` are texts that stand in `file` once, and the texts instead; `breaks` is the invariant that `run` must report."""

    file: str
    changes: tuple[tuple[str, str], ...]
    run: Run
    breaks: str


SETTLE, BOARD, PERMIT = "offswitch/act/settle.py", "offswitch/project/switchboard.py", "offswitch/gate/permit.py"
FAULTS: Mapping[str, Fault] = {
    "a time-out is tried again": Fault(
        SETTLE,
        (
            ("Outcome.UNKNOWN: Stage.UNKNOWN,", "Outcome.UNKNOWN: Stage.PLANNED,"),
            ("case Outcome.UNKNOWN:", "case Outcome.LAPSED:"),
            ("case Outcome.RETRY | Outcome.BROKEN:", "case Outcome.RETRY | Outcome.BROKEN | Outcome.UNKNOWN:"),
        ),
        UNDISTURBED,
        "once",
    ),
    "what a dead worker had begun counts as not begun": Fault(
        "offswitch/act/marks.py",
        (("return Outcome.RETRY if byte == UNTOUCHED else Outcome.UNKNOWN", "return Outcome.RETRY"),),
        KILLED,
        "once",
    ),
    "what people did by hand is not written down": Fault(
        "offswitch/worklist/hand.py",
        (("                for action, verdict in self.found.judged:\n                    self._settle(action, verdict)\n", ""),),
        UNDISTURBED,
        "figures",
    ),
    "the key has no visit": Fault(
        "offswitch/model/entry.py",
        ((r'return f"{entry_id}\x1f{step}\x1f{visit}\x1f{action}"', r'return f"{entry_id}\x1f{step}\x1f1\x1f{action}"'),),
        BESIDE,
        "conserved",
    ),
    "an event is lost between two chunks": Fault(
        "offswitch/act/collect.py", (("unseen[-1][0])\n    return door", "unseen[-1][0] + 1)\n    return door"),), UNDISTURBED, "conserved"
    ),
    "the cap counts what one worker has sent": Fault(
        "offswitch/act/judge.py", (("book.effects.sent(people, now - window)", "{}"),), UNDISTURBED, "limits"
    ),
    "nobody is asked about what a person decides": Fault("offswitch/gate/rules/__init__.py", (("    person,\n", ""),), BESIDE, "obeyed"),
    "those outside the rollout are the machine's too": Fault(
        "offswitch/gate/rules/__init__.py", (("    lane,\n", ""),), UNDISTURBED, "obeyed"
    ),
    "a row is written behind the log's back": Fault(
        "offswitch/ledger/entries.py",
        (('"b_id": entry.id}])\n        self._log.wrote(entries, [entry.id])', '"b_id": entry.id}])'),),
        UNDISTURBED,
        "audit",
    ),
    "the policy is cached": Fault(
        BOARD,
        (
            ("        if self.cancelled:\n            return self._cancelled\n", "        return self._cancelled\n"),
            ("        if self._last is None or self._last[0] != key:\n", "        if self._last is None:\n"),
        ),
        MID_BATCH,
        "off",
    ),
    "a permit is looked at before the connection only": Fault(
        PERMIT, (("            self.check()\n        except", "            pass\n        except"),), MID_BATCH, "off"
    ),
    "the worklist misses its last page": Fault(
        "offswitch/worklist/query.py",
        (("while chunk := list(islice(rest, CHUNK)):", "while len(chunk := list(islice(rest, CHUNK))) == CHUNK:"),),
        MID_BATCH,
        "listed",
    ),
    "the list for the day when nothing works misses its last page": Fault(
        "offswitch/worklist/snapshot.py",
        (
            ("while page or not self.pages:", "while (after := _page(chains)) or not self.pages:"),
            ("                after = _page(chains)\n", ""),
        ),
        MID_BATCH,
        "listed",
    ),
    "what waited goes out at once": Fault(
        "offswitch/act/release.py", (("if later := _spread(book, flow, policy, now, None):", "if later := 0:"),), MID_BATCH, "storm"
    ),
    "a stop file is looked at between batches only": Fault(
        BOARD, (("self._there() != self._files_there:", "not self._files_there:"),), STOP_FILE, "off"
    ),
    "an approval of other code counts": Fault(
        "offswitch/policy/approvals.py", (('for name in ("code", "texts")', 'for name in ("texts",)'),), NEW_CODE, "off"
    ),
}


def copy_of_the_engine(folder: Path) -> Path:
    """With what Python has compiled, which is still good for what is not changed."""
    for name in ("offswitch", "flows", "messages", "policies"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def spoil(engine: Path, fault: Fault) -> None:
    path = engine / fault.file
    text = path.read_text("utf-8")
    for before, after in fault.changes:
        assert text.count(before) == 1, f"{fault.file} does not say {before!r} once: correct this fault"
        text = text.replace(before, after)
    path.write_text(text, "utf-8")


def found_in(engine: Path, runs: Sequence[Run]) -> list[list[tuple[str, str]]]:
    """What the copy's own drill says of these runs."""
    command = [sys.executable, one_run.__file__, json.dumps([asdict(run) for run in runs])]
    environment = {**os.environ, "PYTHONPATH": str(engine), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=engine, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    return [[(invariant, what) for invariant, what in one] for one in json.loads(done.stdout)]


def is_part(run: Task, whole: Task) -> bool:
    same = (run.flow, run.what, run.seed, run.people, run.outage) == (whole.flow, whole.what, whole.seed, whole.people, whole.outage)
    return same and run.deadly <= whole.deadly and set(run.ways) <= set(whole.ways) and run.beside <= whole.beside


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_the_quick_drill_makes_this_run(run: Run) -> None:
    base = Task("welcome", "clean", Wish().seed, FEW)
    first = Ran(base, seen=required(journey_of(Settings().flows, base.flow), ()))
    assert any(is_part(run.task(), whole) for whole in (base, *tasks_of(base, Wish(quick=True), first)))


@pytest.mark.parametrize("half", [RUNS[::2], RUNS[1::2]], ids=["one half", "the other"])
def test_the_copy_without_a_fault_passes(tmp_path: Path, half: Sequence[Run]) -> None:
    assert found_in(copy_of_the_engine(tmp_path), half) == [[]] * len(half)


@pytest.mark.parametrize("name", FAULTS)
def test_a_deliberate_fault_is_reported(tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    assert fault.breaks in INVARIANTS
    assert fault.run in RUNS
    engine = copy_of_the_engine(tmp_path)
    spoil(engine, fault)
    (found,) = found_in(engine, [fault.run])
    assert fault.breaks in {invariant for invariant, _ in found}, found
    assert not [what for invariant, what in found if invariant == "ends"]
