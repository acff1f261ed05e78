"""SPF (RFC 7208): what a record says, how many look-ups it costs, and whom it lets in. By DNS answers alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from offswitch.doctor.answers import Answers

MOST = 10  # look-ups that a receiver makes; then the whole record counts as broken
EMPTY = 2  # look-ups that may find nothing
_TERM = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:[:/](.*))?", re.IGNORECASE)
_OTHER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.IGNORECASE)


@dataclass
class Look:
    """What was found for one domain. `all` is how its record ends: "-", "~", "?", "+", or "" for an open end."""

    domain: str
    records: int = 0
    all: str = ""
    lookups: int = 0
    empty: int = 0
    included: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    old: bool = False  # `ptr` should not be used any more


def look(domain: str, answers: Answers) -> Look:
    """The record of a domain, with all that it includes. Raises NotAnswered."""
    found = Look(domain)
    _read(domain, answers, found, (), ends=True)
    return found


def records_of(domain: str, answers: Answers) -> list[str]:
    """The SPF records there. More than one count as none. Raises NotAnswered."""
    return [text for text in answers.ask(domain, "TXT") if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def _read(domain: str, answers: Answers, found: Look, above: tuple[str, ...], *, ends: bool) -> None:
    """`ends`: what this record says of all others is what the whole says: not so in an include."""
    records = records_of(domain, answers)
    if not above:
        found.records = len(records)
    elif len(records) != 1:
        found.empty += not records
        found.wrong.append(f"includes {domain}, which has {'no record' if not records else 'several records'}")
    if len(records) == 1 and len(above) <= MOST:
        for kind, sign, where in _terms(records[0], domain, found):
            if kind == "all":
                found.all = (sign or "+") if ends else found.all
            elif kind not in {"ip4", "ip6"}:
                _term(kind, where, answers, found, (*above, domain), ends and kind == "redirect")


def _term(kind: str, where: str, answers: Answers, found: Look, above: tuple[str, ...], ends: bool) -> None:
    found.lookups += 1
    found.old |= kind == "ptr"
    if "%" in where or found.lookups > 3 * MOST:
        return
    if kind in {"include", "redirect"}:
        if where in above:
            found.wrong.append(f"includes {where} in a circle")
            return
        found.included.add(where)
        _read(where, answers, found, above, ends=ends)
    elif kind in {"a", "mx"}:
        found.empty += not (answers.ask(where, "MX") if kind == "mx" else answers.ask(where, "A") or answers.ask(where, "AAAA"))


def _terms(record: str, domain: str, found: Look) -> Iterator[tuple[str, str, str]]:
    """Each term as (kind, sign, domain). A redirect comes last, and counts only where nothing says `all`."""
    onward = ""
    for term in record.split()[1:]:
        if match := _TERM.fullmatch(term):
            sign, kind, value = match[1], match[2].lower(), match[3] or ""
            yield kind, sign, (value.partition("/")[0] or domain).rstrip(".").lower() if kind not in {"ip4", "ip6"} else value
            if kind == "all":
                return
        elif match := _OTHER.fullmatch(term):
            onward = match[2].rstrip(".").lower() if match[1].lower() == "redirect" else onward
        else:
            found.wrong.append(f"has a term that nobody understands: {term[:40]}")
    if onward:
        yield "redirect", "", onward
