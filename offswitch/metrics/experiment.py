"""What an experiment shows so far: how many drew each text, what they did in their time, and whether one text works better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from offswitch.events import Clicked, Replied, is_hard
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.ledger.trials import Answered, Drawn
from offswitch.metrics.guardrails import KINDS
from offswitch.metrics.lots import interval, uneven
from offswitch.metrics.size import Size, size_of
from offswitch.metrics.versus import decided
from offswitch.model.effect import MACHINE
from offswitch.policy.experiments import OWN, Aim, Experiment
from offswitch.policy.schema import Metric

FULL_WEEK = timedelta(days=7)  # before that, weekdays have no weekend to be compared with
MEASURED_IN = timedelta(days=90)  # before the start
MEASURED_ON = 100  # people; the share among fewer says little
LATELY = timedelta(days=14)  # for how many come in a day


class Finding(StrEnum):
    """What can be said. Nothing follows from it by itself: a person writes the winner."""

    WAITING = "not begun"
    UNEVEN = "uneven"  # the lots are wrong, so nothing is said of the texts
    EARLY = "too early to say"
    BETTER = "better"
    SAME = "no difference that matters"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Arm:
    """One text. `people` drew it, `counted` of them have had their time, `reached` of these did it; between `low` and `high` in truth.

    `by_hand`: to whom a colleague sent it. What follows is how many people it harmed.
    """

    text: str
    people: int
    by_hand: int
    counted: int
    reached: int
    low: float
    high: float
    unsubscribe: int
    complaint: int
    bounce: int

    @property
    def share(self) -> float | None:
        """Of those who have had their time; None while nobody has."""
        return self.reached / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class Reading:
    """`best` is the better text, where one is; `size` what was worked out before; `uneven_after` so many people the lots were wrong."""

    flow: str
    message: str
    experiment: Experiment
    finding: Finding
    best: str
    arms: tuple[Arm, ...]
    size: Size
    uneven_after: int | None
    over: bool

    @property
    def counted(self) -> int:
        """How many have had their time."""
        return sum(arm.counted for arm in self.arms)

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        one = self.experiment
        return {
            "flow": self.flow,
            "message": self.message,
            **one.canonical(),
            "owner": one.owner,
            "learning": one.learning,
            "over": self.over,
            "finding": self.finding.value,
            "best": self.best or None,
            "uneven_after": self.uneven_after,
            "counted": self.counted,
            "size": asdict(self.size),
            "texts": [{**asdict(arm), "share": arm.share} for arm in self.arms],
        }


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who drew a text: when their mail was sent, by whom, and whether they did it in time."""

    text: str
    at: datetime
    actor: str
    reached: bool


def read(book: Book, journey: Journey, message: str, one: Experiment, zone: ZoneInfo, now: datetime) -> Reading:
    """As the ledger stands now. Read-only, and the same whoever asks."""
    since, before = _day(one.starts, zone), _day(one.ends + timedelta(days=1), zone)
    action = f"send:{message}"
    drew = [sent for sent in book.trials.drew(journey.name, action, since, before) if sent.variant in one.variants]
    people = _people(book, journey, message, one, drew, (since, before))
    counted = [person for person in people if person.at + one.within <= now]
    size = size_at(book, journey, message, one, zone, now)
    wrong = uneven((one.variants.index(person.text) for person in people), len(one.variants))
    finding, best = _finding(one, people, counted, size, now, since, wrong)
    harm = _harm(book, journey.name, action, since, before)
    arms = tuple(_arm(text, people, counted, harm) for text in one.variants)
    over = one.over_on(now.astimezone(zone).date())
    return Reading(journey.name, message, one, finding, best, arms, size, wrong, over)


def size_at(book: Book, journey: Journey, message: str, one: Experiment, zone: ZoneInfo, now: datetime) -> Size:
    """How many people it takes, by the rate that is stated or was measured before the start, and how long as they come now."""
    since, action = _day(one.starts, zone), f"send:{message}"
    rate = one.baseline.ppm / 1_000_000 if one.baseline else _measured(book, journey, message, one, min(since, now))
    lately = {sent.contact_id for sent in book.trials.sent(journey.name, action, now - LATELY, now)}
    return size_of(one, rate, stated=one.baseline is not None, per_day=len(lately) / (LATELY / timedelta(days=1)))


