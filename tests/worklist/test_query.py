from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from offswitch import days, hours
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Work
from offswitch.testing.fakes import Answer, FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, pair, tour
from tests.act.rig import Rig
from tests.worklist.people import act, items, meet, names, only_item


def rows(rig: Rig) -> dict[str, list[Any]]:
    """Everything in the ledger about entries, effects and work."""
    with rig.ledger.read() as book:
        return {"entries": list(book.entries.all()), "effects": list(book.effects.all()), "work": list(book.work.all())}


def test_off_brings_all_due_work_to_people_with_the_finished_draft(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    for who in ("mona", "omar", "sara"):
        rig.submit(who)
    rig.run(tour)
    assert names(rig, tour) == ["mona", "omar", "sara"]
    item = items(rig, tour)[0]
    assert item.kind is Work.BY_HAND
    assert item.drafts[0].text.startswith("Hello Mona, this is hello.")
    assert item.changes == ("in the customer register: stage = new",)
    assert item.runbook.startswith("When: an item is there.")
    assert item.minutes == 3


def test_on_again_the_items_vanish_and_the_ledger_shows_no_trace(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    before = rows(rig)
    for _ in range(3):
        assert len(items(rig, tour)) == 1
        rig.switch(tour, "on")
        assert items(rig, tour) == []
        rig.switch(tour, "off")
    assert rows(rig) == before
    assert before["work"] == []


def test_an_items_name_is_the_same_at_every_look(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "off")
    rig.submit("mona")
    rig.run(echo)
    first = only_item(rig, echo).id
    rig.run(echo, hours(1))
    assert only_item(rig, echo).id == first


def test_the_list_reaches_72_hours_ahead(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    assert only_item(rig, tour).due == rig.clock.now() + days(2)
    assert only_item(rig, tour).title == "send more"
    rig.clock.advance(timedelta(days=-2))
    assert items(rig, tour) == []


def test_a_draft_follows_the_text_until_somebody_takes_the_item(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "off")
    rig.submit("mona")
    rig.run(echo)
    act(rig, echo, "take")
    kept = only_item(rig, echo).drafts
    path = rig.settings.messages / "echo" / "hello.en.md"
    rig.save(path, path.read_text("utf-8").replace("this is", "better:"))
    assert only_item(rig, echo).drafts == kept
    act(rig, echo, "give-back")
    assert "better:" in only_item(rig, echo).drafts[0].text


def test_who_reaches_the_goal_leaves_the_list(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.submit("omar")
    rig.run(tour)
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour)
    assert names(rig, tour) == ["omar"]


def test_an_opt_out_takes_the_draft_from_the_list(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.clock.advance(days(2))
    assert len(only_item(rig, tour).drafts) == 1
    rig.submit("stop", kind="contact.unsubscribed", who="mona", consent=())
    assert items(rig, tour) == []
    rig.run(tour)
    assert rig.entry(tour).state in (State.EXITED, State.FINISHED)


def test_an_opt_out_takes_the_draft_from_whoever_has_taken_the_item(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.clock.advance(days(2))
    act(rig, tour, "take")
    rig.submit("stop", kind="contact.unsubscribed", who="mona", consent=())
    assert items(rig, tour) == []


def test_what_cant_be_sent_at_all_is_closed_by_who_has_taken_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.clock.advance(days(2))
    act(rig, tour, "take")
    with rig.ledger.write() as book:
        book.consent.suppress("mona@example.com", "email", "erased", rig.clock.now())
    item = only_item(rig, tour)
    assert (item.title, item.drafts, item.outcomes) == ("close this item", (), ("done",))
    act(rig, tour, "done")
    assert rig.entry(tour).state is State.EXITED
    assert [effect.state.value for effect in rig.effects(tour) if effect.action == "send:more"] == ["skipped"]


def test_the_second_message_of_a_step_that_may_not_go_is_left_out(rig_of: MakeRig) -> None:
    rig = rig_of(pair)
    rig.switch(pair, "off")
    rig.submit("mona", consent=())
    rig.run(pair)
    item = only_item(rig, pair)
    assert [draft.subject for draft in item.drafts] == ["hello"]
    assert item.title == "send hello"
    act(rig, pair, "done")
    done = {effect.action: effect.state.value for effect in rig.effects(pair)}
    assert done["send:hello"] == "performed"
    assert done["send:more"] == "skipped"


def test_a_channel_that_is_off_brings_the_work_to_people_too(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.submit("mona")
    with rig.ledger.write() as book:
        book.stops.add("channel", "email", reason="provider down", by="omar", at=rig.clock.now())
    rig.run(echo)
    assert only_item(rig, echo).why == "stop: channel email is off (ledger): provider down"


def test_what_is_outside_the_rollout_is_on_the_list_while_the_flow_is_on(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.policy(echo, steps="0%")
    rig.approve(echo)
    rig.submit("mona")
    rig.run(echo)
    assert only_item(rig, echo).why == "rollout: outside the rollout"


def test_a_mail_in_doubt_is_a_question_and_not_a_task(rig_of: MakeRig) -> None:
    rig = rig_of(echo, mailer=FakeMailer({"mona@example.com": [Answer(Outcome.UNKNOWN, "timed out", kept=True)]}))
    rig.submit("mona")
    rig.run(echo)
    item = only_item(rig, echo)
    assert (item.kind, item.outcomes) == (Work.UNKNOWN, ("got-it", "did-not"))
    assert item.why == "send:hello: timed out"


def test_what_is_worth_nothing_any_more_leaves_the_list(rig_of: MakeRig) -> None:
    rig = rig_of(meet)
    rig.switch(meet, "off")
    rig.submit("mona", kind="booking.created", booking_id="b1", starts_at=(rig.clock.now() + hours(2)).isoformat())
    rig.run(meet)
    assert only_item(rig, meet).title == "send hello"
    rig.clock.advance(hours(3))
    assert items(rig, meet) == []


@pytest.mark.parametrize("off", ["flow", "company"])
def test_while_a_file_is_being_saved_the_list_stays_what_the_last_valid_files_make_it(rig_of: MakeRig, off: str) -> None:
    rig = rig_of(tour)
    if off == "flow":
        rig.switch(tour, "off")
    else:
        rig.company(switch="off")
    rig.submit("mona")
    rig.run(tour)
    before = items(rig, tour)
    company = rig.settings.policies / "company.yaml"
    company.write_text("switch: [\n", encoding="utf-8")
    now = rig.clock.now().timestamp()
    os.utime(company, (now, now))
    assert items(rig, tour) == before != []


def test_while_a_file_is_being_saved_what_is_the_machines_stays_off_the_list(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.run(tour)
    rig.submit("mona")
    rig.policy_path(tour).write_text("switch: [\n", encoding="utf-8")
    now = rig.clock.now().timestamp()
    os.utime(rig.policy_path(tour), (now, now))
    assert items(rig, tour) == []


def test_a_name_that_turns_the_line_around_does_not(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "off")
    rig.submit("mona", name="Mona\u202egro.live\u2066 Haddad\x07", contact={"phone": "\u202e+966 50"})
    rig.run(echo)
    item = only_item(rig, echo)
    assert (item.name, item.reach) == ("Monagro.live Haddad", "mona@example.com / +966 50")
