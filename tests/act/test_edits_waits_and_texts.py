"""Steps are added, waits and texts are changed, while people are inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch import days, hours, minutes
from offswitch.act.explain import explain
from offswitch.cli.ledger import lines
from offswitch.model.entry import Entry
from tests.act.edits import EXTRA, GREET, Edited
from tests.act.rig import START
from tests.worklist.people import act, only_item

LATER = START + days(2)


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Edited]:
    made = Edited(tmp_path, "mona")
    yield made
    made.rig.close()


def mona(flow: Edited) -> Entry:
    return flow.rig.entry(flow.old, "mona")


def test_an_added_step_is_for_those_who_come_to_it_later(flow: Edited) -> None:
    new = flow.edit(("then=greet", "then=between"), (GREET, EXTRA + GREET))
    flow.rig.submit("omar")
    flow.pass_by(new, 0, 2, 0)
    assert (flow.subjects("mona"), flow.subjects("omar")) == (["hello", "more"], ["hello", "extra", "more"])


def test_a_due_time_that_is_set_stays_when_the_delay_in_the_code_changes(flow: Edited) -> None:
    new = flow.edit(("after=days(2)", "after=days(9)"))
    flow.rig.submit("omar")
    flow.rig.run(new, hours(1))
    assert mona(flow).due == LATER
    assert flow.rig.entry(new, "omar").due == START + hours(1) + days(9)


@pytest.mark.parametrize(("wait", "due"), [("3d", START + days(3)), ("1d", START + days(1)), ("2d", LATER)])
def test_reschedule_counts_the_wait_anew_from_the_arrival_once(flow: Edited, wait: str, due: object) -> None:
    new = flow.edit(policy=f"reschedule: {{greet: {wait}}}")
    assert flow.rig.run(new, hours(1)).total("rescheduled") == (wait != "2d")
    assert mona(flow).due == mona(flow).since == due
    assert flow.rig.run(new, hours(1)).total("rescheduled") == 0


def test_reschedule_leaves_alone_what_waits_for_a_time_of_its_own(flow: Edited) -> None:
    new = flow.edit(("then=greet, after=days(2)", "then=greet, at=lead.now + days(5)"), policy="reschedule: {greet: 1d}")
    flow.rig.submit("omar")
    flow.pass_by(new, 0, 0)
    assert flow.rig.entry(new, "omar").due == START + days(5)


def test_reschedule_leaves_alone_what_the_gate_has_put_off(flow: Edited) -> None:
    flow.rig.company(caps="1 per week")
    flow.pass_by(flow.edit(), 2)
    put_off = mona(flow)
    assert put_off.rule == "cap"
    flow.pass_by(flow.edit(policy="reschedule: {greet: 4d}"), 0)
    assert (mona(flow).due, mona(flow).wait) == (put_off.due, put_off.wait)


def test_reschedule_leaves_alone_what_somebody_has_taken_and_what_has_begun(flow: Edited) -> None:
    both = flow.edit(('send("more")', 'send("more"), send("extra")'))
    flow.pass_by(both, 2)
    assert flow.subjects("mona") == ["hello", "more"]
    flow.pass_by(flow.edit(('send("more")', 'send("more"), send("extra")'), policy="reschedule: {greet: 9d}"), 0)
    assert flow.subjects("mona") == ["hello", "more", "extra"]


def test_what_a_shorter_wait_pulls_forward_comes_no_faster_than_a_backlog(tmp_path: Path) -> None:
    flow = Edited(tmp_path, *(f"p{n}" for n in range(7)))
    flow.rig.clock.advance(hours(1))
    new = flow.edit(policy="reschedule: {greet: 1m}\non_resume: {release: 3 per hour}")
    for sent in (10, 13, 14):
        flow.rig.run(new)
        flow.rig.run(new, minutes(59))
        assert len(flow.rig.sent()) == sent
        flow.rig.clock.advance(minutes(1))
    flow.rig.close()


def test_what_is_due_already_is_not_made_late_by_a_shorter_wait(flow: Edited) -> None:
    flow.rig.clock.advance(days(2) + hours(1))
    new = flow.edit(policy="reschedule: {greet: 1m}\nlate: {after: 24h, then: skip}")
    flow.rig.run(new)
    assert flow.subjects("mona") == ["hello", "more"]


def test_later_mails_and_items_that_nobody_has_taken_use_the_new_text(flow: Edited) -> None:
    flow.rig.switch(flow.old, "off")
    flow.rig.clock.advance(days(2))
    assert only_item(flow.rig, flow.old).drafts[0].subject == "more"
    path = flow.rig.settings.messages / "series" / "more.en.md"
    flow.rig.save(path, path.read_text("utf-8").replace("subject: more", "subject: news"))
    assert only_item(flow.rig, flow.old).drafts[0].subject == "news"


def test_a_taken_item_keeps_the_text_that_was_seen(flow: Edited) -> None:
    flow.rig.switch(flow.old, "off")
    flow.rig.clock.advance(days(2))
    act(flow.rig, flow.old, "take")
    path = flow.rig.settings.messages / "series" / "more.en.md"
    flow.rig.save(path, path.read_text("utf-8").replace("subject: more", "subject: news"))
    assert only_item(flow.rig, flow.old).drafts[0].subject == "more"
    act(flow.rig, flow.old, "give-back")
    assert only_item(flow.rig, flow.old).drafts[0].subject == "news"


def test_the_code_that_looked_last_is_written_down_and_shown(flow: Edited) -> None:
    with flow.rig.desk(flow.old) as desk:
        old = desk.version
    new = flow.edit(("after=days(3)", "after=days(4)"))
    assert mona(flow).version == old
    flow.pass_by(new, 2)
    with flow.rig.desk(new) as desk, flow.rig.ledger.read() as book:
        (shown,) = explain(desk, book, mona(flow).contact_id)
        exported = [row["version"] for row in lines(book) if row.get("sort") == "entry"]
        assert len(desk.version) == 12
        assert (mona(flow).version, shown["version"], exported) == (desk.version, desk.version, [desk.version])
        assert desk.version != old
