"""Which flows a flow waits for, held against the flows that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from offswitch.errors import ConfigError, Problem
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.strict import read
from offswitch.policy.translate import Loc, problem_at
from offswitch.policy.values import likely


def check_turns(folder: Path, name: str, flows: Collection[str]) -> list[Problem]:
    """Every name below `rollout.after` that the flow would wait for in vain. Raises ConfigError.

    These stop nothing that runs: who waits in vain leaves everybody to people.
    """
    company = load_company(folder)
    path = folder / f"{name}.yaml"
    found = list(_in_vain(folder, company, name, flows))
    return [problem_at(read(path), loc, str(path), what, fix) for loc, what, fix in found]


def _in_vain(folder: Path, company: CompanyPolicy, name: str, flows: Collection[str]) -> Iterator[tuple[Loc, str, str]]:
    for place, other in enumerate(load_flow(folder, name, company).rollout.after):
        where = ("rollout", "after", place)
        if other not in flows:
            yield where, f"is {other}, and there is no such flow", likely(other, [flow for flow in flows if flow != name])
        elif other == name or name in _waits_for(folder, company, other):
            yield where, f"is {other}, which waits for {name}: neither ever begins", "take one of the two out"


def _waits_for(folder: Path, company: CompanyPolicy, name: str) -> set[str]:
    """Those that a flow waits for, and those that these wait for."""
    known: set[str] = set()
    todo = [name]
    while todo:
        with suppress(ConfigError):  # a file that can't be used is reported by itself
            todo += [other for other in load_flow(folder, todo[0], company).rollout.after if other not in known]
        known |= set(todo[1:])
        todo.pop(0)
    return known
