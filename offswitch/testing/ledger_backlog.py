"""What every ledger must do with what waits after a stop. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offswitch.ledger.backlog import RULE, Off
from offswitch.ledger.base import Ledger
from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Lane
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, claim, effect_of, entry_of, kept, put_in

HOUR = 60 * MINUTE
DAY = 24 * HOUR


def spread(ledger: Ledger, count: int = 2, late_after: timedelta | None = None) -> int:
    """So many an hour."""
    with ledger.write() as book:
        return book.backlog.spread(FLOW, NOW, count, HOUR, late_after, "much waited")


def row(ledger: Ledger, people: int, **over: Any) -> list[str]:
    """So many, one due a minute after the other, all before now."""
    names = [f"e{n}" for n in range(people)]
    put_in(ledger, *(entry_of(name, due=NOW - (people - n) * MINUTE, **over) for n, name in enumerate(names)))
    return names


class TestBacklog:
    """Let go so many at a time."""

    def test_so_many_go_now_and_so_many_more_after_each_window(self, ledger: Ledger) -> None:
        names = row(ledger, 5)
        assert spread(ledger) == 3
        first = [kept(ledger, name) for name in names]
        assert [one.due for one in first] == [NOW - 5 * MINUTE, NOW - 4 * MINUTE, NOW + HOUR, NOW + HOUR, NOW + 2 * HOUR]
        assert [one.put_off for one in first] == [one.ramp for one in first] == [HOUR * n for n in (0, 0, 1, 1, 2)]
        assert [(one.rule, one.reason) for one in first[1:3]] == [("", ""), (RULE, "much waited")]
        assert [one.since for one in first] == [NOW - (5 - n) * MINUTE for n in range(5)]

    @pytest.mark.parametrize(
        "over",
        [
            {"flow": "other"},
            {"state": State.WORKLIST},
            {"state": State.FINISHED},
            {"taken_by": "lina"},
            {"lane": Lane.PEOPLE},
            {"due": NOW + MINUTE},
        ],
    )
    def test_nothing_else_is_moved_or_counted(self, ledger: Ledger, over: dict[str, Any]) -> None:
        row(ledger, 2)
        other = replace(entry_of("other", due=NOW), **over)
        put_in(ledger, other)
        assert spread(ledger, 1) == 1
        assert kept(ledger, "other") == replace(other, since=other.since or other.due)
        with ledger.read() as book:
            assert book.backlog.count(FLOW, NOW, None) == (1, 0)

    def test_what_is_too_late_takes_nobody_s_place(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("late", due=NOW - 2 * DAY), entry_of("put-off", due=NOW - 2 * DAY, put_off=DAY), entry_of("due", due=NOW))
        with ledger.read() as book:
            assert book.backlog.count(FLOW, NOW, DAY) == (2, 1)
        assert spread(ledger, 1, DAY) == 1
        assert [kept(ledger, name).due for name in ("late", "put-off", "due")] == [NOW - 2 * DAY, NOW - 2 * DAY, NOW + HOUR]

    def test_what_is_only_claimed_is_taken_away_and_what_is_on_its_way_is_not(self, ledger: Ledger) -> None:
        row(ledger, 3)
        lease, _ = claim(ledger)
        with ledger.write() as book:
            book.effects.write([effect_of("e0", token=lease.token)])
        assert spread(ledger, 1) == 1
        assert [kept(ledger, name).token for name in ("e0", "e1", "e2")] == [lease.token, lease.token, None]

    def test_a_turn_taken_late_moves_all_that_follow(self, ledger: Ledger) -> None:
        row(ledger, 6)
        spread(ledger)
        with ledger.write() as book:
            book.backlog.shift(FLOW, NOW + HOUR - MINUTE)
            book.backlog.shift(FLOW, NOW + HOUR + 7 * MINUTE)
        late = kept(ledger, "e5")
        assert (kept(ledger, "e2").due, late.due) == (NOW + HOUR + 7 * MINUTE, NOW + 2 * HOUR + 7 * MINUTE)
        assert late.put_off == late.ramp == 2 * HOUR + 7 * MINUTE

    def test_put_back_it_is_due_as_it_was_and_has_waited_as_long_as_it_did(self, ledger: Ledger) -> None:
        row(ledger, 6)
        spread(ledger)
        with ledger.write() as book:
            book.backlog.put_back(FLOW, NOW + HOUR + 30 * MINUTE)
        found = [kept(ledger, f"e{n}") for n in range(6)]
        assert [one.due for one in found] == [one.since for one in found]
        assert [one.put_off for one in found] == [0 * HOUR, 0 * HOUR, HOUR, HOUR, HOUR * 1.5, HOUR * 1.5]
        assert {one.rule for one in found} == {""}

    def test_a_second_spread_takes_what_the_first_put_off(self, ledger: Ledger) -> None:
        row(ledger, 5)
        spread(ledger, 1)
        assert spread(ledger) == 3
        assert [kept(ledger, f"e{n}").due - NOW for n in range(5)] == [-5 * MINUTE, 0 * HOUR, HOUR, HOUR, 2 * HOUR]
        assert kept(ledger, "e4").put_off == kept(ledger, "e4").ramp == 2 * HOUR

    @pytest.mark.parametrize(
        ("arrived", "restart", "due"),
        [(-3, False, 4), (1, False, 7), (-3, True, 7), (1, True, 7)],
    )
    def test_waits_are_counted_anew(self, ledger: Ledger, arrived: int, restart: bool, due: int) -> None:
        """Off from hour 0 to hour 2; who arrived at hour `arrived` waits five hours."""
        off = Off(NOW, NOW + 2 * HOUR, restart)
        put_in(ledger, waiting("mona", arrived))
        with ledger.write() as book:
            assert book.backlog.count_anew(FLOW, off) == 1
        found = kept(ledger, "mona")
        assert found.due == found.since == NOW + due * HOUR

    @pytest.mark.parametrize("restart", [True, False])
    @pytest.mark.parametrize(
        "over",
        [
            {"taken_by": "lina"},
            {"approved": "confirm:1"},
            {"state": State.WORKLIST},
            {"wait": None},
            {"wait": timedelta(0)},
            {"since": NOW},
            {"arrived": NOW + 2 * HOUR},
            {"flow": "other"},
        ],
    )
    def test_and_no_others(self, ledger: Ledger, over: dict[str, Any], restart: bool) -> None:
        entry = replace(waiting("mona", -3), **over)
        put_in(ledger, entry)
        with ledger.write() as book:
            assert book.backlog.count_anew(FLOW, Off(NOW, NOW + 2 * HOUR, restart)) == 0
        assert kept(ledger, "mona").due == entry.due


def waiting(name: str, arrived: int) -> Entry:
    """Five hours from an hour on."""
    due = NOW + (arrived + 5) * HOUR
    return entry_of(name, due=due, arrived=NOW + arrived * HOUR, wait=5 * HOUR)
