"""What several verbs share: who gives the command, a length of time, and which flow has a contact or an item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import click
from pydantic_core import PydanticCustomError

from offswitch.act.desk import Desk
from offswitch.errors import ConfigError, Refused
from offswitch.ledger.base import Book
from offswitch.model.contact import Contact
from offswitch.policy.values import duration
from offswitch.project.project import Project


class Period(click.ParamType[float]):
    """A length of time as policies write it, in seconds."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """From text such as 60s."""
        try:
            return duration(value).total_seconds()
        except PydanticCustomError as error:
            self.fail(f"{error.message()}: {(error.context or {}).get('fix', '')}", param, ctx)


def person(project: Project, by: str | None) -> str:
    """The colleague who acts: `--by`, else OFFSWITCH_USER. While company.yaml is broken, everybody is believed."""
    name = by or project.settings.user
    if not name:
        raise Refused("who are you? say --by ADDRESS, or set OFFSWITCH_USER")
    try:
        people = project.company().people
    except ConfigError:
        return name
    if name not in people:
        near = get_close_matches(name, people, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(people)}"
        raise Refused(f"{name} is not among the people of company.yaml{hint}")
    return name


def one_contact(book: Book, words: str) -> Contact:
    """The one contact that these words mean: id, address or name. Raises Refused for none or several."""
    found = book.contacts.find(words)
    if not found:
        raise Refused(f"nobody is known as {words!r}")
    exact = [contact for contact in found if words in (contact.id, contact.email, contact.name)]
    if len(exact or found) > 1:
        some = ", ".join(f"{contact.name} <{contact.email}>" for contact in (exact or found)[:5])
        raise Refused(f"{words!r} may be {len(exact or found)} people: {some}; say the address")
    return (exact or found)[0]


@contextmanager
def desks(project: Project, flow: str | None = None) -> Iterator[list[Desk]]:
    """A desk for one flow, or for each."""
    from contextlib import ExitStack

    journeys = [project.flows.get(flow)] if flow else list(project.flows.journeys.values())
    with ExitStack() as stack:
        yield [stack.enter_context(project.desk(journey)) for journey in journeys]
