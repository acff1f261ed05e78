"""What an experiment shows: who is counted and when, and what may be said of the texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from offswitch.cli.experiment import as_text, next_step
from offswitch.ledger.base import Book
from offswitch.metrics.experiment import Finding, Reading, read
from offswitch.model.effect import Effect, Stage
from tests.project.trial_rig import Trial

HOUR = timedelta(hours=1)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Trial]:
    made = Trial(tmp_path)
    yield made
    made.close()


def sent(rig: Trial, book: Book, who: str, text: str, hours: int) -> None:
    """A greeting that went out so many hours after now."""
    at = rig.clock.now() + hours * HOUR
    person = book.contacts.by_address([f"{who}@example.com"])[f"{who}@example.com"].id
    key = f"{who}/greeting/1/send:greet"
    book.effects.write(
        [Effect(key, who, "trial", "greeting", 1, "send:greet", person, at, Stage.PERFORMED, "email", counts=True, variant=text)]
    )


def asked(rig: Trial, own: int, short: int, *, of: int) -> Reading:
    """So many of as many people reach the goal with each text, one mail in an hour; read when all have had their time."""
    names = {text: [f"{text}{n}" for n in range(of)] for text in ("own", "short")}
    rig.submit_all(*names["own"], *names["short"])
    with rig.ledger.write() as book:
        for text, people in names.items():
            for n, who in enumerate(people):
                sent(rig, book, who, text, n)
    for text, many in (("own", own), ("short", short)):
        for n in range(many):
            rig.submit(
                f"goal {text}{n}", kind="check.started", who=f"{text}{n * of // many}", at=rig.clock.now() + (n * of // many + 1) * HOUR
            )
    rig.clock.advance(timedelta(days=7) + of * HOUR)
    return now(rig)


def now(rig: Trial) -> Reading:
    with rig.desk(rig.journey) as desk, rig.ledger.read() as book:
        policy = desk.switchboard.look(book).policy
        assert policy is not None
        return read(book, rig.journey, "greet", policy.experiments["greet"], ZoneInfo("Asia/Riyadh"), rig.clock.now())


def test_a_text_that_works_better_is_named_and_a_person_is_asked_to_write_it_down(rig: Trial) -> None:
    reading = asked(rig, 10, 36, of=40)
    assert (reading.finding, reading.best) == (Finding.BETTER, "short")
    assert next_step(reading) == (
        "short is better: 90.0% of 40, against own 25.0% of 40. Write `winner: short` and what you learnt in trial.yaml."
    )
    assert [(arm.text, arm.people, arm.counted, arm.reached) for arm in reading.arms] == [("own", 40, 40, 10), ("short", 40, 40, 36)]


def test_a_text_that_works_worse_leaves_own_as_the_better_one(rig: Trial) -> None:
    reading = asked(rig, 36, 10, of=40)
    assert (reading.finding, reading.best) == (Finding.BETTER, "own")


def test_few_people_say_nothing_whatever_they_did(rig: Trial) -> None:
    reading = asked(rig, 1, 6, of=8)
    assert reading.finding is Finding.EARLY
    assert next_step(reading) == f"Too early to say: 16 of {reading.size.people:,} people have had their time. Let it run."
    assert all(len(line) <= 80 for line in as_text(reading).splitlines())


def test_who_has_not_had_their_time_is_not_counted_yet(rig: Trial) -> None:
    asked(rig, 2, 2, of=8)
    rig.clock.advance(-(4 * HOUR))
    assert [(arm.people, arm.counted) for arm in now(rig).arms] == [(8, 5), (8, 5)]


def test_uneven_lots_are_a_loud_warning_and_nothing_is_said_of_the_texts(rig: Trial) -> None:
    rig.submit_all(*[f"p{n}" for n in range(60)])
    with rig.ledger.write() as book:
        for n in range(60):
            sent(rig, book, f"p{n}", "short" if n % 6 == 0 else "own", n)
    rig.clock.advance(timedelta(days=12))
    reading = now(rig)
    assert (reading.finding, reading.best) == (Finding.UNEVEN, "")
    assert next_step(reading).startswith("THE LOTS ARE WRONG")
    assert "%" not in as_text(reading).partition("It takes")[0].partition("TEXT")[2]


def test_an_end_without_enough_people_keeps_own_and_asks_for_what_was_learnt(rig: Trial) -> None:
    asked(rig, 2, 4, of=8)
    rig.experiment(ends=5)
    reading = now(rig)
    assert (reading.finding, reading.over) == (Finding.EARLY, True)
    assert "too few were asked" in next_step(reading)
    assert "`winner: own`" in next_step(reading)


def test_nothing_is_said_before_the_start_nor_after_a_person_has_said_it(rig: Trial) -> None:
    rig.experiment(starts=3)
    assert next_step(now(rig)) == "Not begun: everybody gets own until 2025-03-06."
    rig.experiment(more="winner: short\n    learning: Nobody misses the rest.")
    assert next_step(now(rig)) == "Settled: everybody gets short. Learnt: Nobody misses the rest."


def test_harm_is_told_for_each_text_and_each_person_counts_once(rig: Trial) -> None:
    rig.submit_all("mona", "omar")
    with rig.ledger.write() as book:
        sent(rig, book, "mona", "own", 0)
        sent(rig, book, "omar", "short", 0)
    for n, kind in enumerate(("message.complained", "message.complained", "contact.unsubscribed")):
        rig.submit(f"harm {n}", kind=kind, who="omar", at=rig.clock.now() + HOUR)
    rig.submit("soft", kind="message.bounced", who="mona", at=rig.clock.now() + HOUR, hard=False)
    rig.clock.advance(2 * HOUR)
    own, short = now(rig).arms
    assert (own.complaint, own.unsubscribe, own.bounce) == (0, 0, 0)
    assert (short.complaint, short.unsubscribe, short.bounce) == (1, 1, 0)
