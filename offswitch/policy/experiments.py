"""What a flow tries out: two to four texts of one message, by lot, with the question written down before the answer is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from offswitch.policy.days import GregorianDay
from offswitch.policy.plain import short
from offswitch.policy.share import Share, share
from offswitch.policy.values import Duration, Line, Person, Prose, Section, checked, likely, refuse, written

OWN = "own"  # the text without a mark: what everybody gets where nothing is tried out
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LONGEST = timedelta(days=14)  # what comes later is no answer to a message, here as in the guardrails
_NEEDED = {
    "hypothesis": "a hypothesis (what do you expect, and why?)",
    "variants": "variants (which texts?)",
    "metric": "a metric (goal, click or reply)",
    "within": "a time `within` which the metric counts after the mail",
    "smallest_effect": "a smallest_effect (which difference would change what you do?)",
    "owner": "an owner (who writes down what was learnt?)",
    "starts": "a first day in `starts`",
    "ends": "a last day in `ends`",
}
_OPENS = ("open", "opens", "opened", "open_rate")


class Aim(StrEnum):
    """What a text is compared by."""

    GOAL = "goal"  # of the journey
    CLICK = "click"
    REPLY = "reply"


def aim(value: Any) -> Aim:
    """`goal`, `click` or `reply`; never opens."""
    text = value.casefold() if isinstance(value, str) else ""
    if text in _OPENS:
        fix = "mail clients open mail by themselves, so opens say nothing about people: write goal, click or reply"
        raise refuse(f"is {short(text)}, which names no winner", fix)
    if text not in list(Aim):
        raise refuse(f"is {short(str(value))}", likely(text, list(Aim)))
    return Aim(text)


def variant_name(value: Any) -> str:
    """`own`, or the mark of a file: `short` in `greet~short.en.md`."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    said = f"is {short(value)}, no name of a variant" if isinstance(value, str) else "is a list or section"
    raise refuse(said, "write own, or what stands behind the ~ in the file's name: small letters, digits and _")


def message_name(value: Any) -> str:
    """A message, as its files are called."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise refuse(f"is {short(str(value))}, no name of a message", "write greet for messages/<flow>/greet.en.md")


def effect(value: Any) -> Share:
    """A difference of shares, in points of a hundred: `2%` is from 10% to 12%."""
    found = share(value)
    if not 1_000 <= found.ppm <= 500_000:
        raise refuse(f"is {short(str(found))}", "write the smallest difference that matters, from 0.1% to 50% such as 2%")
    return found


def rate(value: Any) -> Share:
    """What share does it now."""
    found = share(value)
    if not 0 < found.ppm < 1_000_000:
        raise refuse(f"is {short(str(found))}", "write what share of people does it now such as 10%")
    return found


def _texts(names: tuple[str, ...]) -> tuple[str, ...]:
    for place, one in enumerate(names):
        if one in names[:place]:
            raise refuse(f"is {one} again", "name each text once", place)
    if not 2 <= len(names) <= 4:
        raise refuse(f"names {len(names)}", "write two to four texts such as [own, short]")
    if OWN not in names:
        raise refuse("lacks own", "own is the text that everybody gets otherwise: without it there is nothing to compare with")
    return names


def _soon(length: timedelta) -> timedelta:
    if length > _LONGEST:
        raise refuse(f"is {written(length)}", "write at most 14d: what comes later is no answer to a mail")
    return length


VariantName = Annotated[str, checked(variant_name)]


class Experiment(Section):
    """Which text of one message works better. Everybody draws one text, for good; every text has an equal share."""

    hypothesis: Line
    """What you expect, and why, written before anybody has got the mail."""
    variants: Annotated[tuple[VariantName, ...], AfterValidator(_texts)]
    """The texts: own is the one without a mark, short is `greet~short.en.md`. Two to four, in equal shares."""
    metric: Annotated[Aim, checked(aim)]
    """What decides: the journey's goal, a click or a reply. Never opens: mail clients open mail by themselves."""
    within: Annotated[Duration, AfterValidator(_soon)]
    """How long after the mail the metric counts; at most 14d. Who has had less time is not counted yet."""
    smallest_effect: Annotated[Share, checked(effect)]
    """The smallest difference that would change what you do, in points: 2% is from 10% to 12%. With the rate it gives the size."""
    baseline: Annotated[Share, checked(rate)] | None = None
    """What share does it now; left out where it was measured in this flow before the start."""
    owner: Person
    """Who looks at it and writes down what was learnt. One of the people of company.yaml."""
    starts: GregorianDay
    """The first day, by the company's clock. Before it everybody gets own."""
    ends: GregorianDay
    """The last day, which belongs to it. After it everybody gets own, or the winner."""
    salt: Line = ""
    """Shuffles people into the texts; the first day where none is written. Never change it after the first mail."""
    winner: VariantName = ""
    """What everybody gets from now on. A person writes it; the experiment is over then."""
    learning: Prose = ""
    """What you learnt, also when there was no difference. Needed beside a winner."""

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """A key that is only misspelt is told by its name instead."""
        if isinstance(data, dict) and data.keys() <= cls.model_fields.keys() and (lacks := [key for key in _NEEDED if key not in data]):
            raise refuse(f"needs {', '.join(_NEEDED[key] for key in lacks)}", f"add {', '.join(f'`{key}:`' for key in lacks)}")
        return data

    @model_validator(mode="after")
    def _sound(self) -> Experiment:
        if self.ends < self.starts:
            raise refuse(f"is {self.ends}, before {self.starts}", "the first day stands in `starts`, the last one in `ends`", "ends")
        if self.winner and self.winner not in self.variants:
            raise refuse(f"is {self.winner}, which was not tried", likely(self.winner, self.variants), "winner")
        if self.winner and not self.learning:
            raise refuse("names a winner, and not what you learnt", "add `learning:`, so that nobody has to try it again")
        return self

    def runs_on(self, day: date) -> bool:
        """Do people draw their text on this day?"""
        return not self.winner and self.starts <= day <= self.ends

    def over_on(self, day: date) -> bool:
        """Will nobody draw any more?"""
        return bool(self.winner) or day > self.ends

    def canonical(self) -> dict[str, Any]:
        """What an approval is about, ready for JSON. The owner and the learning change no mail and no verdict."""
        return {
            "hypothesis": self.hypothesis,
            "variants": list(self.variants),
            "metric": self.metric.value,
            "within": written(self.within),
            "smallest_effect": str(self.smallest_effect),
            "baseline": str(self.baseline or "measured"),
            "starts": self.starts.isoformat(),
            "ends": self.ends.isoformat(),
            "salt": self.salt or self.starts.isoformat(),
            "winner": self.winner,
        }


MessageName = Annotated[str, checked(message_name)]
Experiments = Annotated[dict[MessageName, Experiment], Field(min_length=1)]


def fewer_trials(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> bool:
    """Experiments that end: taken out, over sooner, or with a winner where there was none.

    An approval covers every variant for everybody, so whichever of them goes to all of them was approved.
    """
    return all(message in old and _ended(old[message], one) for message, one in new.items())


def _ended(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    sooner = "ends" not in changed or new["ends"] <= old["ends"]
    return changed <= {"ends", "winner"} and sooner and ("winner" not in changed or not old["winner"])
