"""What somebody should be told about a project as it stands, and the telling: it works while everything is off."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from offswitch.alerts.alert import Notice, alert, alert_without_ledger
from offswitch.alerts.stamps import Stamps
from offswitch.errors import ConfigError, OffswitchError, Problem, Refused
from offswitch.gate.standing import Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Answer, Lane
from offswitch.policy.load import check_all
from offswitch.policy.schema import CompanyPolicy
from offswitch.policy.values import written
from offswitch.project.files import SAVING, kept_policies
from offswitch.project.project import Project
from offswitch.worklist.kept import STALE, Snapshot, folder_of, kept
from offswitch.worklist.overdue import overdue

_LOG = logging.getLogger(__name__)


def tell(project: Project, notices: Iterable[Notice]) -> int:
    """Alert whom `company.yaml` names to (reason, text), each reason once an hour; how many reached somebody. Never raises."""
    new = list(notices)
    if not new:
        return 0
    environment, now = project.settings.environment, project.clock.now()
    try:
        company = _company(project)
        try:
            return alert(project.ledger, company, environment, new, now)
        except (Refused, OSError, SQLAlchemyError):
            return alert_without_ledger(Stamps(project.settings.home), company, environment, new, now)
    except (OffswitchError, OSError, SQLAlchemyError) as error:
        _LOG.warning("no alert (%s): %s", type(error).__name__, new[0][1])
        return 0


def standing_notices(project: Project) -> list[Notice]:
    """Invalid files, and for each flow what is held and what is overdue with people, and a list of it that is old. Counts only.

    What the machine handed over has `held_max`; what a step asks of a person has the time that the step gives.
    """
    found = [*_invalid(project)]
    lists = kept(folder_of(project.settings.home))
    for journey in project.flows.journeys.values():
        board = project.switchboard(journey)
        with project.ledger.read() as book:
            found += _waiting(book, journey, board.look(book), project)
            found += _stale(book, lists.get(journey.name))
    return found


def _company(project: Project) -> CompanyPolicy:
    """As it is now; while the file is broken, as it was last valid. Raises ConfigError when it never was."""
    try:
        return project.company()
    except ConfigError:
        with project.ledger.read() as book:
            kept = [(last.n, last.policy, flow) for flow in project.flows.journeys if (last := book.history.last_policy(flow))]
        if not kept:
            raise
        return kept_policies(*max(kept)[1:])[0]


def _invalid(project: Project) -> Iterator[Notice]:
    """One notice for each file that can't be used; a file that is being saved gets a moment."""
    for problem in [*project.flows.problems, *check_all(project.settings.policies, project.flows.journeys)]:
        if not _being_saved(problem):
            yield f"invalid file {Path(problem.path).name}", str(problem)


def _being_saved(problem: Problem) -> bool:
    try:
        return time.time() - Path(problem.path).stat().st_mtime < SAVING.total_seconds()
    except OSError:
        return False


def _waiting(book: Book, journey: Journey, standing: Standing, project: Project) -> Iterator[Notice]:
    if standing.policy is None:
        return
    longest, now = standing.policy.held_max, project.clock.now()
    before = now - longest
    old = [entry for entry in book.entries.pending(journey.name, before) if (entry.since or entry.due) < before]
    held = sum(1 for entry in old if not _by_hand(entry, standing) and _held(entry, standing))
    late = overdue(book, journey, standing, now, longest)
    span = written(longest)
    if held:
        yield f"held {journey.name}", f"{journey.name}: {held:,} held for more than {span}; see `offswitch status`"
    if late.total:
        counts = ((late.handed, f"waiting for a person for more than {span}"), (late.asked, "past the time that their step gives"))
        words = ", ".join(f"{count:,} {what}" for count, what in counts if count)
        yield f"overdue {journey.name}", f"{journey.name}: {words}; see `offswitch worklist list --overdue`"


def _stale(book: Book, made: Snapshot | None) -> Iterator[Notice]:
    """A list that was old already when a worker of its flow was last alive: something keeps it from being written."""
    seen = book.stops.last_seen(made.flow) if made else None
    if made is not None and seen is not None and made.age(seen) > STALE:
        age = written(timedelta(minutes=made.age(seen) // timedelta(minutes=1)))
        yield f"stale snapshot {made.flow}", f"{made.flow}: the list for the day when nothing works is {age} old, and workers live"


def _by_hand(entry: Entry, standing: Standing) -> bool:
    handed_over = standing.halt is not None and standing.halt.answer is Answer.HAND_OVER
    return entry.state is State.WORKLIST or entry.lane is Lane.PEOPLE or handed_over


def _held(entry: Entry, standing: Standing) -> bool:
    return entry.state is State.HELD or (standing.halt is not None and standing.halt.answer is Answer.HOLD)
