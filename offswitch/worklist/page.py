"""The worklist as one page that needs nothing else: no network, no script, no program. It reads well on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from shlex import quote
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.units import format_unit
from jinja2 import Environment, StrictUndefined, Template

from offswitch.gate.reasons import Language, why_in
from offswitch.messages.words import direction, primary
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem
from offswitch.worklist.labels import KINDS, answer_in, label, title_in

_VERBS = ("done", "skip", "approve", "got-it", "did-not", "retry", "take", "give-back")
_DATE = "EEE d MMM y, HH:mm"


def as_html(items: Sequence[WorkItem], now: datetime, language: str = "en") -> str:
    """The page. Times are shown in the zone of `now`; a language that we have no words of becomes English."""
    spoken: Language = "ar" if primary(language) == "ar" else "en"
    ordered = sorted(items, key=lambda item: (item.due, item.id))
    return _template().render(
        items=ordered,
        flows=_by_flow(ordered),
        minutes=sum(item.minutes for item in ordered),
        overdue=sum(1 for item in ordered if item.due < now),
        clock=_Clock(now, spoken),
        language=spoken,
        direction=direction,
        say=partial(label, spoken),
        why=partial(why_in, spoken),
        title=partial(title_in, spoken),
        answer=partial(answer_in, spoken),
        kind=lambda kind: KINDS[kind][spoken == "ar"],
        in_doubt=Work.UNKNOWN,
        command=command,
        value=_value,
    )


def command(item: WorkItem, answer: str) -> str:
    """What to type to give this answer, for a shell."""
    line = f"offswitch worklist {answer if answer in _VERBS else 'done'} {item.id} --by YOU"
    if answer == "skip":
        return f'{line} --why "REASON"'
    return line if answer in _VERBS else f"{line} --outcome {quote(answer)}"


def _by_flow(items: Sequence[WorkItem]) -> list[tuple[str, list[WorkItem]]]:
    """Flows in the order of their first due item."""
    order = {name: place for place, name in enumerate(dict.fromkeys(item.flow for item in items))}
    sorted_by_flow = sorted(items, key=lambda item: order[item.flow])
    return [(name, list(theirs)) for name, theirs in groupby(sorted_by_flow, key=attrgetter("flow"))]


@dataclass(frozen=True, slots=True)
class _Clock:
    """Moments as the reader's wall shows them."""

    now: datetime
    language: Language

    def moment(self, at: datetime) -> str:
        return format_datetime(at.astimezone(self.now.tzinfo), _DATE, locale=self.language)

    def distance(self, at: datetime) -> str:
        return format_timedelta(abs(self.now - at), granularity="minute", threshold=1, locale=self.language)

    def about(self, minutes: int) -> str:
        return label(self.language, "about", time=format_unit(minutes, "duration-minute", locale=self.language))

    @property
    def zone(self) -> str:
        return f"{self.now.tzinfo} (UTC{self.now.isoformat()[-6:]})" if self.now.utcoffset() else "UTC"


def _value(value: Any) -> str:
    """A fact as one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_value(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value)
    return str(value)


@cache
def _template() -> Template:
    folder = files("offswitch.worklist")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["style"] = folder.joinpath("page.css").read_text(encoding="utf-8")
    return environment.from_string(folder.joinpath("page.html").read_text(encoding="utf-8"))
