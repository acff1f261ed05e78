"""Courses in which real worker processes are killed, frozen and asked to end, with a real mail server as the judge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from offswitch.drill.course import AGAIN, Course
from offswitch.drill.kills import AROUND_MAIL, Boundary
from offswitch.drill.world import DIED, IN_DOUBT, Mail
from offswitch.errors import Refused
from offswitch.journey.graph import graph_of
from offswitch.journey.journey import Journey

KILLED, FROZEN, ENDED = (
    "a worker process killed (SIGKILL)",
    "a worker process frozen (SIGSTOP)",
    "a worker process asked to end (SIGTERM)",
)
QUICK_POINTS = ("after intent", "accepted", "in record")
_PATIENCE = 120.0  # seconds for one worker, on a busy machine
_AFTER = 2  # letters, before a worker is frozen or asked to end


@contextmanager
def sink(root: Path) -> Iterator[int]:
    """A mail server in a process of its own; its journal is on the disk before it answers. Gives its port."""
    command = [sys.executable, "-m", "offswitch.testing.smtp_sink", "--journal", str(root / "taken.jsonl"), "--sync"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.communicate()


@dataclass
class RealCourse(Course):
    """As a course, but where something is left to try, a pass is a process. `flows`: where its code is, only read."""

    flows: Path = Path("flows")
    port: int = 0
    points: tuple[str, ...] = AROUND_MAIL
    waves: int = 100  # so many steps are tried
    tried: Counter[str] = field(default_factory=Counter)
    tried_at: set[Boundary] = field(default_factory=set)
    _plans: dict[str, list[list[tuple[str, str]]]] = field(default_factory=dict)
    _read: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        journey = self.stage.journey
        sending = [node for node in graph_of(journey).nodes.values() if node.sends][: self.waves]
        for place, node in enumerate(sending):
            action = f"{node.name}/1/send:{node.sends[0]}"
            plan = [(point, f"{point}@{action}" if point in IN_DOUBT else f"{point}:1") for point in self.points]
            self._plans[node.name] = [plan, *([[(ENDED, ""), (FROZEN, "")]] if place == 0 else [])]

    def _pass(self, journey: Journey) -> None:
        step = self._due_step()
        plans = self._plans.get(step, [])
        for what, failpoint in plans.pop(0) if plans else ():
            if what == FROZEN:
                self._freeze()
            elif what == ENDED:
                self._work(signals={_AFTER: signal.SIGTERM})
                self.tried[ENDED] += 1
            elif self._work(failpoint) == -signal.SIGKILL:
                self._buried(what, step)
        super()._pass(journey)

    def _due_step(self) -> str:
        """The step where most are due now; new triggers are due at the first."""
        name = self.stage.journey.name
        with self.crew.claims.read() as book:
            due = [entry.step for entry in book.entries.pending(name) if entry.due <= self.now and entry.token is None]
            if book.events.count_unseen(name, self.stage.journey.starts_on.kind):
                return self.stage.journey.first.name if self.stage.journey.first.name in self._plans else next(iter(self._plans), "")
        return max(due, key=due.count) if due else ""

    def _buried(self, point: str, step: str) -> None:
        self.deaths += 1
        self.tried[KILLED] += 1
        self.tried_at.add(Boundary(point, step))
        self.world.kills.append((self.now, point, step))
        self.stage.clock.advance(AGAIN)

    def _freeze(self) -> None:
        """A worker stands still after some letters, another takes its work over, and then it wakes up."""
        frozen = self._start(signals={_AFTER: signal.SIGSTOP})
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):  # it had less to do
            frozen.returncode = os.waitstatus_to_exitcode(status)
            self._ended(frozen)
            return
        self._take_down()
        self.stage.clock.advance(AGAIN)
        super()._pass(self.stage.journey)
        frozen.send_signal(signal.SIGCONT)
        self._ended(frozen)
        self.tried[FROZEN] += 1

    def _work(self, failpoint: str = "", signals: dict[int, signal.Signals] | None = None) -> int:
        return self._ended(self._start(failpoint, signals))

    def _start(self, failpoint: str = "", signals: dict[int, signal.Signals] | None = None) -> subprocess.Popen[str]:
        spec = {
            "root": str(self.stage.root),
            "ledger": self.stage.settings.ledger,
            "flows": str(self.flows.absolute()),
            "flow": self.stage.journey.name,
            "port": self.port,
            "shift": (self.now - datetime.now(UTC)).total_seconds(),
            "signals": {str(after): int(which) for after, which in (signals or {}).items()},
        }
        path = self.stage.root / "worker.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("OFFSWITCH_")}
        environment = {**quiet, "OFFSWITCH_FAILPOINT": failpoint}
        command = [sys.executable, "-m", "offswitch.drill.worker", str(path)]
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own program

    def _ended(self, worker: subprocess.Popen[str]) -> int:
        _, complaint = worker.communicate(timeout=_PATIENCE)
        if worker.returncode not in (0, -signal.SIGKILL):
            raise Refused(f"a worker process of the drill failed:\n{complaint}")
        self._take_down()
        self.stage.clock.advance(timedelta(seconds=5))  # its clock went on while it worked
        return worker.returncode

    def _take_down(self) -> None:
        """What the worker noted and what the server took, into the world's journal."""
        notes = _lines(self.stage.root / "notes.jsonl")
        taken = Counter(line["message_id"] for line in _lines(self.stage.root / "taken.jsonl"))
        fresh, self._read = notes[self._read :], len(notes)
        closed = Counter(line["key"] for line in fresh if line["what"] != "begun")
        ended = Counter(line["id"] for line in notes if line["what"] == "ended")
        lapsed = {line["key"] for line in fresh if line["what"] == "lapsed"}
        for line in fresh:
            if line["what"] != "begun" or (line["key"] in lapsed and taken[line["id"]] == 0):
                continue
            doubtful = not closed[line["key"]]
            accepted = taken[line["id"]] > (ended[line["id"]] if doubtful else 0)
            outcome = DIED if doubtful else "performed"
            self.world.mails.append(Mail(self.world.next(), self.now, line["key"], line["to"], line["subject"], accepted, outcome))


def _lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines; the last may be half written."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
