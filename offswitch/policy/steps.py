"""What a flow's policy says of steps, held against the steps that the flow has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from offswitch.errors import Problem
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.load import load_company, load_flow, sorting_for
from offswitch.policy.sorting import wrong_condition
from offswitch.policy.strict import read
from offswitch.policy.translate import Loc, problem_at
from offswitch.policy.values import likely
from offswitch.policy.vocabulary import FactType, Kind, Vocabulary


def check_steps(folder: Path, name: str, steps: Collection[str]) -> list[Problem]:
    """Every step that the policy names and the flow doesn't have, or maps away and has. Raises ConfigError.

    These stop nothing: a mapping that leads nowhere moves nobody, and nobody stands on a step that there is not.
    """
    company = load_company(folder)
    flow = load_flow(folder, name, company)
    path = folder / f"{name}.yaml"
    node = read(path)
    problems = [problem_at(node, loc, str(path), what, fix) for loc, what, fix in _strangers(flow, name, steps)]
    words = _with_steps(sorting_for(flow, folder, company).words, steps)
    for place, rule in enumerate(flow.exceptions):
        found = wrong_condition(rule.when, words, "exceptions", place, "when") if "entry.step" in rule.when.facts else ()
        problems += [problem_at(node, loc, str(path), what, fix, within) for loc, what, fix, within in found]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _with_steps(words: Vocabulary, steps: Collection[str]) -> Vocabulary:
    """What conditions of this flow alone may ask."""
    return Vocabulary({**words.types, "entry.step": FactType(Kind.TEXT, steps)}, words.absent)


def _strangers(flow: FlowPolicy, name: str, steps: Collection[str]) -> Iterator[tuple[Loc, str, str]]:
    for key, said in (("steps", flow.steps), ("reschedule", flow.reschedule)):
        for step in said:
            if step not in steps:
                yield (key, step), f"is about no step of {name}", likely(step, steps)
    for step, where in flow.removed_steps.items():
        if step in steps:
            fix = f"take this line out, or take the step out of the code of {name}"
            yield ("removed_steps", step), f"maps {step} away, which is still a step of {name}", fix
        if where.to == "move_to" and where.step not in steps:
            yield ("removed_steps", step, "move_to"), f"is {where.step}, which is no step of {name}", likely(where.step, steps)
