"""What a dry run has decided: what would have been sent, written, put off, left out or asked, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.audit import Audit
from offswitch.ledger.rows import Rows
from offswitch.ledger.shadow_tables import shadow_decisions, shadow_entries
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import send_once_key


class Would(StrEnum):
    """What the machine would have done."""

    SEND = "send"
    WRITE = "write"
    SKIP = "skip"
    DEFER = "defer"
    HOLD = "hold"
    HAND_OVER = "hand over"
    FINISH = "finish"
    EXIT = "exit"
    REFUSE = "not enter"
    LEAVE = "left to people"  # it had asked them, and this is what they did


STAGE_OF = {Would.SEND: Stage.PERFORMED, Would.WRITE: Stage.PERFORMED, Would.LEAVE: Stage.PERFORMED, Would.SKIP: Stage.SKIPPED}
MESSAGES = (Would.SEND.value, Would.LEAVE.value)


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One decision. `event_id` began the journey: the real entry has the same. `plan` pins the visit, on its first action.

    `text` is that of the draft; only `drafts` reads it.
    """

    flow: str
    contact_id: str
    event_id: str
    at: datetime
    what: Would
    entry_id: str = ""
    step: str = ""
    visit: int = 1
    action: str = ""
    message: str = ""
    language: str = ""
    rule: str = ""
    reason: str = ""
    work: str = ""
    subject: str = ""
    digest: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    @property
    def place(self) -> tuple[str, str, int]:
        """Whose journey, at which step, for which time: a real entry has the same place."""
        return self.event_id, self.step, self.visit

    def effect(self) -> Effect:
        """As the engine reads what was done in a visit."""
        key = send_once_key(self.entry_id, self.step, self.visit, self.action)
        return Effect(
            key, self.entry_id, self.flow, self.step, self.visit, self.action, self.contact_id, self.at, STAGE_OF[self.what],
            counts=bool(self.message), rule=self.rule, reason=self.reason, digest=self.digest, plan=self.plan,
        )  # fmt: skip


_COLUMNS = tuple(one.name for one in fields(ShadowRow))
_IN_ORDER = [shadow_decisions.c[name] for name in _COLUMNS if name != "text"]
_WHAT = _COLUMNS.index("what")
_values_of = attrgetter(*_COLUMNS)


def _added(_dialect: ModuleType) -> ClauseElement:
    return insert(shadow_decisions).values({name: bindparam(name) for name in _COLUMNS})


_ADD = Rows(_added)


class Shadow:
    """The decisions of dry runs, and the end of one, in one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def add(self, rows: Sequence[ShadowRow]) -> None:
        """Keep what was decided."""
        if not rows:
            return
        newest = self._connection.scalar(select(func.max(shadow_decisions.c.id))) or 0
        _ADD.run(self._connection, [{**dict(zip(_COLUMNS, _values_of(row), strict=True)), "what": row.what.value} for row in rows])
        self._log.wrote(shadow_decisions, self._connection.scalars(select(shadow_decisions.c.id).where(shadow_decisions.c.id > newest)))

    def at_steps(self, ids: Iterable[str], steps: Iterable[str]) -> Iterator[ShadowRow]:
        """What would have been done in these shadow entries at these steps, in order."""
        theirs = (shadow_decisions.c.entry_id.in_(list(ids)), shadow_decisions.c.step.in_(list(steps)), shadow_decisions.c.action != "")
        return map(_decision, self._connection.execute(select(*_IN_ORDER).where(*theirs).order_by(shadow_decisions.c.id)))

    def messages(self, flow: str, ids: Iterable[str], since: datetime | None = None) -> list[tuple[str, datetime, str, str]]:
        """The messages that these people would have had from the flow: contact, when, flow, action."""
        columns = (shadow_decisions.c.contact_id, shadow_decisions.c.at, shadow_decisions.c.flow, shadow_decisions.c.action)
        theirs = (shadow_decisions.c.flow == flow, shadow_decisions.c.contact_id.in_(list(ids)))
        query = select(*columns).where(*theirs, shadow_decisions.c.message != "", shadow_decisions.c.what.in_(MESSAGES))
        return list(self._connection.execute(query if since is None else query.where(shadow_decisions.c.at > since)).tuples())

    def begun(self, flow: str, since: datetime) -> tuple[int, datetime | None]:
        """How many messages the machine would have begun since then, and when the first of them."""
        theirs = (shadow_decisions.c.flow == flow, shadow_decisions.c.at > since, shadow_decisions.c.message != "")
        query = select(func.count(), func.min(shadow_decisions.c.at)).where(*theirs, shadow_decisions.c.what == Would.SEND.value)
        count, first = self._connection.execute(query).one()
        return count, first

    def people(self, flow: str, since: datetime, after: str, limit: int) -> list[str]:
        """The next so many, behind this one, about whom something was decided since then."""
        theirs = (shadow_decisions.c.flow == flow, shadow_decisions.c.at >= since, shadow_decisions.c.contact_id > after)
        query = select(shadow_decisions.c.contact_id).where(*theirs).distinct().order_by(shadow_decisions.c.contact_id).limit(limit)
        return list(self._connection.scalars(query))

    def about(self, flow: str, ids: Iterable[str], since: datetime) -> Iterator[ShadowRow]:
        """What was decided about these people since then, in order."""
        theirs = (shadow_decisions.c.flow == flow, shadow_decisions.c.contact_id.in_(list(ids)), shadow_decisions.c.at >= since)
        return map(_decision, self._connection.execute(select(*_IN_ORDER).where(*theirs).order_by(shadow_decisions.c.id)))

    def drafts(self, flow: str, contact_id: str) -> list[ShadowRow]:
        """What this person would have been sent, oldest first, with its text."""
        theirs = (shadow_decisions.c.flow == flow, shadow_decisions.c.contact_id == contact_id, shadow_decisions.c.text != "")
        rows = self._connection.execute(select(*_IN_ORDER, shadow_decisions.c.text).where(*theirs).order_by(shadow_decisions.c.id))
        return [_decision(row) for row in rows]

    def count(self, flow: str) -> int:
        """How many decisions are kept."""
        return self._connection.scalar(select(func.count()).where(shadow_decisions.c.flow == flow)) or 0

    def drop(self, flow: str) -> int:
        """End the dry run: nobody stands anywhere in it any more. What was decided stays."""
        gone = self._connection.scalars(delete(shadow_entries).where(shadow_entries.c.flow == flow).returning(shadow_entries.c.id)).all()
        self._log.wrote(shadow_entries, gone)
        return len(gone)

    def sweep(self, before: datetime) -> int:
        """Forget what was decided before this instant, in flows that are gone too: subjects hold names."""
        old = delete(shadow_decisions).where(shadow_decisions.c.at < before)
        gone = self._connection.scalars(old.returning(shadow_decisions.c.id)).all()
        self._log.wrote(shadow_decisions, gone)
        return len(gone)

    def all(self) -> Iterable[Row[Any]]:
        """Every decision row."""
        return self._connection.execute(select(shadow_decisions).order_by(shadow_decisions.c.id))

    def all_entries(self) -> Iterable[Row[Any]]:
        """Every row of where somebody would stand."""
        return self._connection.execute(select(shadow_entries).order_by(shadow_entries.c.id))


def _decision(row: Row[Any]) -> ShadowRow:
    values = list(row)
    values[_WHAT] = Would(values[_WHAT])
    return ShadowRow(*values)
