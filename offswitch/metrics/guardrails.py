"""What the guardrails of a flow see: of so many messages by the machine, how many did harm, and whether that is too much."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from offswitch.events import MailBounced, MailComplained, Unsubscribed, is_hard
from offswitch.gate.standing import GUARDRAIL
from offswitch.ledger.base import Book
from offswitch.ledger.columns import micros
from offswitch.ledger.evidence import Followed
from offswitch.metrics.e_process import first_breach, stop_at
from offswitch.model.effect import MACHINE
from offswitch.policy.schema import Effective, Metric, Rollout, Share

KINDS = {Metric.COMPLAINT: MailComplained.kind, Metric.UNSUBSCRIBE: Unsubscribed.kind, Metric.BOUNCE: MailBounced.kind}
_EVER = datetime.fromtimestamp(0, UTC)


class Finding(StrEnum):
    """What a guardrail says. Only `safe` moves a rollout up by itself; it means that no harm was seen, not that there is none."""

    SAFE = "safe"
    INCONCLUSIVE = "inconclusive"
    BREACH = "breach"
    NO_DATA = "no data"
    STALE = "stale"  # nobody has looked for longer than a step of the rollout lasts


_PLAIN = {
    Finding.SAFE: "no harm seen",
    Finding.INCONCLUSIVE: "inconclusive: too few are old enough",
    Finding.NO_DATA: "no data",
    Finding.STALE: "stale: nobody has looked for long",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """One metric. `harmed` of `sends` belong to the whole test, `on_step` and `harmed_on_step` to this step of the rollout.

    `stop_at`: so many of as many sends are too many. `by_hand`: whom messages harmed that people sent; they count nowhere.
    `broke`: with how many harmed, of how many sends, the test first said stop.
    """

    metric: Metric
    ceiling: Share
    finding: Finding
    sends: int
    harmed: int
    stop_at: int
    on_step: int
    harmed_on_step: int
    by_hand: int
    broke: tuple[int, int] | None = None

    def __str__(self) -> str:
        told = f"{self.metric} {self.harmed} of {self.sends:,} sends"
        if self.broke is not None:
            harmed, sends = self.broke
            return f"{self.metric} {harmed} of {sends:,} sends, too many for a ceiling of {self.ceiling}"
        if self.finding is Finding.INCONCLUSIVE and self.high:
            return f"{told}, inconclusive: {self.harmed_on_step} of {self.on_step:,} on this step is above {self.ceiling}"
        return f"{told}, {_PLAIN[self.finding]}"

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        return {**asdict(self), "metric": self.metric.value, "ceiling": str(self.ceiling), "finding": self.finding.value}

    @property
    def high(self) -> bool:
        """Is the rate of this step above the ceiling, be it by chance?"""
        return self.harmed_on_step * 1_000_000 > self.on_step * self.ceiling.ppm


@dataclass(frozen=True, slots=True)
class Watched:
    """All guardrails of a flow. The test began at `since`, with a person's last release, or with the flow.

    `on_step` are the sends of this step, `matured` those that are old enough to have shown their harm, `needed` how many
    of these it takes.
    """

    guards: tuple[Guard, ...]
    since: datetime | None
    on_step: int
    matured: int
    needed: int

    @property
    def breaches(self) -> tuple[Guard, ...]:
        """The guards that say stop."""
        return tuple(guard for guard in self.guards if guard.finding is Finding.BREACH)


def in_words(guards: Iterable[Guard]) -> str:
    """All in one line; those that say the same together."""
    quiet: dict[tuple[str, int], list[str]] = {}
    loud = []
    for guard in guards:
        if guard.finding is Finding.BREACH or guard.high:
            loud.append(str(guard))
        else:
            quiet.setdefault((_PLAIN[guard.finding], guard.sends), []).append(f"{guard.metric} {guard.harmed}")
    return "; ".join([*loud, *(f"{', '.join(told)} of {sends:,} sends, {finding}" for (finding, sends), told in quiet.items())])


def watched(book: Book, flow: str, policy: Effective, now: datetime) -> Watched:
    """As the ledger stands now, whoever asks: the test is run again over all of its events in the order in which they came."""
    since, step_since = book.stops.lifted(flow, GUARDRAIL), book.history.rung_since(flow)
    sends = book.evidence.sends(flow, since or _EVER)
    on_step, matured, needed = ripened(sends, step_since, policy.rollout, book.history.rung(flow), now)
    test = _Test(book, flow, policy, since or _EVER, step_since or _EVER, _stale(book, flow, policy.rollout.hold, now), matured >= needed)
    guards = tuple(test.guard(metric, sends) for metric in policy.guardrails)
    return Watched(guards, since, on_step, matured, needed)


def ripened(sends: Sequence[int], step_since: datetime | None, rollout: Rollout, rung: int, now: datetime) -> tuple[int, int, int]:
    """Of these sends (in order, as `micros`), how many belong to this step, how many of them are old enough, how many of those it takes."""
    most = rollout.steps[min(rung, len(rollout.steps) - 1)].contacts
    before = bisect_right(sends, micros(step_since or _EVER))
    matured = max(bisect_right(sends, micros(now - rollout.matures_after)) - before, 0)
    return len(sends) - before, matured, min(rollout.min_matured, most) if most else rollout.min_matured


@dataclass(frozen=True, slots=True)
class _Test:
    """What all guards of a flow have in common. `enough`: so many messages of this step have matured that one may be safe."""

    book: Book
    flow: str
    policy: Effective
    since: datetime
    step_since: datetime
    stale: bool
    enough: bool

    def guard(self, metric: Metric, sent: list[int]) -> Guard:
        """One metric. A refused address is a message too."""
        refused = self.book.evidence.refused(self.flow, self.since) if metric is Metric.BOUNCE else []
        sends = sorted([*sent, *(micros(one.sent) for one in refused)]) if refused else sent
        followed = [*self._followed(metric), *refused]
        harm = _once(one for one in followed if one.actor == MACHINE)
        ceiling, guards = self.policy.guardrails[metric], len(self.policy.guardrails)
        found = Guard(
            metric,
            ceiling,
            Finding.INCONCLUSIVE,
            sends=len(sends),
            harmed=len(harm),
            stop_at=stop_at(ceiling.ppm, guards, max(len(sends), 1)),
            on_step=len(sends) - bisect_right(sends, micros(self.step_since)),
            harmed_on_step=sum(one.sent > self.step_since for one in harm),
            by_hand=len(_once(one for one in followed if one.actor != MACHINE)),
        )
        broke = first_breach(ceiling.ppm, guards, (bisect_right(sends, micros(one.at)) for one in harm))
        return replace(found, finding=Finding.BREACH if broke else self._finding(found), broke=broke)

    def _finding(self, guard: Guard) -> Finding:
        if not guard.sends:
            return Finding.NO_DATA
        if self.stale:
            return Finding.STALE
        return Finding.SAFE if self.enough and not guard.high else Finding.INCONCLUSIVE

    def _followed(self, metric: Metric) -> list[Followed]:
        found = self.book.evidence.followed(self.flow, KINDS[metric], self.since)
        return found if metric is not Metric.BOUNCE else [one for one in found if is_hard(one.data)]


def _once(followed: Iterable[Followed]) -> list[Followed]:
    """The first of each contact, in order."""
    first: dict[str, Followed] = {}
    for one in sorted(followed, key=lambda one: one.at):
        first.setdefault(one.contact_id, one)
    return list(first.values())


def _stale(book: Book, flow: str, longest: timedelta, now: datetime) -> bool:
    last = book.history.last_run(flow)
    return last is not None and now - last.started > longest
