"""How an entry changes: pure functions from an entry to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from offswitch.gate.rules.mass import MASS
from offswitch.model.entry import OVERDUE, Entry, State
from offswitch.model.plan import Finish, HandOver, Local, Next, Plan, Step, Wait
from offswitch.model.verdict import Answer, Lane, Verdict, Work

_NOTHING: Mapping[str, Step] = {}


def moved(
    entry: Entry,
    to: Next,
    now: datetime,
    zone: ZoneInfo,
    wait: Wait = timedelta(0),
    at: datetime | None = None,
    or_when: Mapping[str, Step] = _NOTHING,
) -> Entry:
    """At the next step, due when the wait is over; or finished."""
    if isinstance(to, Finish):
        return finished(entry, to.reason, now)
    due = at or (wait.moment(now, zone) if isinstance(wait, Local) else now + wait)
    visits = {**entry.visits, to.name: entry.visits.get(to.name, 0) + 1}
    return replace(
        entry,
        step=to.name,
        visits=visits,
        state=State.WAITING,
        due=due,
        since=due,
        put_off=timedelta(0),
        ramp=timedelta(0),
        rule="",
        reason="",
        work=None,
        or_when={kind: step.name for kind, step in or_when.items()},
        approved="",
        taken_by="",
        arrived=now,
        wait=wait if at is None and isinstance(wait, timedelta) else None,
    )


def moved_on(entry: Entry, plan: Plan, now: datetime, zone: ZoneInfo) -> Entry:
    """Where the plan leads, now that its actions are settled."""
    return moved(entry, plan.then, now, zone, plan.after, plan.at, plan.or_when)


def relocated(entry: Entry, to: Step) -> Entry:
    """At another step because its own is gone: a new visit there, due when the old one was, as a time of its own."""
    return replace(
        entry,
        step=to.name,
        visits={**entry.visits, to.name: entry.visits.get(to.name, 0) + 1},
        state=State.WAITING,
        rule="",
        reason="",
        work=None,
        or_when={kind: step for kind, step in entry.or_when.items() if kind != OVERDUE},
        approved="",
        wait=None,
    )


def finished(entry: Entry, reason: str, now: datetime) -> Entry:
    """The journey is over, as it should be."""
    return replace(entry, state=State.FINISHED, reason=reason, rule="", work=None, or_when={}, taken_by="", ended=now)


def exited(entry: Entry, rule: str, reason: str, now: datetime) -> Entry:
    """The journey is over, for another reason."""
    return replace(entry, state=State.EXITED, rule=rule, reason=reason, work=None, or_when={}, taken_by="", ended=now)


def put_off(entry: Entry, verdict: Verdict, now: datetime) -> Entry:
    """Waits until the gate's time. The delay is the gate's doing and never counts as lateness.

    Waiting for a second approver doesn't count towards `max_defer` either.
    """
    until = verdict.until or now
    return replace(
        entry,
        state=State.WAITING,
        due=until,
        put_off=entry.put_off + (until - now),
        ramp=entry.ramp + (until - now) if verdict.rule == MASS else entry.ramp,
        rule=verdict.rule,
        reason=verdict.reason,
    )


def held(entry: Entry, rule: str, reason: str, until: datetime | None = None) -> Entry:
    """The machine goes on when the reason ends; looked at again at the next pass, or not before `until`."""
    return replace(entry, state=State.HELD, rule=rule, reason=reason, due=until or entry.due)


def to_people(entry: Entry, work: Work, rule: str, reason: str) -> Entry:
    """A person has to act."""
    return replace(entry, state=State.WORKLIST, work=work, rule=rule, reason=reason)


def given_back(entry: Entry, now: datetime) -> Entry:
    """The machine goes on with it at once."""
    return replace(entry, state=State.WAITING, work=None, rule="", reason="", due=now, taken_by="")


def approved(entry: Entry, now: datetime) -> Entry:
    """The machine may do exactly this. Whether it is late counts from now."""
    free = replace(given_back(entry, now), approved=entry.place, since=now)
    return replace(free, put_off=timedelta(0), ramp=timedelta(0))


def asked(entry: Entry, wish: HandOver, now: datetime) -> Entry:
    """The step itself asks a person. Past its time it stays, unless the step says where it goes then."""
    there = to_people(entry, Work.STEP, "step", wish.title)
    return replace(there, due=now + wish.due, or_when={OVERDUE: wish.overdue.name}) if wish.overdue else there


def answered(entry: Entry, verdict: Verdict, now: datetime) -> Entry:
    """What a verdict other than allow and skip makes of an entry.

    Work that a stop hands over leaves no trace: the worklist is a query, so that off and on again undo nothing. The
    people's lane is for good, and so it is written down.
    """
    match verdict.answer:
        case Answer.DEFER:
            return put_off(entry, verdict, now)
        case Answer.EXIT:
            return exited(entry, verdict.rule, verdict.reason, now)
        case Answer.HAND_OVER if verdict.work is not Work.BY_HAND or (entry.lane is Lane.PEOPLE and verdict.reason == entry.lane_reason):
            return to_people(entry, verdict.work or Work.TRIAGE, verdict.rule, verdict.reason)
        case Answer.HOLD if verdict.rule == "connector":
            return held(entry, verdict.rule, verdict.reason, verdict.until)
        case _:
            return entry
