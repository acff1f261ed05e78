"""A project with real workers and a real mail server, each a process of its own, judged by the server's own journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from offswitch.messages.compose import message_id
from offswitch.model.effect import Effect, Stage
from tests.act.journeys import tour
from tests.act.rig import START, Rig

ROOT = Path(__file__).parents[2]
MINUTES = 60.0


class Yard:
    """`people` have filled in a form; nobody has had a letter yet. `real`: in real time, by the machine's own clock."""

    def __init__(self, root: Path, people: int, *, ledger: str = "", real: bool = False) -> None:
        self.root = root
        self.people = people
        self.began = datetime.now(UTC)
        self.rig = Rig(root / "project", tour, ledger=ledger, start=self.began if real else START)
        self.rig.submit_all(*(f"p{n:03}" for n in range(people)))
        self.shift = 0.0 if real else (START - self.began).total_seconds()
        self._workers: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "offswitch.testing.smtp_sink", "--journal", str(self.root / "taken.jsonl"), "--sync"]
        self._sink = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._sink.stdout is not None
        self._port = self._sink.stdout.readline().strip()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                worker.kill()
            worker.communicate()
        self._sink.terminate()
        self._sink.communicate()
        self.rig.close()

    def start(self, failpoint: str = "", *, limits: tuple[float, ...] = ()) -> subprocess.Popen[str]:
        """A worker that makes one pass, on the clock as it stands; `later` moves it."""
        smtp = {"OFFSWITCH_SMTP_HOST": "127.0.0.1", "OFFSWITCH_SMTP_PORT": self._port}
        path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.act.worker", str(self.rig.root), str(self.shift), *map(str, limits)],
            cwd=ROOT if not os.environ.get("PYTHONPATH") else os.environ["PYTHONPATH"].split(os.pathsep)[0],
            env={**os.environ, **smtp, "PYTHONPATH": path, "OFFSWITCH_FAILPOINT": failpoint, "OFFSWITCH_LEDGER": self.rig.settings.ledger},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._workers.append(worker)
        return worker

    def work(self, failpoint: str = "") -> int:
        """A whole pass, or as much of it as the failpoint allows."""
        worker = self.start(failpoint)
        _, complaint = worker.communicate(timeout=100)
        assert worker.returncode in (0, -9), complaint
        return worker.returncode

    def later(self, seconds: float) -> None:
        """The workers' clock goes on."""
        self.shift += seconds

    def taken(self) -> list[str]:
        """The Message-IDs that the server took, in order, read from its disk."""
        path = self.root / "taken.jsonl"
        lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        return [json.loads(line)["message_id"] for line in lines if line.endswith("\n")]  # the last may be half written

    def letters(self) -> dict[str, Effect]:
        """The first letter of everybody, by its Message-ID."""
        return {message_id(one.key, "bayan.example"): one for one in self.rig.effects(tour) if one.action == "send:hello"}

    def judge(self, *, kills: int) -> None:
        """Everybody got the letter once, but for at most one doubt per kill, which stands on the worklist."""
        times, letters = Counter(self.taken()), self.letters()
        doubts = {one.entry_id for one in letters.values() if one.state is Stage.UNKNOWN}
        assert max(times.values(), default=0) <= 1, "a letter went out twice"
        assert set(times) <= set(letters), "a letter went out that the ledger doesn't know"
        assert len(letters) == self.people
        assert {one.state for one in letters.values()} <= {Stage.PERFORMED, Stage.UNKNOWN}
        assert {name for name, one in letters.items() if one.state is Stage.PERFORMED} <= set(times), "a letter is booked that never left"
        assert len(doubts) <= kills
        assert {entry.id for entry in self.rig.entries(tour) if entry.state.value == "worklist"} == doubts

    def wait_for(self, letters: int, seconds: float = 60) -> None:
        """Until the server has taken so many."""
        end = datetime.now(UTC) + timedelta(seconds=seconds)
        while len(self.taken()) < letters:
            assert datetime.now(UTC) < end, "the worker never came so far"
