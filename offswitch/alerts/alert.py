"""One alert to everybody whom `company.yaml alerts:` names, outside the gate and whatever is off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPException
from textwrap import shorten

from sqlalchemy.exc import SQLAlchemyError

from offswitch.alerts.mail import mail
from offswitch.alerts.stamps import Stamps
from offswitch.alerts.webhook import post
from offswitch.ledger.alerts import Alerts
from offswitch.ledger.base import Ledger
from offswitch.policy.schema import CompanyPolicy

Notice = tuple[str, str]  # the reason, the same for the same trouble; and what to say
_LOG = logging.getLogger(__name__)
_LONGEST = 500  # characters of one notice


@dataclass(frozen=True, slots=True)
class Alert:
    """Everything new, in one message. The texts hold counts and names of flows, never of customers."""

    notices: tuple[Notice, ...]
    at: datetime

    @property
    def subject(self) -> str:
        """One line that says what is wrong, short enough for a mail program and never folded."""
        more = f" (and {len(self.notices) - 1} more)" if len(self.notices) > 1 else ""
        return f"Offswitch: {shorten(self.notices[0][1], 44, placeholder='...')}{more}"

    @property
    def text(self) -> str:
        """What happened, a line each, and where to look."""
        lines = "\n\n".join(text for _, text in self.notices)
        return f"{lines}\n\nSee `offswitch status`. For one reason you get at most one alert an hour.\n"


def alert(ledger: Ledger, company: CompanyPolicy, environment: Mapping[str, str], notices: Iterable[Notice], now: datetime) -> int:
    """Tell people what they don't know yet; how many notices reached somebody.

    Raises SQLAlchemyError, before anybody is told, when the ledger can't be written.
    """
    with ledger.write() as book:
        rows = Alerts(book.connection, book.audit)
        new = {number: notice for notice in _clean(notices) if (number := rows.claim(*notice, now)) is not None}
    if not new or not _deliver(Alert(tuple(new.values()), now), company, environment):
        return 0
    with suppress(SQLAlchemyError), ledger.write() as book:  # people know, whatever becomes of the note
        Alerts(book.connection, book.audit).sent(new)
    return len(new)


def alert_without_ledger(
    stamps: Stamps, company: CompanyPolicy, environment: Mapping[str, str], notices: Iterable[Notice], now: datetime
) -> int:
    """The same on the day when the ledger is what is wrong."""
    known = dict(_clean(notices))
    new = stamps.claim(known, now)
    if not new:
        return 0
    if not _deliver(Alert(tuple((reason, known[reason]) for reason in new), now), company, environment):
        stamps.give_back(new)
        return 0
    return len(new)


def _clean(notices: Iterable[Notice]) -> list[Notice]:
    """One line for each reason: the first."""
    found: dict[str, str] = {}
    for reason, text in notices:
        found.setdefault(" ".join(reason.split())[:200], " ".join(text.split())[:_LONGEST])
    return list(found.items())


def _deliver(one: Alert, company: CompanyPolicy, environment: Mapping[str, str]) -> bool:
    """To every address and the webhook; True when at least one took it."""
    targets, sender = company.alerts, company.sender.email
    ways = [("mail", partial(mail, to, one.subject, one.text, one.at, sender, environment)) for to in targets.emails]
    if targets.webhook:
        ways.append(("webhook", partial(post, targets.webhook, one.notices, one.at)))
    if not ways:
        _LOG.warning("%s (company.yaml names nobody under alerts:)", one.subject)
    reached = [_took(name, way, one) for name, way in ways]
    return any(reached)


def _took(name: str, way: Callable[[], None], one: Alert) -> bool:
    try:
        way()
    except (OSError, ValueError, HTTPException) as error:
        _LOG.warning("%s (not told by %s: %s)", one.subject, name, type(error).__name__)
        return False
    return True
