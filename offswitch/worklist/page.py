"""The worklist as one page that needs nothing else: no network, no program. It reads well on paper, and without its script."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, partial
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.units import format_unit
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from offswitch.gate.reasons import Language, why_in
from offswitch.messages.words import direction, primary
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem
from offswitch.worklist.commands import command
from offswitch.worklist.labels import KINDS, LABELS, answer_in, channel_in, decision_in, label, title_in

_LABEL = re.compile(r'\{\{ say\["([^"]+)"\] \}\}')
_DATE = "EEE d MMM y, HH:mm"


@dataclass(frozen=True, slots=True)
class Part:
    """Which page of a flow's snapshot this is. The others are files beside it; "" where there is none.

    `rest`: there is more, in the table alone.
    """

    flow: str
    number: int
    first: int
    last: int
    until: datetime
    before: str
    next: str
    other: str
    table: str
    index: str
    rest: bool = False


def as_html(items: Sequence[WorkItem], now: datetime, language: str = "en", part: Part | None = None, lines: Lines | None = None) -> str:
    """The page. Times are shown in the zone of `now`; a language that we have no words of becomes English.

    A part of a snapshot keeps its order: what follows an item stands below it. `lines` are those of the same page in another language.
    """
    spoken: Language = "ar" if primary(language) == "ar" else "en"
    ordered = items if part else sorted(items, key=lambda item: (item.due, item.id))
    return template("page.html", spoken).render(
        items=ordered,
        part=part,
        flows=_by_flow(ordered),
        minutes=sum(item.minutes for item in ordered),
        overdue=sum(1 for item in ordered if item.late(now)),
        first=min((item.due for item in ordered), default=now),
        lines=lines or Lines(),
        clock=Wall(now, spoken),
        other="en" if spoken == "ar" else "ar",
        in_doubt=Work.UNKNOWN,
        **words(spoken),
    )


def words(spoken: Language) -> dict[str, Any]:
    """What a template says in this language: `say` what is fixed, `line` what has values in it."""
    return {"language": spoken, "say": _labels(spoken), "line": partial(label, spoken)}


def _filters(spoken: Language) -> dict[str, Callable[..., object]]:
    return {
        "answer": partial(answer_in, spoken),
        "channel": partial(channel_in, spoken),
        "command": command,
        "decision": partial(decision_in, spoken),
        "direction": direction,
        "fact": _fact,
        "kind": lambda kind: KINDS[kind][spoken == "ar"],
        "listed": lambda answers: label(spoken, "or").join(answer_in(spoken, answer) for answer in answers),
        "ours": partial(_ours, spoken),
        "why": partial(_why, spoken),
        "written": _written,
    }


@dataclass(slots=True)
class Lines:
    """The letters of a page share most of their lines: each line stands in it once, and a letter is where its lines are."""

    known: dict[str, int] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)

    def places(self, letter: str) -> str:
        """Such as "0-40 61 42-60"."""
        if letter not in self.placed:
            self.placed[letter] = self._places(letter)
        return self.placed[letter]

    def _places(self, letter: str) -> str:
        spans: list[list[int]] = []
        for line in letter.split("\n"):
            place = self.known.setdefault(line, len(self.known))
            if spans and spans[-1][1] + 1 == place:
                spans[-1][1] = place
            else:
                spans.append([place, place])
        return " ".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)

    def json(self) -> str:
        """All lines, in order; no markup can end the element that they stand in."""
        return json.dumps(list(self.known), ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")


@dataclass(frozen=True, slots=True)
class Wall:
    """Moments as the reader's wall shows them, in the zone of `now`."""

    now: datetime
    language: Language

    def moment(self, at: datetime) -> str:
        """Weekday, date and time."""
        return _moment(at.astimezone(self.now.tzinfo).replace(second=0, microsecond=0, tzinfo=None), self.language)

    def is_now(self, at: datetime) -> bool:
        """Within this minute."""
        return abs(self.now - at).total_seconds() < 60

    def distance(self, at: datetime) -> str:
        """How far from now, in the largest unit that fits."""
        return _distance(int(abs(self.now - at).total_seconds()) // 60, self.language)

    def about(self, minutes: int) -> str:
        """Roughly so long."""
        return label(self.language, "about", time=_minutes(minutes, self.language))

    @property
    def zone(self) -> str:
        """The zone's name, with its offset now."""
        return f"{self.now.tzinfo} (UTC{self.now.isoformat()[-6:]})" if self.now.utcoffset() else "UTC"


@lru_cache(maxsize=8192)
def _why(language: Language, text: str) -> str:
    return title_in(language, why_in(language, text))


@lru_cache(maxsize=8192)
def _ours(language: Language, text: str) -> str:
    return title_in(language, text)


@cache
def _written(language: str) -> Markup:
    """The attributes of a text in this language."""
    if not language:
        return Markup('dir="auto"')
    return Markup('lang="{}" dir="{}"').format(language, direction(language))


@lru_cache(maxsize=8192)
def _moment(wall: datetime, language: Language) -> str:
    """Without its zone: the same instant is another time on another wall, and yet one key."""
    return format_datetime(wall, _DATE, locale=language)


@lru_cache(maxsize=8192)
def _distance(minutes: int, language: Language) -> str:
    return format_timedelta(minutes * 60, granularity="minute", threshold=1, locale=language)


@lru_cache(maxsize=1024)
def _minutes(minutes: int, language: Language) -> str:
    return format_unit(minutes, "duration-minute", locale=language)


def _by_flow(items: Sequence[WorkItem]) -> list[tuple[str, list[WorkItem]]]:
    """Flows in the order of their first due item."""
    order = {name: place for place, name in enumerate(dict.fromkeys(item.flow for item in items))}
    sorted_by_flow = sorted(items, key=lambda item: order[item.flow])
    return [(name, list(theirs)) for name, theirs in groupby(sorted_by_flow, key=attrgetter("flow"))]


def _fact(value: Any) -> str:
    """A fact as one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_fact(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_fact(one) for one in value)
    return str(value)


@cache
def _labels(spoken: Language) -> Mapping[str, str]:
    return {name: pair[spoken == "ar"] for name, pair in LABELS.items()}


@cache
def template(name: str, spoken: Language = "en") -> Template:
    """A page of this package with its style, its script and the labels of one language in it: they are the same for every item."""
    folder = files("offswitch.worklist")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(_filters(spoken))
    script = folder.joinpath("page.js").read_text(encoding="utf-8")
    environment.globals["style"] = folder.joinpath("page.css").read_text(encoding="utf-8")
    environment.globals["script"] = script
    environment.globals["script_digest"] = f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
    text = folder.joinpath(name).read_text(encoding="utf-8")
    return environment.from_string(_LABEL.sub(lambda found: escape(_labels(spoken)[found[1]]), text))
