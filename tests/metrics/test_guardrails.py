"""What the ledger tells of harm is what a plain reading of the same history tells."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offswitch.gate.standing import GUARDRAIL
from offswitch.ledger.base import Ledger
from offswitch.ledger.migrate import upgrade
from offswitch.ledger.sqlite import SqliteLedger
from offswitch.metrics.e_process import first_breach
from offswitch.metrics.guardrails import Finding, Guard, in_words, watched
from offswitch.model.effect import Effect, Stage
from offswitch.model.event import Happened
from offswitch.policy.schema import Effective, Metric, Rollout, Rung, Share
from tests.gate.cases import policy_of

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
PPM = 50_000  # a ceiling of 5 %, so that small histories break it


@dataclass(frozen=True)
class Sent:
    at: int  # hours after the start
    who: str
    flow: str
    actor: str


SENT = st.builds(Sent, st.integers(0, 600), st.sampled_from("abcdef"), st.sampled_from(["mine", "mine", "other"]),
                 st.sampled_from(["machine", "machine", "lina"]))  # fmt: skip
HARM = st.tuples(st.integers(0, 1_000), st.sampled_from("abcdef"))


def guarded(*metrics: Metric) -> Effective:
    rollout = Rollout(steps=(Rung(ppm=1), Rung(ppm=2)), salt="s", min_matured=3)
    return policy_of(rollout=rollout, guardrails=dict.fromkeys(metrics, Share(PPM)))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def ledger(empty: Path, tmp_path: Path) -> Iterator[SqliteLedger]:
    shutil.copy(empty, tmp_path / "ledger.sqlite")
    opened = SqliteLedger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def tell(ledger: Ledger, sent: list[Sent], harm: list[tuple[int, str]]) -> None:
    with ledger.write() as book:
        for table in ("effects", "events", "rungs"):
            book.connection.exec_driver_sql(f"DELETE FROM {table}")
        for n, one in enumerate(sent):
            effect = Effect(f"k{n}", "e", one.flow, "s", 1, "send:x", one.who, START + one.at * HOUR, Stage.PERFORMED, counts=True)
            book.effects.write([replace(effect, actor=one.actor)])
        for n, (at, who) in enumerate(harm):
            when = START + at * HOUR + HOUR / 2
            book.events.add(Happened(f"h{n}", "message.complained", when, who, {}, "t", when), "d")


def oracle(sent: list[Sent], harm: list[tuple[int, str]]) -> tuple[int, list[int]]:
    """How many sends, and how many there were when the first, second … contact was harmed. Read as the rules are written."""
    mine = [one.at for one in sent if (one.flow, one.actor) == ("mine", "machine")]
    first: dict[str, int] = {}
    for at, who in sorted(harm):
        before = [one for one in sent if one.who == who and one.at <= at and at + 0.5 - one.at < 14 * 24]
        latest = max(before, key=lambda one: one.at, default=None)
        if latest and (latest.flow, latest.actor) == ("mine", "machine") and who not in first:
            first[who] = sum(other <= at for other in mine)
    return len(mine), sorted(first.values())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(SENT, max_size=30, unique_by=lambda one: (one.at, one.who)), st.lists(HARM, max_size=12, unique=True))
def test_the_ledger_and_a_plain_reading_agree(ledger: SqliteLedger, sent: list[Sent], harm: list[tuple[int, str]]) -> None:
    tell(ledger, sent, harm)
    with ledger.read() as book:
        guard = watched(book, "mine", guarded(Metric.COMPLAINT), START + 2_000 * HOUR).guards[0]
    sends, at = oracle(sent, harm)
    assert (guard.sends, guard.harmed) == (sends, len(at))
    assert guard.broke == first_breach(PPM, 1, at)
    assert (guard.finding is Finding.BREACH) is (guard.broke is not None)
    high = len(at) * 1_000_000 > sends * PPM
    if guard.finding is not Finding.BREACH:
        assert guard.finding is (Finding.NO_DATA if not sends else Finding.SAFE if sends >= 3 and not high else Finding.INCONCLUSIVE)


def people(count: int) -> list[Sent]:
    return [Sent(n, f"p{n}", "mine", "machine") for n in range(count)]


def test_once_broken_it_stays_broken_until_somebody_releases_it(ledger: SqliteLedger) -> None:
    tell(ledger, people(600), [(at, f"p{n}") for n in range(8) for at in (20, 300)])
    policy, now = guarded(Metric.COMPLAINT), START + 2_000 * HOUR
    with ledger.write() as book:
        (breach,) = watched(book, "mine", policy, now).breaches
        assert (breach.broke, breach.sends) == ((5, 21), 600), "it counts what was known at the time"
        book.stops.add("flow", "mine", reason="", by=GUARDRAIL, at=START + 100 * HOUR, automatic=True)
        book.stops.lift("mine", GUARDRAIL, by="omar", at=START + 100 * HOUR)
        seen = watched(book, "mine", policy, now)
        assert (seen.since, seen.guards[0].sends, seen.guards[0].finding) == (START + 100 * HOUR, 499, Finding.SAFE)


def test_the_step_has_evidence_of_its_own_and_a_small_one_needs_less(ledger: SqliteLedger) -> None:
    tell(ledger, people(10), [(1, "p1")])
    contacts = Rollout(steps=(Rung(contacts=2), Rung(ppm=2)), salt="s")
    with ledger.write() as book:
        book.history.set_rung("mine", 0, by="omar", why="", at=START + 5 * HOUR)
        seen = watched(book, "mine", replace(guarded(Metric.COMPLAINT), rollout=contacts), START + 56 * HOUR)
    guard = seen.guards[0]
    assert (seen.on_step, seen.matured, seen.needed) == (4, 3, 2)
    assert (guard.sends, guard.harmed, guard.on_step, guard.harmed_on_step, guard.finding) == (10, 1, 4, 0, Finding.SAFE)


def test_when_nobody_has_looked_for_longer_than_a_step_lasts_it_is_stale(ledger: SqliteLedger) -> None:
    tell(ledger, people(10), [])
    with ledger.write() as book:
        book.history.start_run("r", "mine", START)
        findings = [watched(book, "mine", guarded(Metric.COMPLAINT), START + n * HOUR).guards[0].finding for n in (24, 25)]
    assert findings == [Finding.INCONCLUSIVE, Finding.STALE]


def test_metrics_that_say_the_same_are_told_together() -> None:
    def guard(metric: Metric, finding: Finding, harmed: int) -> Guard:
        return Guard(metric, Share(1_000), finding, 2_130, harmed, 9, 500, 0, 0)

    quiet = [guard(Metric.COMPLAINT, Finding.SAFE, 0), guard(Metric.UNSUBSCRIBE, Finding.SAFE, 2)]
    assert in_words(quiet) == "complaint 0, unsubscribe 2 of 2,130 sends, no harm seen"
    loud = replace(guard(Metric.BOUNCE, Finding.BREACH, 12), broke=(11, 1_500))
    assert in_words([*quiet, loud]).startswith("bounce 11 of 1,500 sends, too many for a ceiling of 0.1%; complaint 0,")
