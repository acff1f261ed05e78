"""Puts the plan together from the rehearsal, the drafts, the journey's graph and what the files say."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from offswitch.act.desk import Desk
from offswitch.errors import Problem, Refused
from offswitch.gate.standing import Standing
from offswitch.journey.graph import Graph, graph_of
from offswitch.journey.journey import Journey
from offswitch.messages.library import Library
from offswitch.messages.sender import Sender
from offswitch.model.capacity import ByHand
from offswitch.model.entry import Entry, State
from offswitch.model.event import Event
from offswitch.model.plan import Step
from offswitch.policy.approvals import Approval, Subject
from offswitch.review.as_if_on import as_if_on, obstacles
from offswitch.review.changes import changes
from offswitch.review.drafts import look_ahead, make_up
from offswitch.review.inflight import Inside, StepEdit, Stranded, stranded
from offswitch.review.plan import Approved, EventView, PlanOfWork, StepView
from offswitch.review.rehearse import Rehearsal, free


@dataclass(frozen=True, slots=True)
class Papers:
    """What the files say, beside the standing: `senders` by language, `link` an unsubscribe link that leads to nobody.

    `by_hand` is what people would have to do in a day if the flow were off.
    """

    subject: Subject
    approval: Approval | None
    unapproved: str
    library: Library
    senders: Mapping[str, Sender]
    link: str
    problems: tuple[Problem, ...]
    by_hand: ByHand


def draw_up(desk: Desk, papers: Papers) -> PlanOfWork:
    """What would happen if this were approved and switched on now. Reads one instant of the ledger, and writes nothing."""
    now = desk.clock.now()
    graph = graph_of(desk.journey)
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
        if standing.policy is None:
            raise Refused(f"there is no valid policy for {desk.journey.name}: see `offswitch check`")
        rehearsal = Rehearsal(desk, book, as_if_on(standing), now)
        stored = book.entries.pending(desk.journey.name)
        rehearsal.run(stored)
        look_ahead(desk, book, rehearsal.pool, graph, rehearsal.in_order(rehearsal.pending.values()), now)
        new_text = papers.approval is not None and papers.approval.subject.texts != papers.subject.texts
        inside = Inside(desk.journey, graph, standing.policy, stored, rehearsal.edited, desk.version, new_text)
        edits, lost = inside.edits(book), stranded(book, desk.journey, standing.policy)
    make_up(desk, papers.library, rehearsal.pool, graph, papers.senders, papers.link)
    return _plan(desk, papers, standing, graph, stored, rehearsal, edits, lost)


def _plan(
    desk: Desk,
    papers: Papers,
    standing: Standing,
    graph: Graph,
    stored: list[Entry],
    rehearsal: Rehearsal,
    edits: tuple[StepEdit, ...],
    lost: Stranded | None,
) -> PlanOfWork:
    journey, now = desk.journey, rehearsal.now
    policy = rehearsal.standing.policy
    assert policy is not None
    approval = papers.approval
    return PlanOfWork(
        flow=journey.name,
        about=_first_line(sys.modules[journey.first.decide.__module__].__doc__),
        made=now,
        digest=papers.subject.digest,
        starts_on=_event(journey.starts_on),
        goal=_event(journey.goal) if journey.goal else None,
        policy=policy,
        obstacles=obstacles(standing),
        approved=Approved(approval.by, approval.requested_by, approval.on, not papers.unapproved) if approval else None,
        changes=changes(approval.subject, papers.subject) if approval else (),
        steps=_steps(journey, graph, stored),
        arrivals=rehearsal.arrived(),
        lines=tuple(rehearsal.lines),
        writes=dict(sorted(rehearsal.writes.items())),
        samples=rehearsal.pool.chosen(graph.messages),
        warnings=papers.problems + _remarks(standing) + _endless(graph, rehearsal),
        due=sum(free(entry, now) for entry in stored),
        listed=sum(_with_people(entry) for entry in stored),
        busy=sum(entry.token is not None for entry in stored),
        edits=edits,
        stranded=lost,
        by_hand=papers.by_hand,
    )


def _steps(journey: Journey, graph: Graph, stored: list[Entry]) -> tuple[StepView, ...]:
    inside: dict[str, Counter[str]] = {}
    for entry in stored:
        inside.setdefault(entry.step, Counter())[entry.state.value] += 1
    gone = [StepView(name, "", (), (), (), (), counts) for name, counts in inside.items() if name not in journey.steps]
    return tuple(_step(step, graph, inside.get(name, {})) for name, step in journey.steps.items()) + tuple(gone)


def _step(step: Step, graph: Graph, inside: Mapping[str, int]) -> StepView:
    node = graph.nodes[step.name]
    return StepView(step.name, _first_line(step.decide.__doc__), node.sends, node.hand_overs, node.then, node.finishes, inside)


def _with_people(entry: Entry) -> bool:
    return entry.state is State.WORKLIST or bool(entry.taken_by)


def _endless(graph: Graph, rehearsal: Rehearsal) -> tuple[Problem, ...]:
    what = "goes round without a wait: the rehearsal was broken off"
    return (Problem(graph.path, 1, 1, what, "give a plan in the circle an after="),) if rehearsal.endless else ()


def _remarks(standing: Standing) -> tuple[Problem, ...]:
    return tuple(Problem(f"{standing.flow}.yaml", 0, 0, remark) for remark in standing.remarks)


def _event(kind: type[Event]) -> EventView:
    return EventView(kind.kind, _first_line(kind.__doc__).partition(". ")[0].rstrip("."))


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
