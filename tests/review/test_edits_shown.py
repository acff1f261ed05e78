"""The plan says whom an edit touches, and there is no approval before everybody has somewhere to go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch import days, hours
from offswitch.journey.journey import Journey
from offswitch.project.abandoned import abandoned
from offswitch.project.plan import make_plan
from offswitch.review.document import as_json
from offswitch.review.inflight import StepEdit, stranded
from offswitch.review.line import What
from offswitch.review.page import as_html
from offswitch.review.plan import PlanOfWork
from offswitch.review.show import as_text
from tests.act.edits import NO_ANSWER, NO_GREET, Edited
from tests.review.law import go_live, planned
from tests.worklist.people import act, items

PEOPLE = [f"p{n}" for n in range(5)]


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Edited]:
    made = Edited(tmp_path, *PEOPLE)
    yield made
    made.rig.close()


def plan_of(flow: Edited, journey: Journey) -> PlanOfWork:
    return make_plan(flow.rig.project, journey)


def edit_at(plan: PlanOfWork, step: str) -> StepEdit:
    (found,) = [edit for edit in plan.edits if edit.step == step]
    return found


def test_a_removed_step_without_a_mapping_is_said_with_the_lines_to_paste(flow: Edited) -> None:
    plan = plan_of(flow, flow.edit(*NO_GREET, approve=False))
    assert plan.stranded is not None
    assert str(plan.stranded).startswith("5 people stand on `greet`, which is gone: say where they go, in policies/series.yaml:")
    assert "removed_steps:" in as_text(plan)
    assert "  greet: " in as_text(plan)
    assert "offswitch approve" not in as_text(plan)
    assert as_json(plan)["unmapped"]["standing"] == {"greet": 5}
    assert max(map(len, as_text(plan).splitlines())) <= 80


def test_the_lines_to_paste_are_a_policy_that_maps_everybody(flow: Edited) -> None:
    first = plan_of(flow, flow.edit(*NO_GREET, approve=False))
    assert first.stranded is not None
    second = plan_of(flow, flow.edit(*NO_GREET, policy=first.stranded.lines, approve=False))
    assert second.stranded is None
    assert edit_at(second, "greet").goes is not None


def test_a_renamed_step_is_guessed(flow: Edited) -> None:
    plan = plan_of(flow, flow.edit(("then=greet", "then=greeting"), ("def greet(", "def greeting("), approve=False))
    assert plan.stranded is not None
    assert "greet: {move_to: greeting}" in plan.stranded.lines


def test_whom_an_event_would_lead_to_a_removed_step_is_counted_too(flow: Edited) -> None:
    new = flow.edit(*NO_ANSWER, approve=False)
    plan = plan_of(flow, new)
    assert (edit_at(plan, "answer").people, edit_at(plan, "answer").leading) == (0, 5)
    with flow.rig.ledger.read() as book:
        assert str(stranded(book, new, plan.policy)).startswith("5 people wait for an event that leads to `answer`, which is gone: say")


def test_a_mapping_is_told_and_who_would_get_a_mail_once_more(flow: Edited) -> None:
    flow.pass_by(flow.old, 2)
    new = flow.edit(("then=value", "then=last"), ("def value(", "def last("), ('send("extra")', 'send("more")'),
                    policy="removed_steps: {value: {move_to: last}}", approve=False)  # fmt: skip
    edit = edit_at(plan_of(flow, new), "value")
    assert (edit.people, str(edit.goes), edit.again) == (5, "move to last", {"more": 5})
    assert "5 had the mail more before and would get it once more" in re.sub(r"\s+", " ", as_text(plan_of(flow, new)))


def test_changed_waits_are_told_with_their_new_times(flow: Edited) -> None:
    flow.rig.clock.advance(days(1))
    plan = plan_of(flow, flow.edit(policy="reschedule: {greet: 12h}\non_resume: {release: 2 per hour}", approve=False))
    edit, now = edit_at(plan, "greet"), flow.rig.clock.now()
    assert (edit.moved, edit.sooner, edit.first, edit.last) == (5, 5, now, now + hours(2))
    assert len(plan.first(What.SEND)) == 2
    later = plan_of(flow, flow.edit(policy="reschedule: {greet: 5d}", approve=False))
    assert (edit_at(later, "greet").sooner, edit_at(later, "greet").first) == (0, now + days(4))


def test_new_code_and_new_texts_are_told_with_what_stays(flow: Edited) -> None:
    flow.rig.switch(flow.old, "off")
    flow.rig.clock.advance(days(2))
    act(flow.rig, flow.old, "take", item=items(flow.rig, flow.old)[0])
    new = flow.edit(("after=days(2)", "after=days(9)"), approve=False)
    flow.rig.letter(new, "more", purpose="service")
    edit = edit_at(plan_of(flow, new), "greet")
    with flow.rig.desk(flow.old) as desk:
        assert edit.versions == {desk.version: 5}
    assert (edit.old_code, edit.new_text, edit.taken, edit.moved) == (True, True, 1, 0)
    words = re.sub(r"\s+", " ", as_text(plan_of(flow, new)))
    assert "Due times that are set stay" in words
    assert "In a colleague's hands, and left as they are until answered: 1" in words


def test_where_nothing_was_edited_nothing_is_said_of_edits(flow: Edited) -> None:
    plan = plan_of(flow, flow.old)
    assert plan.edits == ()
    assert "WHAT THE EDITS DO" not in as_text(plan)


@pytest.mark.parametrize("policy", ["removed_steps: {greet: {move_to: value}}", "removed_steps: {greet: exit}",
                                    "removed_steps: {greet: hand_over}", ""])  # fmt: skip
def test_what_the_plan_says_of_removed_steps_is_what_a_run_does(flow: Edited, policy: str) -> None:
    new = flow.edit(*NO_GREET, policy=policy, approve=False)
    flow.rig.switch(new, "off")
    flow.rig.clock.advance(days(2))
    told = planned(plan_of(flow, new))
    told.pop(("stays", "the step 'greet' is not in the flow any more"), None)
    assert told == {key: n for key, n in go_live(flow.rig, new).items() if key[0] != "stays"}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_and_the_json_hold_the_edits(flow: Edited, language: str) -> None:
    plan = plan_of(flow, flow.edit(*NO_GREET, policy="reschedule: {value: 1d}", approve=False))
    page = as_html(plan, "ar" if language == "ar" else "en")
    assert "removed_steps:" in page
    assert "{n}" not in page
    (row,) = json.loads(json.dumps(as_json(plan)))["edits"]
    promised = (Path(__file__).parents[2] / "docs/plan.md").read_text("utf-8")
    assert set(row) | set(as_json(plan)["by_hand"]) <= set(re.findall(r"`(\w+)`", promised))


def test_times_and_names_keep_their_direction_within_arabic(flow: Edited) -> None:
    plan = plan_of(flow, flow.edit(policy="reschedule: {greet: 3d}", approve=False))
    assert "\u20662025-03-06 09:00\u2069 UTC" in as_html(plan, "ar")
    assert "\u2066" not in as_html(plan, "en")


def test_people_of_a_flow_that_is_gone_are_noticed(flow: Edited) -> None:
    assert [problem.what for problem in abandoned(flow.rig.project)] == ["5 inside flow series, which is gone"]
    assert abandoned(flow.rig.project, "series") == []
