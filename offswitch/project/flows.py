"""Finds the journeys of a project: every module in the flows folder, one journey each."""

from __future__ import annotations

import importlib
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from offswitch.errors import Problem, Refused
from offswitch.journey.code import code_digest
from offswitch.journey.journey import Journey


@dataclass(frozen=True, slots=True)
class Flows:
    """`journeys` by name; `problems` are modules that could not be loaded, each by itself."""

    journeys: dict[str, Journey] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def get(self, name: str) -> Journey:
        """A journey by name. Raises Refused, naming the ones there are."""
        if name in self.journeys:
            return self.journeys[name]
        broken = next((problem for problem in self.problems if Path(problem.path).stem == name), None)
        if broken:
            raise Refused(str(broken))
        raise Refused(f"there is no flow called {name!r}; there are: {', '.join(sorted(self.journeys)) or 'none'}")


def load_flows(folder: Path) -> Flows:
    """Import every module of the folder. One that fails is a problem of its own and stops no other."""
    found = Flows()
    root = str(folder.absolute().parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    for path in sorted(folder.glob("[a-z]*.py")):
        try:
            module = importlib.import_module(f"{folder.name}.{path.stem}")
        except Exception as error:  # noqa: BLE001 - whatever a flow's module raises must not touch the other flows
            found.problems.append(_failure(path, error))
            continue
        for value in vars(module).values():
            if isinstance(value, Journey) and value.steps and value.first.decide.__module__ == module.__name__:
                found.journeys[value.name] = value
                code_digest(value)
    return found


def _failure(path: Path, error: Exception) -> Problem:
    line, column = 1, 1
    if isinstance(error, SyntaxError):
        line, column = error.lineno or 1, error.offset or 1
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == path.name]
        line = frames[-1].lineno or 1 if frames else 1
    return Problem(str(path), line, column, f"can't be loaded: {type(error).__name__}: {error}", "the other flows go on")
