"""Who has looked at a flow and signed for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from offswitch.ledger.audit import Audit
from offswitch.ledger.stop_tables import reviews
from offswitch.ledger.tables import COUNTED, effects, entries
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.entry import State


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody looked at this flow at that time, and may have written what there was to say."""

    flow: str
    by: str
    note: str
    at: datetime


class Reviews:
    """The review rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def sign(self, review: Review) -> None:
        """Write down that somebody has looked."""
        row = {name: getattr(review, name) for name in Review.__slots__}
        self._log.wrote(reviews, self._connection.scalars(insert(reviews).values(row).returning(reviews.c.id)))

    def last(self, flow: str, now: datetime) -> Review | None:
        """The newest one. What a clock that runs ahead has signed counts when its time has come, and not for longer."""
        query = select(*(reviews.c[name] for name in Review.__slots__)).where(reviews.c.flow == flow, reviews.c.at <= now)
        row = self._connection.execute(query.order_by(reviews.c.at.desc(), reviews.c.id.desc()).limit(1)).first()
        return Review(*row) if row else None

    def figures(self, flow: str, since: datetime) -> dict[str, int]:
        """What a reviewer looks at first: what has happened since then, in counts."""
        by = (effects.c.actor, effects.c.state)
        sends = select(*by, func.count()).where(effects.c.flow == flow, text(COUNTED), effects.c.at > since).group_by(*by)
        ended = select(entries.c.state, func.count()).where(entries.c.flow == flow, entries.c.ended > since).group_by(entries.c.state)
        entered = select(func.count()).where(entries.c.flow == flow, entries.c.entered > since)
        done: Counter[tuple[bool, str]] = Counter()
        for actor, state, count in self._connection.execute(sends):
            done[actor == MACHINE, state] += count
        over = Counter(dict(self._connection.execute(ended).tuples().all()))
        return {
            "entered": self._connection.scalar(entered) or 0,
            "finished": over[State.FINISHED.value],
            "exited": over[State.EXITED.value],
            "sent": done[True, Stage.PERFORMED.value],
            "by_hand": done[False, Stage.PERFORMED.value],
            "failed": done[True, Stage.FAILED.value],
        }
