"""How the senders of mail usually set up DNS, so that a domain can be looked at before anybody has told us more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """`includes`: the SPF host of the provider, "" for none. `bounces`: the subdomain that its return path gets, "" for From's own.

    `domain`: the variable that names the domain it sends for, where it has one.
    """

    selectors: tuple[str, ...]
    includes: str = ""
    bounces: str = ""
    domain: str = ""


_ANY = ("default", "mail", "dkim", "google", "selector1", "selector2", "s1", "s2", "k1", "key1")
HABITS: Mapping[str, Habits] = {
    "mailgun": Habits(("mailo", "mx", "pic", "k1", "smtp", "mg", "email"), "mailgun.org", domain="OFFSWITCH_MAILGUN_DOMAIN"),
    "postmark": Habits(("pm",), "spf.mtasv.net", "pm-bounces"),
    "resend": Habits(("resend",), "amazonses.com", "send"),
    "sendgrid": Habits(("s1", "s2"), "sendgrid.net"),
    "ses": Habits((), "amazonses.com"),
}


def habits_of(connector: str) -> Habits:
    """Of a mail connector by its name; of an unknown one, what many do."""
    return HABITS.get(connector, Habits(_ANY))
