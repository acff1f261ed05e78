"""What `offswitch shadow` says about people and machine at the same place."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, State
from offswitch.shadow.match import Match, compared
from tests.act.rig import START

FLOW, MARIAM = "tour", "mariam@bayan.example"
HOUR = timedelta(hours=1)


def row(what: Would, step: str = "hello", **more: str) -> ShadowRow:
    message = {"action": f"send:{step}", "message": step} if what in (Would.SEND, Would.SKIP, Would.LEAVE) else {}
    return ShadowRow(FLOW, "mona", "form", START, what, "shadow", step, **{**message, **more})  # type: ignore[arg-type]


def effect(state: Stage, action: str = "send:hello", actor: str = MARIAM, **more: object) -> Effect:
    return Effect(f"key {action}", "real", FLOW, "hello", 1, action, "mona", START + 2 * HOUR, state, actor=actor, **more)  # type: ignore[arg-type]


def entry(step: str = "hello", state: State = State.WAITING, reason: str = "") -> Entry:
    return Entry("real", FLOW, "mona", step, START, START, "form", state=state, reason=reason, visits={"hello": 1, step: 1})


def matched(would: ShadowRow | None, did: Effect | None, real: Entry | None = None) -> list[tuple[Match, str]]:
    rows = [would] if would else [row(Would.SEND, "other")]
    effects = {"real": [did]} if did else {}
    found = compared(rows, {"form": real or entry()}, effects)
    return [(one.match, one.why) for one in found if one.message != "other"]


DID, SKIPPED = effect(Stage.PERFORMED), effect(Stage.SKIPPED, reason="she asked us to wait")
CAPPED = row(Would.DEFER, rule="cap", reason="1 in the last day")


@pytest.mark.parametrize(
    ("would", "did", "real", "match", "why"),
    [
        (row(Would.SEND), DID, None, Match.BOTH_SENT, ""),
        (row(Would.SEND), SKIPPED, None, Match.SKIPPED, "she asked us to wait"),
        (row(Would.SEND), None, None, Match.OPEN, ""),
        (row(Would.SEND), None, entry(state=State.FINISHED, reason="goal reached"), Match.ENDED, "goal reached"),
        (row(Would.SEND), None, entry("more"), Match.ENDED, "went on to more"),
        (row(Would.SEND), effect(Stage.SKIPPED, actor="machine", reason="no consent"), None, Match.ENDED, "no consent"),
        (row(Would.SKIP, rule="consent", reason="none"), DID, None, Match.ONLY_PEOPLE, "consent: none"),
        (row(Would.SKIP, rule="consent"), effect(Stage.SKIPPED, actor="machine"), None, Match.NEITHER, "consent: "),
        (CAPPED, DID, None, Match.ONLY_PEOPLE, "cap: 1 in the last day"),
        (row(Would.FINISH, reason="goal reached"), DID, None, Match.ONLY_PEOPLE, "goal reached"),
        (row(Would.HAND_OVER, work="approval"), DID, None, Match.ASKED, "approval"),
        (row(Would.LEAVE), DID, None, Match.ASKED, ""),
        (None, DID, None, Match.AHEAD, ""),
    ],
)
def test_each_pair_of_a_decision_and_a_deed_has_one_name(
    would: ShadowRow | None, did: Effect | None, real: Entry | None, match: Match, why: str
) -> None:
    assert matched(would, did, real) == [(match, why)]


@pytest.mark.parametrize(("would", "match"), [(row(Would.SEND), Match.OTHER), (row(Would.HAND_OVER, work="step"), Match.ASKED)])
def test_an_answer_of_people_is_another_way_only_where_the_machine_had_not_asked(would: ShadowRow, match: Match) -> None:
    assert matched(would, effect(Stage.PERFORMED, "hand_over:later")) == [(match, "later")]


def test_what_has_been_decided_and_not_come_to_anything_is_no_case() -> None:
    assert matched(CAPPED, None) == []
    assert matched(row(Would.SKIP), None) == []


def test_how_much_later_people_were_is_counted_from_the_machines_time() -> None:
    [one] = compared([row(Would.SEND)], {"form": entry()}, {"real": [DID]})
    assert (one.later, one.later.__class__) == (2 * HOUR, timedelta)
    assert isinstance(one.did and one.did.at, datetime)
