"""Drafts of what is not due yet: the real step is asked for real people, and made-up ones stand in where there is nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from offswitch.act.decide import Visit
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.reserve import write_letters
from offswitch.journey.graph import Graph
from offswitch.ledger.base import Book
from offswitch.messages.letter import Letter
from offswitch.messages.library import Library
from offswitch.messages.sender import Sender
from offswitch.model.action import Kind
from offswitch.model.contact import Contact
from offswitch.model.entry import OVER, Entry, send_once_key
from offswitch.review.made_up import made_up_contact, made_up_letter
from offswitch.review.samples import LATER, MADE_UP, Pool

LOOKED_AT = 2_000  # entries among which people to try drafts on are looked for
TRIED = 12  # people per language


def look_ahead(desk: Desk, book: Book, pool: Pool, graph: Graph, entries: Sequence[Entry], now: datetime) -> None:
    """Offer every message as it would be for people who are in the flow. Their consent and facts are the real ones.

    `entries` are some of them; those whose names look oddest are looked for among all.
    """
    odd = book.contacts.oddest(desk.journey.name)
    contacts = book.contacts.get({entry.contact_id for entry in entries})
    chosen = _strangest(contacts.values()) | set(odd)
    theirs = book.entries.of_contacts(desk.journey.name, odd).values()
    entries = [*entries, *(entry for found in theirs for entry in found if entry.state not in OVER)]
    by_contact = {entry.contact_id: entry for entry in entries if entry.contact_id in chosen}
    for node in graph.nodes.values():
        if node.sends:
            placed = [_placed(entry, node.name, now) for entry in by_contact.values()]
            for visit in gather(book, desk.journey, placed, now, desk.needs):
                _offer(desk, pool, visit)


def make_up(desk: Desk, library: Library, pool: Pool, graph: Graph, senders: Mapping[str, Sender], link: str) -> None:
    """Fill what is still lacking. The link leads to nobody."""
    now, flow = desk.clock.now(), desk.journey.name
    for node in graph.nodes.values():
        for message in (text for sent in node.sends for text in library.texts(flow, sent)):
            for language in library.languages(flow, message):
                if pool.lacks(message, language):
                    template = library.get(flow, message, language)
                    letter = made_up_letter(desk.journey, template, senders[language], key=message, unsubscribe_url=link, now=now)
                    if isinstance(letter, Letter):
                        pool.offer(made_up_contact(template), message, node.name, letter, MADE_UP)


def _placed(entry: Entry, step: str, now: datetime) -> Entry:
    """The same person at another step, under a name that the ledger doesn't know."""
    return replace(entry, id=f"look ahead {entry.id}", step=step, visits={step: 1}, entered=now, due=now, since=now)


def _offer(desk: Desk, pool: Pool, visit: Visit) -> None:
    letters = write_letters(desk, [visit])
    for action in visit.open_actions():
        letter = letters.get(send_once_key(visit.entry.id, visit.entry.step, visit.entry.visit, action.name))
        if action.kind is Kind.SEND and isinstance(letter, Letter):
            pool.offer(visit.facts.contact, action.message, visit.entry.step, letter, LATER)


def _strangest(people: Iterable[Contact]) -> set[str]:
    """Of each language the longest names, somebody without one, and a few others."""
    by_language: dict[str, dict[str, Contact]] = defaultdict(dict)
    for person in people:
        by_language[person.language].setdefault(person.name.strip(), person)
    chosen: set[str] = set()
    for group in by_language.values():
        by_length = sorted(group.values(), key=lambda person: (-len(person.name.strip()), person.id))
        chosen |= {person.id for person in (*by_length[: TRIED - 1], by_length[-1])}
    return chosen