def _measured(book: Book, journey: Journey, message: str, one: Experiment, since: datetime) -> float | None:
    """The rate of those whose time was over at the start; it never changes afterwards. None while too few are known."""
    span = since - MEASURED_IN, since - one.within
    sent = book.trials.sent(journey.name, f"send:{message}", *span)
    people = _people(book, journey, message, one, sent, span)
    reached = sum(person.reached for person in people)
    return reached / len(people) if len(people) >= MEASURED_ON and 0 < reached < len(people) else None


def _people(
    book: Book, journey: Journey, message: str, one: Experiment, sent: Sequence[Drawn], span: tuple[datetime, datetime]
) -> list[_Person]:
    """Each person once, with their first mail, oldest first."""
    first: dict[str, Drawn] = {}
    for mail in sent:
        first.setdefault(mail.contact_id, mail)
    did = _did(book, journey, message, one, span, first)
    return [_Person(mail.variant or OWN, mail.at, mail.actor, person in did) for person, mail in first.items()]


def _did(
    book: Book, journey: Journey, message: str, one: Experiment, span: tuple[datetime, datetime], first: Mapping[str, Drawn]
) -> set[str]:
    """Who did it in time. The goal counts whatever other mail came between; a click or a reply belongs to the latest mail."""
    if one.metric is Aim.GOAL:
        found = book.trials.events(journey.goal.kind, span[0]) if journey.goal else []
    else:
        kind = Clicked.kind if one.metric is Aim.CLICK else Replied.kind
        answers = book.trials.answered(journey.name, f"send:{message}", [kind], *span)
        found = [(answer.contact_id, answer.at) for answer in answers]
    return {who for who, at in found if who in first and timedelta(0) <= at - first[who].at <= one.within}


def _finding(
    one: Experiment,
    people: Sequence[_Person],
    counted: Sequence[_Person],
    size: Size,
    now: datetime,
    since: datetime,
    wrong: int | None,
) -> tuple[Finding, str]:
    if now < since:
        return Finding.WAITING, ""
    if one.winner:
        return Finding.SETTLED, one.winner
    if wrong is not None:
        return Finding.UNEVEN, ""
    if not people or now - people[0].at < FULL_WEEK:
        return Finding.EARLY, ""
    best = better(one, {text: [person.reached for person in counted if person.text == text] for text in one.variants}, size.rate)
    if best:
        return Finding.BETTER, best
    return (Finding.SAME if size.people and len(counted) >= size.people else Finding.EARLY), ""


def better(one: Experiment, outcomes: Mapping[str, Sequence[bool]], rate: float | None) -> str:
    """The text that works better than own, or own where it works better than all others; "" while nobody can say.

    `outcomes` are in the order in which people's time was over.
    """
    others, own = [text for text in one.variants if text != OWN], outcomes[OWN]
    ahead: dict[str, int] = {}
    for text in others:
        pairs = list(zip(own, outcomes[text], strict=False))
        at = decided(one.smallest_effect.ppm / 1_000_000, rate, len(others), pairs)
        if at is not None:
            ahead[text] = sum(theirs - ours for ours, theirs in pairs[:at])
    winners = [text for text in others if ahead.get(text, 0) > 0]
    if winners:
        return max(winners, key=lambda text: sum(outcomes[text]) / len(outcomes[text]))
    return OWN if len(ahead) == len(others) else ""


def _harm(book: Book, flow: str, action: str, since: datetime, before: datetime) -> Counter[tuple[str, Metric]]:
    """How many people each text harmed; each counts once."""
    metric_of = {kind: metric for metric, kind in KINDS.items()}
    answers = book.trials.answered(flow, action, list(metric_of), since, before)
    once = {(answer.variant, metric_of[answer.kind], answer.contact_id) for answer in _hard(answers)}
    refused = Counter({(text, Metric.BOUNCE): many for text, many in book.trials.refused(flow, action, since, before).items()})
    return refused + Counter((text, metric) for text, metric, _ in once)


def _hard(answers: Iterable[Answered]) -> Iterable[Answered]:
    return (answer for answer in answers if answer.kind != KINDS[Metric.BOUNCE] or is_hard(answer.data))


def _arm(text: str, people: Iterable[_Person], counted: Iterable[_Person], harm: Mapping[tuple[str, Metric], int]) -> Arm:
    drew = [person for person in people if person.text == text]
    had = [person.reached for person in counted if person.text == text]
    harmed = {metric.value: harm.get((text, metric), 0) for metric in Metric}
    by_hand = sum(person.actor != MACHINE for person in drew)
    return Arm(text, len(drew), by_hand, len(had), sum(had), *interval(sum(had), len(had)), **harmed)


def _day(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(0), zone)
