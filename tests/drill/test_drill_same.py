"""Runs compared: killed and undisturbed, with and without a stop, one seed twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from offswitch.drill.invariants.same import Outcome, as_if_nothing, untouched
from offswitch.drill.tally import Tally
from tests.drill.looks import NOON

HOUR = timedelta(hours=1)
HELLO, MORE = ("hello", "1", "send:hello"), ("more", "1", "send:more")


def outcome(**over: Any) -> Outcome:
    values: dict[str, Any] = {"effects": {1: (HELLO, MORE)}, "moments": {1: (NOON, NOON + HOUR)}, "register": {1: "new"}}
    return Outcome(**{**values, "neighbour": {}, "events": {1: (NOON - HOUR,)}, "digest": "d", **over})


def test_the_same_effects_in_the_same_order_are_well() -> None:
    assert not [*as_if_nothing(outcome(), outcome(), HOUR)]


def test_a_lost_a_doubled_and_a_swapped_effect_are_found() -> None:
    for effects in ((HELLO,), (HELLO, MORE, MORE), (MORE, HELLO), ()):
        assert len([*as_if_nothing(outcome(effects={1: effects}), outcome(), HOUR)]) == 1


def test_another_state_in_the_register_is_found() -> None:
    assert len([*as_if_nothing(outcome(register={1: "old"}), outcome(), HOUR)]) == 1


def test_somebody_who_acted_right_behind_a_message_may_have_got_another() -> None:
    clean = outcome(events={1: (NOON - HOUR, NOON + HOUR)})
    assert not [*as_if_nothing(outcome(effects={1: (HELLO,)}), clean, HOUR)]
    assert [*as_if_nothing(outcome(effects={1: (HELLO,)}), clean, timedelta(0))] == [] or clean.moments[1][1] == NOON + HOUR


def test_other_mail_of_the_neighbour_is_found() -> None:
    assert len([*untouched(outcome(neighbour={9001: ("10:00 knock",)}), outcome(neighbour={9001: ("10:05 knock",)}))]) == 1


def test_two_digests_of_one_seed_are_found() -> None:
    tally = Tally()
    tally.repeated(outcome(), outcome(digest="other"))
    assert [one.invariant for one in tally.violations] == ["repeatable"]
    assert tally.checks["repeatable"] == 1
