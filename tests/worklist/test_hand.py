from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch import days, hours
from offswitch.errors import Refused
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Work
from offswitch.model.work import item_id
from offswitch.testing.fakes import Answer, FakeMailer
from offswitch.worklist.hand import Deed, do
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, fragile, pair, tour
from tests.act.rig import Rig
from tests.worklist.people import LINA, OMAR, act, items, only_item, talk


def off_with(rig: Rig, *people: str) -> None:
    """The tour is off, and these people wait."""
    rig.switch(tour, "off")
    for who in people:
        rig.submit(who)
    rig.run(tour)


def shape(effect: Effect) -> tuple[object, ...]:
    """An effect without who did it, when, through what and how it was reserved."""
    return effect.step, effect.visit, effect.action, effect.state, effect.channel, effect.counts


def test_done_writes_the_same_rows_as_the_machine_under_the_persons_name(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    by_machine = rig.effects(tour)
    off_with(rig, "omar")
    act(rig, tour, "done", item=next(item for item in items(rig, tour) if item.step == "hello"))
    by_hand = [effect for effect in rig.effects(tour) if effect not in by_machine]
    assert sorted(map(shape, by_hand)) == sorted(map(shape, by_machine))
    assert {effect.actor for effect in by_machine} == {"machine"}
    assert {effect.actor for effect in by_hand} == {LINA}


def test_done_moves_the_journey_on_as_a_send_would(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    act(rig, tour, "done", note="by telephone", minutes=4)
    entry = rig.entry(tour)
    assert (entry.step, entry.state, entry.due) == ("more", State.WAITING, rig.clock.now() + days(2))
    assert set(entry.or_when.values()) == {"answer"}
    with rig.ledger.read() as book:
        (row,) = book.work.of_entries([entry.id]).values()
    assert (row.outcome, row.done_by, row.note, row.minutes) == ("done", LINA, "by telephone", 4)


def test_on_again_sends_nothing_that_was_done_by_hand(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona", "omar", "sara")
    by_hand = act(rig, tour, "done", item=items(rig, tour)[0])
    rig.switch(tour, "on")
    rig.run(tour)
    assert sorted([*rig.sent(), by_hand.reach.partition("@")[0]]) == ["mona", "omar", "sara"]
    rig.run(tour, days(2))
    assert len(rig.sent_keys()) == len(set(rig.sent_keys())) == 5


def test_what_people_sent_counts_for_the_cap(rig_of: MakeRig) -> None:
    rig = rig_of(pair)
    rig.company(caps="1 per day")
    rig.switch(pair, "off")
    rig.submit("mona")
    rig.run(pair)
    act(rig, pair, "done", only=("send:hello",))
    with rig.ledger.read() as book:
        assert len(book.effects.sent([rig.person("mona")], rig.clock.now() - hours(1))[rig.person("mona")]) == 1


def test_done_in_part_skips_the_rest(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    act(rig, tour, "done", only=("send:hello",))
    assert {effect.action: effect.state for effect in rig.effects(tour)} == {
        "send:hello": Stage.PERFORMED,
        "update:stage": Stage.SKIPPED,
    }


def test_a_part_that_there_is_not_is_refused_and_nothing_changes(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    with pytest.raises(Refused, match="send:hello"):
        act(rig, tour, "done", only=("send:helo",))
    assert rig.effects(tour) == []
    assert rig.entry(tour).step == "hello"


def test_done_is_refused_while_the_machine_is_sending(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "off")
    rig.submit("mona")
    rig.run(echo)
    item = only_item(rig, echo)
    act(rig, echo, "done")
    (effect,) = rig.effects(echo)
    entry = rig.entry(echo)
    with rig.ledger.write() as book:  # as it was between the reservation and the receipt
        lease = book.leases.take("another worker", "echo", rig.clock.now(), rig.clock.now() + hours(1))
        book.effects.put(replace(effect, state=Stage.RESERVED, actor="machine", token=lease.token))
        book.entries.put(replace(entry, state=State.WAITING, ended=None))
    with pytest.raises(Refused, match="at this moment"):
        act(rig, echo, "done", item=item)


def test_done_twice_is_refused(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    item = act(rig, tour, "done")
    with pytest.raises(Refused, match="no open item"):
        act(rig, tour, "done", item=item)


def test_take_keeps_the_machine_and_everybody_else_away(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona", "omar")
    taken = items(rig, tour)[0]
    act(rig, tour, "take", item=taken)
    rig.switch(tour, "on")
    rig.run(tour, hours(1))
    assert only_item(rig, tour).taken_by == LINA
    assert len(rig.sent()) == 1
    with pytest.raises(Refused, match=LINA):
        act(rig, tour, "done", by=OMAR)
    act(rig, tour, "done")
    rig.run(tour)
    assert len(rig.sent()) == 1


def test_what_is_given_back_is_the_machines_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    act(rig, tour, "take")
    act(rig, tour, "give-back")
    rig.switch(tour, "on")
    rig.run(tour)
    assert rig.sent() == ["mona"]


def test_what_the_machine_would_still_do_may_be_done_by_a_person_first(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    entry = rig.entry(tour)
    assert items(rig, tour) == []
    with rig.desk(tour) as desk:
        do(desk, item_id(entry.id, "more", 1), Deed(LINA, "done", entry_id=entry.id))
    rig.run(tour, days(2))
    assert len(rig.sent()) == 1
    assert rig.entry(tour).state is State.FINISHED


def test_skip_needs_a_reason_and_moves_on_without_a_mail(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    with pytest.raises(Refused, match="--why"):
        act(rig, tour, "skip")
    act(rig, tour, "skip", note="complained by telephone")
    assert rig.entry(tour).step == "more"
    assert {(effect.state, effect.reason) for effect in rig.effects(tour)} == {(Stage.SKIPPED, "complained by telephone")}
    rig.switch(tour, "on")
    rig.run(tour)
    assert rig.sent() == []


def test_what_is_approved_is_sent_by_the_machine_once_it_is_on(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.letter(echo, "hello", decides="offer")
    rig.approve(echo)
    rig.submit("mona")
    rig.run(echo)
    assert only_item(rig, echo).kind is Work.APPROVAL
    rig.switch(echo, "off")
    act(rig, echo, "approve")
    rig.run(echo)
    assert rig.sent() == []
    rig.switch(echo, "on")
    rig.run(echo)
    assert rig.sent() == ["mona"]


@pytest.mark.parametrize(("answer", "mails"), [("got-it", 1), ("did-not", 2)])
def test_a_mail_in_doubt_is_settled_by_who_knows(rig_of: MakeRig, answer: str, mails: int) -> None:
    mailer = FakeMailer({"mona@example.com": [Answer(Outcome.UNKNOWN, "timed out", kept=True)]})
    rig = rig_of(echo, mailer=mailer)
    rig.submit("mona")
    rig.run(echo)
    rig.run(echo, hours(1))
    assert len(rig.sent()) == 1
    act(rig, echo, answer)
    rig.run(echo)
    assert len(rig.sent()) == mails
    assert len(set(rig.sent_keys())) == 1
    assert rig.entry(echo).state is State.FINISHED


def test_retry_lets_the_machine_look_again(rig_of: MakeRig) -> None:
    rig = rig_of(fragile)
    rig.submit("mona", name="Nobody")
    rig.run(fragile)
    assert only_item(rig, fragile).why == "not known: unheard_of"
    rig.submit("again", who="mona", name="Mona Haddad")
    act(rig, fragile, "retry")
    rig.run(fragile)
    assert rig.sent() == ["mona"]


@pytest.mark.parametrize(
    ("answer", "state", "step"),
    [
        ("not reached", State.WAITING, "call"),
        ("visit", State.FINISHED, "call"),
        ("approve", State.FINISHED, "call"),
        ("now", State.WAITING, "later"),
    ],
)
def test_an_answer_leads_where_the_step_says_whatever_it_is_called(rig_of: MakeRig, answer: str, state: State, step: str) -> None:
    rig = rig_of(talk)
    rig.submit("mona")
    rig.run(talk)
    act(rig, talk, answer)
    assert (rig.entry(talk).state, rig.entry(talk).step) == (state, step)
    assert [(effect.action, effect.actor) for effect in rig.effects(talk)] == [(f"hand_over:{answer}", LINA)]


def test_the_same_question_again_is_a_new_item(rig_of: MakeRig) -> None:
    rig = rig_of(talk)
    rig.submit("mona")
    rig.run(talk)
    first = act(rig, talk, "not reached")
    rig.run(talk)
    assert only_item(rig, talk).id != first.id
    assert only_item(rig, talk).visit == 2


def test_an_answer_that_the_item_does_not_offer_is_refused_with_those_that_it_does(rig_of: MakeRig) -> None:
    rig = rig_of(talk)
    rig.submit("mona")
    rig.run(talk)
    with pytest.raises(Refused, match="not reached, visit, approve, now"):
        act(rig, talk, "done")
    assert rig.entry(talk).state is State.WORKLIST


def test_a_deed_on_an_item_that_is_not_there_is_refused(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_with(rig, "mona")
    with pytest.raises(Refused, match="no open item 'ffffffff'"):
        act(rig, tour, "done", item=replace(only_item(rig, tour), id="ffffffff"))


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["done", "skip", "take", "leave"]), min_size=1, max_size=6))
def test_whatever_people_do_while_off_nobody_gets_a_mail_twice_and_nobody_is_lost(deeds: list[str]) -> None:
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder) / "project", tour)
        off_with(rig, *(f"p{number}" for number in range(len(deeds))))
        for deed, item in zip(deeds, items(rig, tour), strict=True):
            if deed != "leave":
                act(rig, tour, deed, item=item, note="so")
        rig.switch(tour, "on")
        rig.run(tour, timedelta(minutes=1))
        assert len(rig.sent()) == deeds.count("leave")
        assert len(items(rig, tour)) == deeds.count("take")
        assert len(rig.effects(tour, Stage.PERFORMED)) == 2 * (deeds.count("done") + deeds.count("leave"))
        assert len(rig.entries(tour)) == len(deeds)
        rig.close()
