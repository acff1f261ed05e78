"""What Mailgun says about the domain that it sends for: its state, its DNS, its queue, and what it adds to messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.http import Again, Answer, Client, Request
from connectors.http.finding import unanswered
from offswitch.model.finding import Finding, Level

_KEY = "make a sending key for the domain, and set OFFSWITCH_MAILGUN_API_KEY; a domain in the EU needs OFFSWITCH_MAILGUN_BASE_URL"
_DNS = "add the records that Mailgun shows under Sending > Domains > DNS records, then verify there"
_STATES = {"active": (Level.FINE, "it may send", ""), "unverified": (Level.TROUBLE, "nobody has verified it", _DNS)}
_DISABLED = (Level.TROUBLE, "Mailgun has disabled it", "ask Mailgun's support why")


def findings(client: Client, domain: str) -> Iterator[Finding]:
    """One finding a thing. A key that may only send can't ask: then Mailgun's refusal is the finding."""
    about = "the domain at Mailgun"
    known = client.call(Request("GET", f"/v4/domains/{domain}", again=Again.READ))
    if not isinstance(known, Answer):
        yield unanswered(about, known, _KEY)
        return
    told = _part(known.json, "domain")
    state = _DISABLED if told.get("is_disabled") else _STATES.get(str(told.get("state")), _DISABLED)
    yield Finding(about, *state)
    yield _records(known.json)
    yield from _queue(client, domain)
    yield from _additions(client, domain)


def _records(told: Any) -> Finding:
    records = told.get("sending_dns_records") if isinstance(told, dict) else None
    bad = [each for each in records or () if isinstance(each, dict) and each.get("valid") != "valid"]
    about = "the DNS of the domain at Mailgun"
    if not bad:
        return Finding(about, Level.FINE, "Mailgun finds its records")
    names = ", ".join(f"{each.get('record_type')} {each.get('name', '')}".strip() for each in bad)
    return Finding(about, Level.TROUBLE, f"Mailgun does not find: {names}", _DNS)


def _queue(client: Client, domain: str) -> Iterator[Finding]:
    answer = client.call(Request("GET", f"/v3/domains/{domain}/sending_queues", again=Again.READ))
    if isinstance(answer, Answer) and _part(answer.json, "regular").get("is_disabled"):
        yield Finding("the queue at Mailgun", Level.TROUBLE, "it is full and takes no more", "send less at once, or ask Mailgun")


def _additions(client: Client, domain: str) -> Iterator[Finding]:
    answer = client.call(Request("GET", f"/v3/domains/{domain}/tracking", again=Again.READ))
    if isinstance(answer, Answer) and _part(_part(answer.json, "tracking"), "unsubscribe").get("active"):
        said = "Mailgun adds an unsubscribe link of its own to every message"
        yield Finding("tracking at Mailgun", Level.ADVICE, said, "turn it off under Sending > Domain settings > Tracking")


def _part(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
