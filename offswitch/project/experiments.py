"""What a policy says of experiments, held against the journey, its texts, the calendar and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from offswitch.errors import Problem
from offswitch.journey.graph import graph_of
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.messages.library import MARK, Library
from offswitch.policy.experiments import OWN, Aim, Experiment
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import FlowPolicy
from offswitch.policy.strict import read
from offswitch.policy.translate import Loc, problem_at
from offswitch.policy.values import likely
from offswitch.project.project import Project
from offswitch.project.turns import unsteady


def wrong_experiments(project: Project, journey: Journey) -> list[Problem]:
    """Experiments with texts that there are not, or by a goal that there is not. Raises ConfigError for a policy that can't be used.

    These stop nothing by themselves: whose text is missing is a person's work.
    """
    policy, path = _policy(project, journey)
    return _placed(path, _lacking(policy.experiments, journey, project.library)) if policy.experiments else []


def advice_on_experiments(project: Project, journey: Journey) -> list[Problem]:
    """Variants that nobody gets, and experiments that are over with nothing learnt. Raises ConfigError."""
    policy, path = _policy(project, journey)
    found = list(_unsent(project.library, journey, policy.experiments, path.name))
    if not policy.experiments:
        return found
    today = today_of(project)
    unlearnt = ((("experiments", message), *words) for message, words in nothing_learnt(journey.name, policy.experiments, today).items())
    return found + _placed(path, unlearnt)


def unsteady_experiments(project: Project, book: Book, journey: Journey) -> list[Problem]:
    """Experiments in a flow that is still changing by itself. Raises ConfigError."""
    policy, path = _policy(project, journey)
    today = today_of(project)
    if all(one.over_on(today) for one in policy.experiments.values()):
        return []
    lack = unsteady(book, journey.name, policy, project.clock.now())
    fix = "try texts out where nothing else changes: begin when the flow is stable"
    places = (("experiments", message) for message, one in policy.experiments.items() if not one.over_on(today))
    return _placed(path, ((where, f"is in a flow that is not stable yet: {lack}", fix) for where in places)) if lack else []


def nothing_learnt(flow: str, experiments: Mapping[str, Experiment], today: date) -> dict[str, tuple[str, str]]:
    """By message, the experiments that are over and from which nobody has written what was learnt: what is wrong, what to do."""
    fix = f"look at `offswitch experiment {flow}`, then write `winner:` and `learning:`"
    return {
        message: (f"is over since {one.ends}, and nobody has written what was learnt ({one.owner})", fix)
        for message, one in experiments.items()
        if one.over_on(today) and not one.learning
    }


def today_of(project: Project) -> date:
    """The day by the company's clock. Raises ConfigError."""
    return project.clock.now().astimezone(ZoneInfo(project.company().zone)).date()


def _policy(project: Project, journey: Journey) -> tuple[FlowPolicy, Path]:
    folder = project.settings.policies
    return load_flow(folder, journey.name, load_company(folder)), folder / f"{journey.name}.yaml"


def _placed(path: Path, found: Iterator[tuple[Loc, str, str]]) -> list[Problem]:
    node = read(path)
    return [problem_at(node, loc, str(path), what, fix) for loc, what, fix in found]


def _lacking(experiments: Mapping[str, Experiment], journey: Journey, library: Library) -> Iterator[tuple[Loc, str, str]]:
    messages = graph_of(journey).messages
    for message, one in experiments.items():
        if message not in messages:
            yield ("experiments", message), f"is about no message of {journey.name}", likely(message, messages)
            continue
        there = [OWN, *(text.partition(MARK)[2] for text in library.texts(journey.name, message)[1:])]
        for place, variant in enumerate(one.variants):
            if variant not in there:
                fix = f"write messages/{journey.name}/{message}{MARK}{variant}.en.md, and its other languages"
                yield ("experiments", message, "variants", place), f"is {variant}, which has no text", fix
        if one.metric is Aim.GOAL and journey.goal is None:
            yield ("experiments", message, "metric"), f"is goal, and {journey.name} has none", "write click or reply"


def _unsent(library: Library, journey: Journey, experiments: Mapping[str, Experiment], policy: str) -> Iterator[Problem]:
    for message in graph_of(journey).messages:
        for text in library.texts(journey.name, message)[1:]:
            variant, one = text.partition(MARK)[2], experiments.get(message)
            wanted = one is not None and variant in one.variants and one.winner in ("", variant)
            if not wanted:
                path = str(library.folder / journey.name / f"{text}.{library.languages(journey.name, text)[0]}.md")
                yield Problem(path, 0, 0, f"nobody gets the variant {variant!r}", f"try it out in {policy}, or take its files away")
