"""The verdict on a flow's readiness, as people read it: each item, what it means, and what to do first by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from offswitch.gate.readiness import RUNBOOK, RUNS, SHEET, STABILITY, Item, State, Weighed
from offswitch.gate.reasons import Language
from offswitch.policy.readiness import CUSTOMER, FOUR
from offswitch.policy.runbook import SAID, Lack
from offswitch.review.readiness_words import GRADES, ITEMS, READINGS, STATES, WORDS, Asks

SCHEMA = "offswitch.readiness/1"
COLUMNS = 80
_HARD = "\N{NO-BREAK SPACE}"
_PARTS = (("four", FOUR), ("customer", CUSTOMER), ("hands", (SHEET, RUNBOOK, RUNS, STABILITY)))


def say(language: Language, word: str, **values: object) -> str:
    """A word of the page in its language."""
    return WORDS[word][language == "ar"].format(**values)


def asks(language: Language, flow: str, item: Item) -> Asks:
    """The question that an item is, what a no means and what to do first."""
    words = ITEMS[item.name][language == "ar"]
    return words._replace(first=words.first.format(flow=flow, left=max(item.need - item.have, 0)))


def as_text(flow: str, found: Weighed, language: Language) -> str:
    """At most 80 columns."""
    ar = language == "ar"
    lines = [f"{say(language, 'title', flow=flow)}: {GRADES[found.grade][ar]}"]
    lines += wrapped(READINGS[found.reading][ar])
    by_name = {item.name: item for item in found.items}
    for title, names in _PARTS:
        lines += ["", say(language, title, yes=sum(by_name[name].state is State.YES for name in FOUR))]
        for name in names:
            lines += _item(flow, by_name[name], language)
    if found.open:
        lines += ["", say(language, "answer them"), f"  offswitch readiness {flow} --ask --by ADDRESS"]
    return "\n".join(lines)


def _item(flow: str, item: Item, language: Language) -> Iterator[str]:
    words = asks(language, flow, item)
    yield from wrapped(f"[{STATES[item.state][language == 'ar']}] {words.question}", "  ")
    for line in _told(item, language):
        yield from wrapped(line, "    ")
    if not item.fine:
        yield from wrapped(f"{say(language, 'means')}: {words.means}", "    ")
        yield from wrapped(f"{say(language, 'first')}: {words.first}", "    ")


def _told(item: Item, language: Language) -> Iterator[str]:
    """Who said it, when, and how much there is of what is needed."""
    counted = {RUNBOOK: "have people", RUNS: "have runs", STABILITY: "need share" if item.state is State.TOO_FEW else "have share"}
    if item.name in counted:
        yield say(language, counted[item.name], have=item.have, need=item.need)
    if item.name == RUNS and item.by:
        word = "waived" if item.state is State.WAIVED else "waiver over"
        yield say(language, word, until=item.until, by=", ".join(item.by), why=item.answer)
        return
    if item.name == SHEET:
        for said in (SAID[Lack(lack)] for lack in filter(None, item.answer.split(", "))):
            yield said.arabic if language == "ar" else f"it {said.what}: {said.fix}"
    if item.name in CUSTOMER and item.answer:
        yield " ".join(item.answer.split())
    if item.on is not None:
        over = item.state is State.EXPIRED
        until = [say(language, "ran out" if over else "counts until", until=item.until)] if item.until else []
        yield ", ".join([*item.by, str(item.on), *until])
    if item.evidence:
        yield f"{say(language, 'evidence')}: {item.evidence}"


def as_json(flow: str, found: Weighed, language: Language) -> dict[str, Any]:
    """One document for other tools."""
    ar = language == "ar"
    return {
        "schema": SCHEMA,
        "flow": flow,
        "asked": True,
        "verdict": found.grade.value,
        "reading": found.reading.value,
        "says": READINGS[found.reading][ar],
        "open": [item.name for item in found.open],
        "ending": [{"item": item.name, "until": item.until} for item in found.ending],
        "items": [_as_json(flow, item, language) for item in found.items],
    }


def _as_json(flow: str, item: Item, language: Language) -> dict[str, Any]:
    words = asks(language, flow, item)
    names = ("by", "on", "until", "answer", "evidence", "have", "need")
    return {
        "item": item.name,
        "state": item.state.value,
        "fine": item.fine,
        **{name: getattr(item, name) for name in names},
        "question": words.question,
        "means": words.means,
        "first": words.first,
    }


def wrapped(text: str, indent: str = "") -> list[str]:
    """At most 80 columns; a command stays in one piece."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    whole = re.sub(r"`[^`]*`", lambda command: command[0].replace(" ", _HARD), shown)  # a command is copied in one piece
    lines = wrap(whole, COLUMNS, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "", break_on_hyphens=False)
    return [line.replace(_HARD, " ") for line in lines]
