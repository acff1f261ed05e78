"""The dry run of one flow of an opened project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from offswitch.errors import Problem, Refused
from offswitch.journey.graph import check, graph_of, variables_of
from offswitch.journey.journey import Journey
from offswitch.journey.source import steps_of
from offswitch.messages.letter import Letter
from offswitch.messages.sender import Sender
from offswitch.metrics.capacity import by_hand
from offswitch.metrics.experiment import size_at
from offswitch.model.capacity import ByHand
from offswitch.policy.approvals import Subject
from offswitch.policy.load import load_company, load_flow, sorting_for
from offswitch.policy.schema import Effective, FlowPolicy, effective
from offswitch.policy.steps import check_steps
from offswitch.policy.turns import check_turns
from offswitch.project.abandoned import abandoned
from offswitch.project.experiments import advice_on_experiments, unsteady_experiments, wrong_experiments
from offswitch.project.files import Files, Said
from offswitch.project.project import Project
from offswitch.project.texts import DEFAULT_LANGUAGE, sender_of
from offswitch.review.advice import advice
from offswitch.review.draw_up import Papers, Watch, draw_up, unwatched
from offswitch.review.kept import KeptPlan, Text, keep, load, path_of, tidy
from offswitch.review.made_up import made_up_letter
from offswitch.review.plan import PlanOfWork
from offswitch.review.trials import Trial

MADE_UP = datetime(2025, 1, 15, 9, tzinfo=UTC)  # for texts that are compared: a time in one must not be a difference


def make_plan(project: Project, journey: Journey, watch: Watch = unwatched) -> PlanOfWork:
    """What would happen if this flow were approved and switched on now. Nothing is performed and nothing written.

    `watch` is told how far it is.

    Raises ConfigError for a policy that can't be used.
    """
    with project.desk(journey) as desk:
        return draw_up(desk, _papers(project, journey, said_of(project, journey)), watch)


def keep_plan(project: Project, journey: Journey, plan: PlanOfWork, subject: Subject) -> KeptPlan:
    """Keep this plan, so that a later one can be compared with it."""
    path = path_of(project.settings.home, journey.name, plan.digest)
    keep(path, plan, subject, _readable(project, journey), steps_of(journey))
    tidy(project.settings.home, journey.name)
    return load(path)


def _readable(project: Project, journey: Journey) -> dict[str, Text]:
    """Every message in every language as it reads, with made-up values at a made-up time."""
    library, senders, found = project.library, senders_of(project, journey), {}
    for message in (text for sent in graph_of(journey).messages for text in library.texts(journey.name, sent)):
        for language in library.languages(journey.name, message):
            template = library.get(journey.name, message, language)
            letter = made_up_letter(journey, template, senders[language], key=message, unsubscribe_url="https://x.example/u", now=MADE_UP)
            if isinstance(letter, Letter):
                found[f"{message}.{language}"] = Text(letter.subject, letter.text, template.front.purpose)
    return found


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
        library=project.library,
        senders=senders_of(project, journey),
        link=project.unsubscribe_link(said.company, "nobody"),
        problems=(
            *_problems(project, journey),
            *_unplanned(project, journey, said.policy),
            *abandoned(project, journey.name),
            *_about_trials(project, journey),
        ),
        by_hand=_by_hand(project, journey, effective(said.policy, said.company)),
        trials=_trials(project, journey, said.policy),
    )


def _problems(project: Project, journey: Journey) -> tuple[Problem, ...]:
    library, graph = project.library, graph_of(journey)
    texts = library.check(journey.name, graph.messages, variables_of(journey))
    fronts = {} if texts else {message: library.front(journey.name, message) for message in graph.messages}
    asks = {message: front.ask for message, front in fronts.items()}
    policies = project.settings.policies
    about_others = check_turns(policies, journey.name, project.flows.journeys)
    return (*check(journey, asks), *texts, *check_steps(policies, journey.name, journey.steps), *about_others, *advice(graph, fronts))


def _about_trials(project: Project, journey: Journey) -> Iterator[Problem]:
    yield from wrong_experiments(project, journey)
    yield from advice_on_experiments(project, journey)
    with project.ledger.read() as book:
        yield from unsteady_experiments(project, book, journey)


def _unplanned(project: Project, journey: Journey, policy: FlowPolicy) -> Iterator[Problem]:
    if policy.capacity is None:
        path = str(project.settings.policies / f"{journey.name}.yaml")
        fix = "write how much people can take over, such as `capacity: 240 minutes per day`"
        yield Problem(path, 0, 0, "capacity is missing: nobody has said whether people could take this flow over", fix)


def _trials(project: Project, journey: Journey, policy: FlowPolicy) -> tuple[Trial, ...]:
    if not policy.experiments:
        return ()
    zone, now = ZoneInfo(project.company().zone), project.clock.now()
    with project.ledger.read() as book:
        sizes = {message: size_at(book, journey, message, one, zone, now) for message, one in policy.experiments.items()}
    return tuple(Trial(message, one, sizes[message], now.astimezone(zone).date()) for message, one in policy.experiments.items())


def _by_hand(project: Project, journey: Journey, policy: Effective) -> ByHand:
    with project.ledger.read() as book:
        return by_hand(book, journey, policy, project.clock.now())
