"""`offswitch check`: everything that people write, looked at in one go."""

from __future__ import annotations

from contextlib import suppress

import click

from offswitch.cli.output import answer, json_option
from offswitch.errors import ConfigError, Problem, Refused
from offswitch.journey.graph import check, graph_of, variables_of
from offswitch.journey.journey import Journey
from offswitch.messages.library import Missing
from offswitch.policy.known_days import check_days
from offswitch.policy.load import check_all
from offswitch.policy.steps import check_steps
from offswitch.policy.turns import check_turns
from offswitch.project.project import Project


@click.command("check")
@json_option
def command(as_json: bool) -> None:
    """Check policies, flows and messages: file, line, column, what to do."""
    project = Project()
    problems = check_project(project)
    flows = sorted(project.flows.journeys)
    data = {"ok": not problems, "flows": flows, "problems": [_row(problem) for problem in problems]}
    answer(data, as_json, lambda: "\n".join(map(str, problems)) or f"All is well: {', '.join(flows)}.")
    if problems:
        raise Refused(f"{len(problems)} problem(s)")


def check_project(project: Project) -> list[Problem]:
    """Every problem of every file."""
    problems = [*project.flows.problems, *check_all(project.settings.policies, project.flows.journeys)]
    for journey in project.flows.journeys.values():
        problems += [*check(journey, _asks(project, journey)), *_texts(project, journey)]
        with suppress(ConfigError):  # a file that can't be used is reported above
            problems += check_steps(project.settings.policies, journey.name, journey.steps)
            problems += check_turns(project.settings.policies, journey.name, project.flows.journeys)
    with suppress(ConfigError):
        problems += check_days(project.settings.policies)
    return problems + _privacy(project)


def _privacy(project: Project) -> list[Problem]:
    """Every message links to how data is handled (GDPR, article 13); without the link none is sent."""
    try:
        there = project.company().privacy_url
    except ConfigError:
        return []
    path = str(project.settings.policies / "company.yaml")
    return [] if there else [Problem(path, 0, 0, "privacy_url is missing", "no message is sent without it: add the address of your page")]


def _asks(project: Project, journey: Journey) -> dict[str, int]:
    """How much each message asks; one whose text can't be read is reported with the texts."""
    asks: dict[str, int] = {}
    for message in graph_of(journey).messages:
        with suppress(Missing, ConfigError):
            asks[message] = project.library.front(journey.name, message).ask
    return asks


def _texts(project: Project, journey: Journey) -> list[Problem]:
    return project.library.check(journey.name, graph_of(journey).messages, variables_of(journey))


def _row(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("path", "line", "column", "what", "fix")}
