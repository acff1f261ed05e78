"""How long a person waits for a command: the whole process, from the shell's call to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from bench.measure import Case, Row, turns
from bench.site import ROOT, Site, site
from flows.welcome import welcome
from offswitch.policy.edit import set_switch

TITLE = "a command from its start to its end (wall time of the process)"
BARE = "python -c pass"
COMMANDS = ("off welcome", "status", "check", "worklist")


def measured(*, short: bool) -> list[Row]:
    """The commands that people wait for, beside an interpreter that does nothing."""
    with site(welcome) as made:
        made.seed(100)
        shutil.copytree(ROOT / "policies", made.settings.policies, dirs_exist_ok=True)
        environment = _environment(made)

        def seconds(*command: str) -> float:
            set_switch(made.policy, ("switch",), "on")  # so that `off` has something to do
            return _seconds(command, environment)

        def offswitch(words: str) -> Case:
            script = str(Path(sys.executable).with_name("offswitch"))
            return Case(f"offswitch {words}", "s", lambda: seconds(script, *words.split()), BARE, "< 0.5")

        python = Case(BARE, "s", lambda: seconds(sys.executable, "-c", "pass"))
        rows = turns([python, *map(offswitch, COMMANDS)], 3 if short else 10)
        if not short:
            rows += turns([Case("beside it: import prefect", "s", lambda: seconds(sys.executable, "-c", "import prefect"))], 3)
    return rows


def _environment(made: Site) -> Mapping[str, str]:
    said = made.settings
    places = {"HOME": said.home, "POLICIES": said.policies, "MESSAGES": said.messages, "FLOWS": said.flows}
    return {**os.environ, **{f"OFFSWITCH_{name}": str(path) for name, path in places.items()}}


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return perf_counter() - began
