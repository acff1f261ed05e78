"""The dry run of one flow of an opened project."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.errors import Problem, Refused
from offswitch.journey.graph import check, graph_of, variables_of
from offswitch.journey.journey import Journey
from offswitch.messages.sender import Sender
from offswitch.metrics.capacity import by_hand
from offswitch.model.capacity import ByHand
from offswitch.policy.load import load_company, load_flow, sorting_for
from offswitch.policy.schema import Effective, FlowPolicy, effective
from offswitch.policy.steps import check_steps
from offswitch.policy.turns import check_turns
from offswitch.project.abandoned import abandoned
from offswitch.project.files import Files, Said
from offswitch.project.project import Project
from offswitch.project.texts import DEFAULT_LANGUAGE, sender_of
from offswitch.review.draw_up import Papers, draw_up
from offswitch.review.plan import PlanOfWork


def make_plan(project: Project, journey: Journey) -> PlanOfWork:
    """What would happen if this flow were approved and switched on now. Nothing is performed and nothing written.

    Raises ConfigError for a policy that can't be used.
    """
    with project.desk(journey) as desk:
        return draw_up(desk, _papers(project, journey, said_of(project, journey)))


def said_of(project: Project, journey: Journey) -> Said:
    """What the files of a flow say now. Raises ConfigError with every problem where they can't be used."""
    said = Files(journey, project.settings.policies, project.library).said()
    if said.subject is None:
        company = load_company(project.settings.policies)
        sorting_for(load_flow(project.settings.policies, journey.name, company), project.settings.policies, company)
        raise Refused(said.trouble)  # mended while we looked
    return said


def senders_of(project: Project, journey: Journey) -> dict[str, Sender]:
    """Who writes, by language, for every language that this flow has texts in. Raises ConfigError."""
    company, library = project.company(), project.library
    languages = {language for message in library.messages(journey.name) for language in library.languages(journey.name, message)}
    return {language: sender_of(company, language) for language in sorted({DEFAULT_LANGUAGE, *languages})}


def _papers(project: Project, journey: Journey, said: Said) -> Papers:
    assert said.subject is not None
    assert said.company is not None
    assert said.policy is not None
    return Papers(
        subject=said.subject,
        approval=said.approval,
        unapproved=said.unapproved,
        library=project.library,
        senders=senders_of(project, journey),
        link=project.unsubscribe_link(said.company, "nobody"),
        problems=(*_problems(project, journey), *_unplanned(project, journey, said.policy), *abandoned(project, journey.name)),
        by_hand=_by_hand(project, journey, effective(said.policy, said.company)),
    )


def _problems(project: Project, journey: Journey) -> tuple[Problem, ...]:
    library, graph = project.library, graph_of(journey)
    texts = library.check(journey.name, graph.messages, variables_of(journey))
    asks = {} if texts else {message: library.front(journey.name, message).ask for message in graph.messages}
    policies = project.settings.policies
    about_others = check_turns(policies, journey.name, project.flows.journeys)
    return (*check(journey, asks), *texts, *check_steps(policies, journey.name, journey.steps), *about_others)


def _unplanned(project: Project, journey: Journey, policy: FlowPolicy) -> Iterator[Problem]:
    if policy.capacity is None:
        path = str(project.settings.policies / f"{journey.name}.yaml")
        fix = "write how much people can take over, such as `capacity: 240 minutes per day`"
        yield Problem(path, 0, 0, "capacity is missing: nobody has said whether people could take this flow over", fix)


def _by_hand(project: Project, journey: Journey, policy: Effective) -> ByHand:
    with project.ledger.read() as book:
        return by_hand(book, journey, policy, project.clock.now())
