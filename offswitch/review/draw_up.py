"""Puts the plan together from the rehearsal, the drafts, the journey's graph and what the files say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from offswitch.act.desk import Desk
from offswitch.errors import Problem, Refused
from offswitch.gate.as_if_on import as_if_on
from offswitch.gate.standing import Standing
from offswitch.journey.graph import Graph, graph_of
from offswitch.journey.journey import Journey
from offswitch.messages.library import Library
from offswitch.messages.sender import Sender
from offswitch.model.capacity import ByHand
from offswitch.model.event import Event
from offswitch.model.plan import Step
from offswitch.policy.approvals import Approval, Subject
from offswitch.review.census import Census
from offswitch.review.changes import changes
from offswitch.review.drafts import LOOKED_AT, look_ahead, make_up
from offswitch.review.inflight import Inside, StepEdit, Stranded, stranded
from offswitch.review.obstacles import obstacles
from offswitch.review.overlay import overlay
from offswitch.review.plan import Approved, EventView, PlanOfWork, StepView
from offswitch.review.rehearse import Rehearsal
from offswitch.review.trials import Trial

Watch = Callable[[int], Callable[[int], None]]  # given how many there are, what to call with how many have been looked at


def unwatched(_all: int) -> Callable[[int], None]:
    """Nobody watches."""
    return lambda _done: None


@dataclass(frozen=True, slots=True)
class Papers:
    """What the files say, beside the standing: `senders` by language, `link` an unsubscribe link that leads to nobody.

    `by_hand` is what people would have to do in a day if the flow were off.
    """

    subject: Subject
    approval: Approval | None
    library: Library
    senders: Mapping[str, Sender]
    link: str
    problems: tuple[Problem, ...]
    by_hand: ByHand
    trials: tuple[Trial, ...] = ()


def draw_up(desk: Desk, papers: Papers, watch: Watch = unwatched) -> PlanOfWork:
    """What would happen if this were approved and switched on now. Reads one instant of the ledger, and writes nothing."""
    now, flow = desk.clock.now(), desk.journey.name
    graph = graph_of(desk.journey)
    with desk.ledger.read() as book, overlay(book, flow) as over:
        standing = desk.switchboard.look(book)
        if standing.policy is None:
            raise Refused(f"there is no valid policy for {flow}: see `offswitch check`")
        census = Census(book.entries.census(flow, now))
        unseen = book.events.count_unseen(flow, desk.journey.starts_on.kind)
        rehearsal = Rehearsal(desk, book, as_if_on(standing), now, over, watch(census.due + 2 * unseen))
        rehearsal.run()
        look_ahead(desk, book, rehearsal.pool, graph, list(islice(over.pending(), LOOKED_AT)), now)
        new_text = papers.approval is not None and papers.approval.subject.texts != papers.subject.texts
        inside = Inside(desk.journey, graph, standing.policy, census.here, rehearsal.waits, desk.version, new_text)
        edits, lost = inside.edits(book), stranded(book, desk.journey, standing.policy)
        rung = min(book.history.rung(flow), len(standing.policy.rollout.steps) - 1)
    make_up(desk, papers.library, rehearsal.pool, graph, papers.senders, papers.link)
    return _plan(desk, papers, standing, graph, census, rehearsal, edits, lost, rung)


def _plan(
    desk: Desk,
    papers: Papers,
    standing: Standing,
    graph: Graph,
    census: Census,
    rehearsal: Rehearsal,
    edits: tuple[StepEdit, ...],
    lost: Stranded | None,
    rung: int,
) -> PlanOfWork:
    journey, roll, policy = desk.journey, rehearsal.roll, rehearsal.standing.policy
    assert policy is not None
    return PlanOfWork(
        flow=journey.name,
        about=_first_line(sys.modules[journey.first.decide.__module__].__doc__),
        made=rehearsal.now,
        digest=papers.subject.digest,
        starts_on=_event(journey.starts_on),
        goal=_event(journey.goal) if journey.goal else None,
        policy=policy,
        obstacles=obstacles(standing),
        approved=_approved(papers.approval, standing),
        changes=changes(papers.approval.subject, papers.subject) if papers.approval else (),
        steps=_steps(journey, graph, census),
        arrivals=rehearsal.arrived(),
        reached=roll.reached(),
        roll=roll,
        writes=dict(sorted(rehearsal.writes.items())),
        samples=rehearsal.pool.chosen(graph.messages),
        warnings=papers.problems + _remarks(standing) + _endless(graph, rehearsal),
        due=census.due,
        listed=census.listed,
        busy=census.busy,
        edits=edits,
        stranded=lost,
        by_hand=papers.by_hand,
        trials=papers.trials,
        rung=rung,
    )


def _approved(approval: Approval | None, standing: Standing) -> Approved | None:
    return Approved(approval.by, approval.requested_by, approval.on, not standing.unapproved) if approval else None


def _steps(journey: Journey, graph: Graph, census: Census) -> tuple[StepView, ...]:
    inside = census.states
    gone = [StepView(name, "", (), (), (), (), counts) for name, counts in inside.items() if name not in journey.steps]
    return tuple(_step(step, graph, inside.get(name, {})) for name, step in journey.steps.items()) + tuple(gone)


def _step(step: Step, graph: Graph, inside: Mapping[str, int]) -> StepView:
    node = graph.nodes[step.name]
    return StepView(step.name, _first_line(step.decide.__doc__), node.sends, node.hand_overs, node.then, node.finishes, inside)


def _endless(graph: Graph, rehearsal: Rehearsal) -> tuple[Problem, ...]:
    what = "goes round without a wait: the rehearsal was broken off"
    return (Problem(graph.path, 1, 1, what, "give a plan in the circle an after="),) if rehearsal.endless else ()


def _remarks(standing: Standing) -> tuple[Problem, ...]:
    return tuple(Problem(f"{standing.flow}.yaml", 0, 0, remark) for remark in standing.notes)


def _event(kind: type[Event]) -> EventView:
    return EventView(kind.kind, _first_line(kind.__doc__).partition(". ")[0].rstrip("."))


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
