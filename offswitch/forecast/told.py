"""What a forecast says in sentences and rows, in both languages: for the terminal and the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from offswitch.forecast.forecast import Day, Forecast
from offswitch.forecast.habits import AFTER, ENOUGH, Deed, Rate, Source
from offswitch.forecast.words import Language, say
from offswitch.gate.reasons import reason_in, rule_in
from offswitch.policy.values import written

DAILY = 31  # more days than this are told by the week
_MARKS = {Source.MEASURED: "", Source.ASSUMED: "*", Source.SAID: "="}


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or a week."""

    first: date
    mails: int
    by_hand: int
    entered: int
    items: int
    minutes: int
    others: int


def spans(forecast: Forecast) -> list[Span]:
    """By day; by week where there are many days."""
    size = 1 if len(forecast.days) <= DAILY else 7
    return [_span(forecast.days[start : start + size]) for start in range(0, len(forecast.days), size)]


def by_week(forecast: Forecast) -> bool:
    """Is a span a week?"""
    return len(forecast.days) > DAILY


def numbers(forecast: Forecast) -> list[tuple[str, int]]:
    """The figures at the top, each with its word."""
    days = forecast.days
    return [
        ("mails", forecast.mails),
        ("a day", round(forecast.mails / len(days))),
        ("now", forecast.at_once),
        ("newcomers", sum(day.entered for day in days)),
        ("items", sum(sum(day.items.values()) for day in days)),
        ("left", sum(forecast.inside.values())),
    ]


def honest(language: Language, forecast: Forecast) -> Iterator[str]:
    """What a reader must know before anything else."""
    yield say(language, "honest")
    rates = [rate for habit in forecast.habits.values() for rate in habit.rates.values()]
    if all(rate.source is not Source.MEASURED for rate in rates):
        yield say(language, "all assumed")


def rests(language: Language, forecast: Forecast) -> Iterator[str]:
    """What was measured and what was assumed, beside the rates of the messages."""
    yield say(language, "legend", enough=ENOUGH)
    shares = [f"{name} {_percent(one.opened / one.sends)}" for name, one in forecast.habits.items() if one.opened and one.sends >= ENOUGH]
    if shares:
        yield say(language, "opened", shares=", ".join(shares))
    for kind in forecast.kinds:
        said = "inflow said" if kind.source is Source.SAID else "inflow measured"
        yield say(language, said, n=f"{kind.per_day:.3g}", event=kind.kind, days=written(timedelta(days=round(kind.days))))
    if forecast.strangers:
        yield say(language, "strangers")
    yield say(language, "delays", waits=", ".join(f"{say(language, deed)} {written(wait)}" for deed, wait in AFTER.items()))
    source = "said" if forecast.asked.answers_said else "assumed"
    yield say(language, "answers", after=written(forecast.asked.answers), source=say(language, source))
    yield say(language, "together", flows=", ".join(forecast.others)) if forecast.others else say(language, "alone")
    yield say(language, "not foreseen")
    yield say(language, "again")


def rates(forecast: Forecast) -> list[tuple[str, int, list[str]]]:
    """Each message with how often it goes out, and its rates in the order of `Deed`."""
    return [(name, many, [written_rate(forecast.habits[name].rates[deed]) for deed in Deed]) for name, many in forecast.messages.items()]


def written_rate(rate: Rate) -> str:
    """A share as people read it, marked where it was not measured."""
    return f"{_percent(rate.share)}{_MARKS[rate.source]}"


def work(language: Language, forecast: Forecast) -> Iterator[str]:
    """The work for people beside what they can do."""
    if not any(day.items for day in forecast.days):
        yield say(language, "no work")
        return
    if forecast.capacity is None:
        yield say(language, "no capacity")
        return
    yield say(language, "capacity", capacity=f"{forecast.capacity:,}")
    crowded = forecast.crowded
    yield say(language, "too much", n=len(crowded), day=crowded[0].date) if crowded else say(language, "enough")


def steps(language: Language, forecast: Forecast) -> Iterator[tuple[int, str, str]]:
    """Each step of the rollout with its earliest day, or with what it waits for."""
    for step in forecast.steps:
        if step.now:
            when = say(language, "here")
        elif step.on is not None:
            when = str(step.on)
        else:
            when = say(language, "not in time") + _waits(language, *step.waits)
        yield step.number + 1, step.size, when if step.now or step.on or step.number > _present(forecast) else "✓"


def sights(language: Language, forecast: Forecast) -> Iterator[str]:
    """How long it takes until a guardrail could notice twice the harm that it allows."""
    if not forecast.sights:
        yield say(language, "no guardrails")
    for one in forecast.sights:
        said = {"metric": say(language, one.metric.value), "ceiling": one.ceiling, "sends": f"{one.sends:,}"}
        yield say(language, "sees", **said, on=one.on, days=one.days) if one.on else say(language, "sees not", **said)


def put_off(language: Language, forecast: Forecast) -> Iterator[tuple[int, str]]:
    """How many messages were put off or left out by which rule, and who did not enter."""
    for word, counts in (("put off by", forecast.put_off), ("left out by", forecast.left_out)):
        yield from ((many, f"{say(language, word)} {rule_in(language, rule)}") for rule, many in counts.items())
    yield from ((many, f"{say(language, 'not entered')}: {reason_in(language, reason)}") for reason, many in forecast.refused.items())


def collisions(language: Language, forecast: Forecast) -> Iterator[tuple[int, str]]:
    """Which flow lost room to which, how often."""
    for one, many in forecast.lost.items():
        word = "itself" if one.loser == one.winner else "collision"
        yield many, say(language, word, loser=one.loser, winner=one.winner, rule=rule_in(language, one.rule))


def ends(language: Language, forecast: Forecast) -> Iterator[tuple[int, str]]:
    """How journeys ended."""
    yield from ((many, reason_in(language, reason)) for reason, many in forecast.ended.items())


def inside(language: Language, forecast: Forecast) -> Iterator[tuple[int, str]]:
    """Who is left at the end."""
    yield from ((many, f"{step}: {say(language, state)}") for (step, state), many in forecast.inside.items())


def moment(at: datetime) -> str:
    """A time as people write it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _waits(language: Language, condition: str, words: str) -> str:
    """The machine's words have numbers; in Arabic the condition must do."""
    if not condition:
        return ""
    return f": {words if language == 'en' else say(language, f'waits {condition}')}"


def _present(forecast: Forecast) -> int:
    return next((step.number for step in forecast.steps if step.now), 0)


def _span(days: tuple[Day, ...]) -> Span:
    items = sum(sum(day.items.values()) for day in days)
    mails, by_hand, entered = (sum(getattr(day, name) for day in days) for name in ("mails", "by_hand", "entered"))
    return Span(days[0].date, mails, by_hand, entered, items, sum(day.minutes for day in days), sum(day.others for day in days))


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"
