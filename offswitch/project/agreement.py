"""What can't be taken back takes two people: one asks for it, another one agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.errors import Refused
from offswitch.ledger.base import Book
from offswitch.policy.schema import CompanyPolicy, Role

STANDS = timedelta(hours=4)  # how long it is asked for


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: `kind` is on, retire or reconcile, `subject` the flow or "", `size` how many people it touches.

    `command` is what the other person has to type, but for their name.
    """

    kind: str
    subject: str
    size: int
    command: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`agreed_by` is "" while a second person is missing: then `text` says what to do. `why` is the reason of who asked."""

    asked_by: str
    agreed_by: str
    why: str
    text: str


def two_people(book: Book, company: CompanyPolicy, wish: Wish, by: str, now: datetime) -> Agreement:
    """Agree to what somebody else has asked for, or else ask for it.

    What was asked stands for four hours, and while the number has not grown by more than a tenth. Whoever agrees must be an
    approver. Raises Refused for who may not. Nothing may be done before `agreed_by` has a name and this transaction ends.
    """
    if by not in company.people:
        raise Refused(f"{by} is not among the people of company.yaml; there are: {', '.join(company.people)}")
    asked = book.requests.open(wish.kind, wish.subject, now - STANDS)
    if asked is None or asked.by == by or grown(asked.size, wish.size):
        book.requests.ask(wish.kind, wish.subject, wish.size, by=by, why=wish.why, at=now)
        news = f"since {asked.by} asked, {asked.size:,} have become {wish.size:,}. " if asked and asked.by != by else ""
        return Agreement(by, "", wish.why, news + _to_do(company, wish, by))
    if Role.APPROVER not in company.people[by].roles:
        raise Refused(f"{by} is not an approver in company.yaml. {_to_do(company, wish, asked.by)}")
    book.requests.agree(asked, by=by, at=now)
    return Agreement(asked.by, by, asked.why or wish.why, f"asked for by {asked.by}, agreed to by {by}")


def grown(asked: int, now: int) -> bool:
    """Is it more than a tenth larger than what was asked for?"""
    return now * 10 > asked * 11


def _to_do(company: CompanyPolicy, wish: Wish, by: str) -> str:
    others = [name for name, colleague in company.people.items() if Role.APPROVER in colleague.roles and name != by]
    if not others:
        return "It takes a second person, and company.yaml names no other approver"
    hours = STANDS // timedelta(hours=1)
    who = " or ".join(others)
    return f"It takes a second person. Within {hours} hours {who} can say:\n  {wish.command} --by {others[0]}"
