"""`offswitch check`: everything that people write, looked at in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import click

from offswitch.cli.output import answer, json_option
from offswitch.errors import ConfigError, Problem, Refused
from offswitch.intake.inbound import sources_in
from offswitch.journey.graph import check, graph_of, updates_of, variables_of
from offswitch.journey.journey import Journey
from offswitch.messages.decides import undeclared
from offswitch.messages.library import Missing
from offswitch.policy.human import ALWAYS_HUMAN
from offswitch.policy.known_days import check_days
from offswitch.policy.load import check_all, load_flow
from offswitch.policy.overrides import lapsed
from offswitch.policy.runbook import SAID, lacks
from offswitch.policy.schema import FieldOwner
from offswitch.policy.steps import check_steps
from offswitch.policy.strict import read
from offswitch.policy.translate import problem_at
from offswitch.policy.turns import check_turns
from offswitch.project.experiments import advice_on_experiments, wrong_experiments
from offswitch.project.project import Project


@click.command("check")
@json_option
def command(as_json: bool) -> None:
    """Check policies, flows and messages: file, line, column, what to do."""
    project = Project()
    problems, advice = check_project(project), advise(project)
    flows = sorted(project.flows.journeys)
    data = {"ok": not problems, "flows": flows, "problems": list(map(_row, problems)), "advice": list(map(_row, advice))}
    said = list(map(str, problems)) or [f"All is well: {', '.join(flows)}."]
    answer(data, as_json, lambda: "\n".join([*said, *(f"advice: {one}" for one in advice)]))
    if problems:
        raise Refused(f"{len(problems)} problem(s)")


def check_project(project: Project) -> list[Problem]:
    """Every problem of every file."""
    problems = [*project.flows.problems, *check_all(project.settings.policies, project.flows.journeys)]
    for journey in project.flows.journeys.values():
        problems += [*check(journey, _asks(project, journey)), *_texts(project, journey)]
        with suppress(ConfigError):  # a file that can't be used is reported above
            problems += check_steps(project.settings.policies, journey.name, journey.steps)
            problems += _undeclared(project, journey)
            problems += wrong_experiments(project, journey)
            problems += check_turns(project.settings.policies, journey.name, project.flows.journeys)
    with suppress(ConfigError):
        problems += check_days(project.settings.policies)
    return problems + sources_in(project.settings.sources)[1] + _privacy(project)


def advise(project: Project) -> list[Problem]:
    """What stops nothing: runbooks that a colleague could not work by, experiments that nobody reads, fields that others own."""
    company = project.settings.policies / "company.yaml"
    found = []
    for name in sorted(project.flows.journeys) if company.is_file() else ():
        path = project.settings.policies / f"{name}.yaml"
        with suppress(ConfigError):  # a file that can't be used is reported by itself
            said = lacks(load_flow(path.parent, name, project.company()).runbook)
            found += [problem_at(read(path), ("runbook",), str(path), SAID[one].what, SAID[one].fix) for one in said]
            found += advice_on_experiments(project, project.flows.get(name))
            found += _not_ours(project.flows.get(name), project.company().field_owner)
    return found + _over(project)


def _not_ours(journey: Journey, owners: Mapping[str, FieldOwner]) -> Iterator[Problem]:
    """Writes to CRM fields that company.yaml gives to somebody else."""
    said = {
        FieldOwner.PEOPLE: ("belongs to people: this writes it only while it is empty", "leave it out if you don't mean that"),
        FieldOwner.CRM: ("belongs to the CRM: this writes nothing", "leave it out, or change field_owner in company.yaml"),
    }
    for name, path, line, column in updates_of(journey):
        if (owner := owners.get(name)) in said:
            what, fix = said[owner]
            yield Problem(path, line, column, f"{name} {what}", fix)


def _over(project: Project) -> list[Problem]:
    """Rules that were lifted for some days: the line changes nothing any more, and takes no approval to go."""
    found = []
    for name in ("company", *sorted(project.flows.journeys)):
        path = project.settings.policies / f"{name}.yaml"
        with suppress(ConfigError):
            policy = project.company() if name == "company" else load_flow(path.parent, name, project.company())
            for place, one in lapsed(policy.overrides, project.clock.now().date()):
                what = f"is over since {one.until}: {one.of.value} holds again"
                found.append(problem_at(read(path), ("overrides", place), str(path), what, "take the line out; that needs no approval"))
    return found


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


def _undeclared(project: Project, journey: Journey) -> Iterator[Problem]:
    """Raises ConfigError for a policy that can't be used."""
    company, policies = project.company(), project.settings.policies
    declared = ALWAYS_HUMAN.union(company.humans_decide, load_flow(policies, journey.name, company).humans_decide)
    return undeclared(project.library, journey.name, graph_of(journey).messages, declared)


def _row(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("path", "line", "column", "what", "fix")}
