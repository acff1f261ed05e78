from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from offswitch.forecast.document import as_json
from offswitch.forecast.habits import Deed, Habit, Habits, Source
from tests.act.journeys import pair, tour
from tests.act.rig import Rig
from tests.forecast.real_days import foreseen, foreseen_by_day, live, together

EVERY = timedelta(hours=2)
PEOPLE = [f"p{number:02}" for number in range(40)]
BUSY = {Deed.CLICK: 0.3, Deed.REPLY: 0.2, Deed.GOAL: 0.2, Deed.UNSUBSCRIBE: 0.2, Deed.BOUNCE: 0.1}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", tour)
    made.letter(tour, "hello", purpose="marketing")
    made.approve(tour)
    made.submit_all(*PEOPLE)
    yield made
    made.close()


def test_the_same_seed_says_the_same_and_another_one_something_else(rig: Rig) -> None:
    first, again, other = (as_json(foreseen(rig, tour, 9, every=EVERY, said=BUSY, inflow=5.0, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first["days"] != other["days"]


def test_not_a_byte_of_ledger_or_files_changes_and_nothing_is_performed(rig: Rig) -> None:
    rig.run(tour)
    letters = len(rig.mailer.journal)

    def everything() -> dict[str, str]:
        files = [path for path in rig.root.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
        with rig.ledger.read() as book:
            rows = {"rows": sha256(repr([*book.events.all(), *book.entries.all(), *book.effects.all()]).encode()).hexdigest()}
        return rows | {str(path): sha256(path.read_bytes()).hexdigest() for path in files}

    before = everything()
    foreseen(rig, tour, 9, every=EVERY, said=BUSY, inflow=5.0)
    assert everything() == before
    assert len(rig.mailer.journal) == letters


def test_an_opt_out_in_virtual_time_ends_marketing(rig: Rig) -> None:
    forecast = foreseen(rig, tour, 9, every=EVERY, said={Deed.UNSUBSCRIBE: 1.0})
    assert forecast.messages == {"hello": 40}
    assert forecast.ended == {"no consent for marketing by email": 40}


def test_a_bounce_ends_everything_and_is_answered_by_nobody(rig: Rig) -> None:
    forecast = foreseen(rig, tour, 9, every=EVERY, said={Deed.BOUNCE: 1.0, Deed.REPLY: 1.0, Deed.GOAL: 1.0})
    assert forecast.messages == {"hello": 40}
    assert forecast.deeds == {Deed.BOUNCE: 40}


def test_whoever_reaches_the_goal_or_answers_goes_where_that_leads(rig: Rig) -> None:
    forecast = foreseen(rig, tour, 9, every=EVERY, said={Deed.GOAL: 1.0})
    assert forecast.ended["goal reached"] > 20
    forecast = foreseen(rig, tour, 9, every=EVERY, said={Deed.REPLY: 1.0})
    asked = sum(sum(day.items.values()) for day in forecast.days)
    assert asked > 20
    assert sum(day.minutes for day in forecast.days) == 3 * asked
    assert forecast.ended == {"complete": 40}


def test_a_message_that_a_person_decides_waits_for_one_and_then_goes_out(rig: Rig) -> None:
    rig.letter(tour, "more", purpose="marketing", decides="offer")
    rig.approve(tour)
    forecast = foreseen(rig, tour, 9, every=EVERY)
    assert [day.items for day in forecast.days if day.items] == [{"approval": 40}]
    assert foreseen_by_day(forecast) == {"2025-03-03": 40, "2025-03-05": 40}


def test_what_was_measured_counts_from_fifty_messages_on(rig: Rig) -> None:
    live(rig, 1, tour, every=timedelta(days=1))
    assert {rate.source for rate in measured(rig).rates.values()} == {Source.ASSUMED}
    rig.submit_all(*(f"q{number:02}" for number in range(20)))
    rig.run(tour)
    for name in PEOPLE[:15]:
        rig.submit(f"click {name}", kind="message.clicked", who=name)
    for name, hard in zip(PEOPLE[:4], (True, True, True, False), strict=True):
        rig.submit(f"bounce {name}", kind="message.bounced", who=name, hard=hard)
    click, bounce, reply = (measured(rig).rates[deed] for deed in (Deed.CLICK, Deed.BOUNCE, Deed.REPLY))
    assert (click.seen, click.sends, click.share, click.source) == (15, 60, 0.25, Source.MEASURED)
    assert (bounce.seen, reply.share) == (3, 0)


def measured(rig: Rig) -> Habit:
    """How people took the first message."""
    habits = Habits()
    with rig.ledger.read() as book:
        habits.measure(book, tour, rig.clock.now())
    return habits.of("tour", "hello")


def test_newcomers_come_as_often_as_lately_and_at_their_hours(rig: Rig) -> None:
    forecast = foreseen(rig, tour, 5, every=EVERY, inflow=None)
    assert forecast.kinds[0].per_day == 40
    assert [day.entered for day in forecast.days] == [40 + 40, 40, 40, 40, 40]
    assert foreseen(rig, tour, 5, every=EVERY, inflow=2.5).days[-1].entered in (2, 3)


def test_other_flows_that_are_off_take_no_part(rig: Rig) -> None:
    for name in ("hello", "more"):
        rig.letter(pair, name)
    rig.policy(pair, switch="off")
    rig.approve(pair)
    together(rig, tour, pair)
    assert foreseen(rig, tour, 3, every=EVERY).others == {}
    rig.policy(pair, switch="on")
    assert foreseen(rig, tour, 3, every=EVERY).others == {"pair": 80}
