from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.act.explain import explain
from offswitch.gate.variant import drawn
from offswitch.model.effect import Stage
from tests.project.trial_rig import Trial
from tests.worklist.people import LINA, act, items

NAMES = [f"p{n}" for n in range(24)]  # drawn at random: that all of them draw one text comes once in eight million times


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Trial]:
    made = Trial(tmp_path)
    yield made
    made.close()


def drew(rig: Trial, who: str) -> str:
    with rig.desk(rig.journey) as desk, rig.ledger.read() as book:
        policy = desk.switchboard.look(book).policy
    assert policy is not None
    return drawn("trial", "greet", policy.experiments["greet"], rig.person(who))


def test_everybody_gets_the_text_that_they_drew_and_the_ledger_says_which(rig: Trial) -> None:
    rig.submit_all(*NAMES)
    rig.run(rig.journey)
    lots = {who: drew(rig, who) for who in NAMES}
    assert set(lots.values()) == {"own", "short"}
    assert rig.texts() == {who: ("greet~short" if lot == "short" else "greet", lot) for who, lot in lots.items()}


def test_before_the_start_and_after_the_end_everybody_gets_their_own_text(rig: Trial) -> None:
    rig.experiment(starts=2)
    rig.submit_all(*NAMES[:12])
    rig.run(rig.journey)
    rig.experiment(ends=-1)
    rig.submit_all(*NAMES[12:])
    rig.run(rig.journey)
    assert set(rig.texts().values()) == {("greet", "")}
    assert len(rig.texts()) == len(NAMES)


def test_a_winner_goes_to_everybody_without_a_new_approval(rig: Trial) -> None:
    rig.experiment(more="winner: short\n    learning: Nobody misses the rest.", approved=False)
    rig.submit_all(*NAMES)
    rig.run(rig.journey)
    assert set(rig.texts().values()) == {("greet~short", "")}
    assert len(rig.texts()) == len(NAMES)


def test_a_longer_experiment_moves_nobody_and_needs_an_approval(rig: Trial) -> None:
    rig.submit_all(*NAMES)
    lots = {who: drew(rig, who) for who in NAMES}
    rig.experiment(ends=90, approved=False)
    rig.run(rig.journey)
    assert rig.sent() == []
    rig.experiment(ends=90)
    assert {who: drew(rig, who) for who in NAMES} == lots


def test_a_draft_that_people_send_is_remembered_with_its_text(rig: Trial) -> None:
    rig.switch(rig.journey, "off")
    rig.submit_all(*NAMES)
    rig.run(rig.journey)
    drafts = {item.contact_id: item.drafts[0] for item in items(rig, rig.journey)}
    for item in items(rig, rig.journey):
        act(rig, rig.journey, "done", item=item)
    done = {effect.contact_id: effect for effect in rig.effects(rig.journey, Stage.PERFORMED)}
    assert {one: effect.variant for one, effect in done.items()} == {one: draft.variant for one, draft in drafts.items()}
    assert {draft.subject for draft in drafts.values()} == {"greet", "greet~short"}
    assert {effect.actor for effect in done.values()} == {LINA}


def test_a_draft_that_was_taken_before_the_end_keeps_its_text(rig: Trial) -> None:
    rig.switch(rig.journey, "off")
    rig.submit_all(*NAMES)
    who = next(who for who in NAMES if drew(rig, who) == "short")
    rig.run(rig.journey)
    item = next(item for item in items(rig, rig.journey) if item.contact_id == rig.person(who))
    act(rig, rig.journey, "take", item=item)
    rig.experiment(ends=-1)
    act(rig, rig.journey, "done", item=item)
    assert [effect.variant for effect in rig.effects(rig.journey, Stage.PERFORMED)] == ["short"]


def test_why_says_which_text_somebody_drew(rig: Trial) -> None:
    rig.submit("mona")
    rig.run(rig.journey)
    with rig.desk(rig.journey) as desk, rig.ledger.read() as book:
        done = explain(desk, book, rig.person("mona"))[0]["done"]
    assert [one["variant"] for one in done] == [drew(rig, "mona")]
