"""A step goes that people stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch import days, hours
from offswitch.act import remap
from offswitch.ledger.entries import Entries
from offswitch.model.effect import Stage
from offswitch.model.entry import Entry, State
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Work
from offswitch.testing.fakes import Answer
from tests.act.edits import NO_ANSWER, NO_GREET, Edited
from tests.worklist.people import act, items, only_item

TO_VALUE = "removed_steps: {greet: {move_to: value}}"


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Edited]:
    made = Edited(tmp_path, "mona", "omar")
    yield made
    made.rig.close()


def test_whoever_stands_there_goes_where_the_policy_says_and_is_due_when_they_were(flow: Edited) -> None:
    due = {entry.due for entry in flow.rig.entries(flow.old)}
    new = flow.edit(*NO_GREET, policy=TO_VALUE)
    report = flow.rig.run(new, hours(1))
    assert report.total("moved by an edit") == 2
    assert {(entry.step, entry.visit, entry.state) for entry in flow.rig.entries(new)} == {("value", 1, State.WAITING)}
    assert {entry.due for entry in flow.rig.entries(new)} == due
    flow.pass_by(new, 2)
    assert flow.subjects("mona") == ["hello", "extra"]


def test_who_has_been_at_the_other_step_before_comes_to_it_once_more(flow: Edited) -> None:
    entry = flow.rig.entry(flow.old, "mona")
    with flow.rig.ledger.write() as book:
        book.entries.put(replace(entry, visits={**entry.visits, "value": 3}))
    new = flow.edit(*NO_GREET, policy=TO_VALUE)
    flow.pass_by(new, 2)
    assert flow.rig.entry(new, "mona").place == "value:4"
    assert any(key.endswith("value\x1f4\x1fsend:extra") for key in flow.rig.sent_keys())


def test_they_leave_when_the_policy_says_exit(flow: Edited) -> None:
    new = flow.edit(*NO_GREET, policy="removed_steps: {greet: exit}")
    flow.pass_by(new, 0)
    assert {(one.state, one.rule, one.reason) for one in flow.rig.entries(new)} == {(State.EXITED, "removed", "the step was removed")}


def test_a_person_says_where_they_go_when_the_policy_hands_them_over(flow: Edited) -> None:
    new = flow.edit(*NO_GREET, policy="removed_steps: {greet: hand_over}")
    flow.pass_by(new, 0, 0)
    first, second = items(flow.rig, new)
    assert (first.kind, first.step, first.outcomes) == (Work.TRIAGE, "greet", ("hello", "value", "answer", "done", "skip"))
    act(flow.rig, new, "value", item=first)
    act(flow.rig, new, "skip", item=second, note="wrote to us")
    flow.pass_by(new, 0)
    assert sorted(one.state for one in flow.rig.entries(new)) == [State.EXITED, State.FINISHED]
    assert len(flow.rig.sent()) == 3


def test_done_by_hand_ends_the_journey_of_who_was_handed_over(flow: Edited) -> None:
    new = flow.edit(*NO_GREET, policy="removed_steps: {greet: hand_over}")
    flow.pass_by(new, 0)
    act(flow.rig, new, "done", item=items(flow.rig, new)[0])
    assert min((one.state.value, one.reason) for one in flow.rig.entries(new)) == ("finished", "done by hand")


@pytest.mark.parametrize("policy", ["", "removed_steps: {other: exit}", "removed_steps: {greet: {move_to: nowhere}}"])
def test_without_a_word_in_the_policy_nobody_moves_and_they_are_held(flow: Edited, policy: str) -> None:
    new = flow.edit(*NO_GREET, policy=policy)
    flow.pass_by(new, 2, 0)
    assert {(one.step, one.state, one.rule) for one in flow.rig.entries(new)} == {("greet", State.HELD, "removed")}
    assert items(flow.rig, new) == []
    assert len(flow.rig.sent()) == 2
    flow.pass_by(new, 2)
    assert len(items(flow.rig, new)) == 2, "held for longer than held_max: nothing is held in silence"
    mapped = flow.edit(*NO_GREET, policy=TO_VALUE)
    flow.pass_by(mapped, 0)
    assert {one.step for one in flow.rig.entries(mapped)} == {"value"}


@pytest.mark.parametrize("stopped", ["off", "unapproved"])
def test_while_something_stops_the_flow_nobody_is_moved(flow: Edited, stopped: str) -> None:
    before = {one.id: (one.step, one.state, one.due) for one in flow.rig.entries(flow.old)}
    new = flow.edit(*NO_GREET, policy=TO_VALUE, approve=stopped != "unapproved")
    if stopped == "off":
        flow.rig.switch(new, "off")
    flow.pass_by(new, 2, 0)
    assert {one.id: (one.step, one.state, one.due) for one in flow.rig.entries(new)} == before


def test_the_list_asks_where_they_go_only_after_nobody_has_approved_the_edit_for_long(flow: Edited) -> None:
    flow.rig.clock.advance(days(2))
    new = flow.edit(*NO_GREET, approve=False)
    flow.pass_by(new, 0)
    assert items(flow.rig, new) == []
    flow.rig.clock.advance(hours(5))
    assert {one.title for one in items(flow.rig, new)} == {"say where this person goes on"}


def test_what_somebody_has_taken_stays_theirs_and_is_done_as_they_saw_it(flow: Edited) -> None:
    flow.rig.switch(flow.old, "off")
    flow.rig.clock.advance(days(2))
    taken = items(flow.rig, flow.old)[0]
    act(flow.rig, flow.old, "take", item=taken)
    new = flow.edit(*NO_GREET, policy=TO_VALUE + "\non_resume: {without_asking: 9}")
    flow.rig.switch(new, "on")
    flow.pass_by(new, 0)
    mine = next(one for one in items(flow.rig, new) if one.id == taken.id)
    assert [draft.subject for draft in mine.drafts] == ["more"]
    act(flow.rig, new, "done", item=mine)
    assert sorted(one.step for one in flow.rig.entries(new)) == ["value", "value"]
    flow.pass_by(new, 3)
    assert sorted(flow.subjects("mona") + flow.subjects("omar")) == ["extra", "extra", "hello", "hello"]


def test_an_unknown_outcome_stays_until_it_is_answered(flow: Edited) -> None:
    flow.rig.mailer._script.answers["mona@example.com"] = [Answer(Outcome.UNKNOWN, "cut")]
    flow.pass_by(flow.old, 2)
    new = flow.edit(*NO_GREET, policy=TO_VALUE)
    flow.pass_by(new, 0)
    entry = flow.rig.entry(new, "mona")
    assert (entry.step, entry.work) == ("greet", Work.UNKNOWN)
    act(flow.rig, new, "got-it")
    flow.pass_by(new, 0, 3)
    assert (flow.rig.entry(new, "mona").state, flow.subjects("mona")) == (State.FINISHED, ["hello", "extra"])


def test_an_event_that_leads_to_a_removed_step_is_not_lost(flow: Edited) -> None:
    new = flow.edit(*NO_ANSWER)
    flow.rig.submit("reply", kind="message.replied", who="mona")
    flow.pass_by(new, 0, 2)
    assert (flow.rig.entry(new, "mona").step, flow.rig.entry(new, "mona").state) == ("answer", State.HELD)
    assert flow.subjects("mona") == ["hello"], "who wrote back gets no mail as if they had not"
    handed = flow.edit(*NO_ANSWER, policy="removed_steps: {answer: hand_over}")
    flow.pass_by(handed, 0)
    assert only_item(flow.rig, handed).step == "answer"


def test_a_plan_that_began_before_the_edit_ends_as_it_began_and_leads_on_through_the_mapping(flow: Edited) -> None:
    flow.rig.mailer._script.answers["mona@example.com"] = [Answer(Outcome.RETRY, "busy")]
    flow.pass_by(flow.old, 2)
    assert [one.state for one in flow.rig.effects(flow.old) if one.step == "greet"].count(Stage.PLANNED) == 1
    new = flow.edit(("then=value", "then=last"), ("def value", "def last"), policy="removed_steps: {value: {move_to: last}}")
    flow.pass_by(new, 1, 0, 3)
    assert flow.subjects("mona") == ["hello", "more", "extra"]
    assert flow.rig.entry(new, "mona").state is State.FINISHED


def test_a_renamed_action_is_not_done_under_both_names(flow: Edited) -> None:
    flow.rig.mailer._script.answers["mona@example.com"] = [Answer(Outcome.UNKNOWN, "cut", kept=True)]
    flow.pass_by(flow.old, 2)
    new = flow.edit(('send("more")', 'send("extra")'))
    act(flow.rig, new, "did-not")
    flow.pass_by(new, 0)
    assert flow.subjects("mona") == ["hello", "more", "more"], "a person said that it never came: the same letter again, no other"


def test_many_are_moved_in_short_writes_and_a_kill_between_them_loses_nobody(flow: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.rig.submit_all(*(f"p{n}" for n in range(12)))
    flow.rig.run(flow.old)
    new = flow.edit(*NO_GREET, policy=TO_VALUE)
    write, written = Entries.put_all, list[int]()

    def until_killed(self: Entries, changed: Sequence[Entry]) -> None:
        written.append(len(changed))
        if len(written) == 3:
            raise InterruptedError
        write(self, changed)

    monkeypatch.setattr(remap, "BATCH", 5)
    monkeypatch.setattr(Entries, "put_all", until_killed)
    with pytest.raises(InterruptedError):
        flow.rig.run(new)
    assert written == [5, 5, 4]
    assert [one.step for one in flow.rig.entries(new)].count("value") == 10
    assert flow.rig.run(new, timedelta(minutes=2)).total("moved by an edit") == 4
