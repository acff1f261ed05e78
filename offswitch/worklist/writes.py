"""CRM writes that wait for their turn: if nothing works any more, they are people's work too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from offswitch.act.desk import Desk
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.work import WorkRow
from offswitch.model.action import Action
from offswitch.model.contact import Contact
from offswitch.model.effect import Effect, Stage
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem, item_id
from offswitch.worklist.as_if_off import BY_ITSELF
from offswitch.worklist.item import name_of, reach_of
from offswitch.worklist.words import change_in_words

MOST = 100_000  # writes that are looked at
_CHUNK = 500
_visit_of = attrgetter("entry_id", "step", "visit")


def waiting_writes(desk: Desk, book: Book, standing: Standing) -> Iterator[WorkItem]:
    """One item for each visit that has left writes behind."""
    queued = sorted(_queued(desk, book), key=_visit_of)
    people: dict[str, Contact] = {}
    for start in range(0, len(queued), _CHUNK):
        people |= book.contacts.get({effect.contact_id for effect in queued[start : start + _CHUNK]})
    for _, group in groupby(queued, key=_visit_of):
        writes = list(group)
        yield _item(writes, people.get(writes[0].contact_id) or Contact(writes[0].contact_id), standing)


def done_by_hand(desk: Desk, book: Book, name: str, by: str, now: datetime) -> WorkItem | None:
    """A person has made the changes of this item, so that they wait no longer. None when no such changes wait."""
    writes = _named(desk, book, name)
    if not writes:
        return None
    for effect in writes:
        book.effects.put(replace(effect, state=Stage.PERFORMED, actor=by, at=now, connector="people", body={}))
    first, contact_id = writes[0], writes[0].contact_id
    if (first.entry_id, first.step, first.visit) not in book.work.of_entries([first.entry_id]):  # what a person did there before stays
        book.work.put(WorkRow(first.entry_id, first.step, first.visit, outcome="done", done_by=by, done_at=now))
    contact = book.contacts.get([contact_id]).get(contact_id) or Contact(contact_id)
    return _item(writes, contact, desk.switchboard.look(book))


def has_writes(desk: Desk, book: Book, name: str) -> bool:
    """Do changes of this item wait?"""
    return bool(_named(desk, book, name))


def _named(desk: Desk, book: Book, name: str) -> list[Effect]:
    return [effect for effect in _queued(desk, book) if item_id(*_visit_of(effect)) == name]


def _queued(desk: Desk, book: Book) -> list[Effect]:
    return book.effects.queued(desk.journey.name, MOST)


def _item(writes: list[Effect], contact: Contact, standing: Standing) -> WorkItem:
    first, policy = writes[0], standing.policy
    return WorkItem(
        id=item_id(first.entry_id, first.step, first.visit),
        kind=Work.BY_HAND,
        flow=first.flow,
        step=first.step,
        visit=first.visit,
        entry_id=first.entry_id,
        contact_id=contact.id,
        name=name_of(contact),
        reach=reach_of(contact),
        title="make the changes",
        why=BY_ITSELF,
        due=min(effect.at for effect in writes),
        team=policy.team if policy else "",
        changes=tuple(change_in_words(Action.from_json(effect.body)) for effect in writes),
        outcomes=("done",),
        runbook=policy.runbook if policy else "",
        minutes=policy.minutes_per_item if policy else 0,
        channel="crm",
    )
