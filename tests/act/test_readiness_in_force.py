"""Nothing goes live before people have answered: in a whole project, with its files, its ledger and its work by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from offswitch import Decision, Facts, Journey, Plan, days, finish, send
from offswitch.events import FormSubmitted
from offswitch.gate.bucket import bucket
from offswitch.gate.reasons import reason_in
from offswitch.policy.drilled import path_of
from offswitch.policy.readiness import CUSTOMER, PROCESS, runbook_digest
from offswitch.project.files import Files
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.rig import COMPANY, RUNBOOK, Rig

MARIAM, LINA = "mariam@bayan.example", "lina@bayan.example"
DIGEST = runbook_digest(RUNBOOK)
OTHERS = f"  {LINA}: {{name: Lina, roles: [operator]}}\nteams: {{support: [{MARIAM}, {LINA}]}}\n"

solo = Journey("solo", starts_on=FormSubmitted)


@solo.step
def both(lead: Facts) -> Decision:  # noqa: ARG001 - everybody gets the same
    return Plan(send("hello"), then=finish("complete"))


def answers(runs: str = "10", runbook: str = DIGEST, on: str = "2025-03-03", **left_out: str) -> str:
    """Every question answered on the rig's first day."""
    said = f"by: {MARIAM}, on: {on}, evidence: notes"
    lines = [f"  {name}: {{answer: {left_out.get(name, 'yes')}, {said}}}" for name in (*PROCESS, *CUSTOMER)]
    known = ", ".join(f"{{by: {who}, on: 2025-03-03, runbook: {runbook}}}" for who in (MARIAM, LINA))
    return "\n".join(["readiness:", *lines, f"  runbook_known: [{known}]", f"  manual_runs: {runs}"])


def drill(rig: Rig, *, ago: timedelta = timedelta(0)) -> None:
    """As `offswitch drill` leaves it, for what is there now."""
    subject = Files(solo, rig.settings.policies, rig.project.library).said().subject
    assert subject is not None
    lines = {"drilled": (rig.clock.now() - ago).isoformat(), "by": LINA, "passed": "yes", "digest": subject.digest, "quick": "no"}
    lines["again"] = "offswitch drill solo"
    rig.save(path_of(rig.settings.policies, "solo"), "".join(f'{key}: "{value}"\n' for key, value in lines.items()))


def asking(rig: Rig, **over: Any) -> Rig:
    """The flow asks for what `answers` gives."""
    company = COMPANY.format(switch="on", quiet="none", caps="1000 per day").replace("teams: {support: [mariam@bayan.example]}\n", OTHERS)
    rig.save(rig.settings.policies / "company.yaml", company)
    rig.policy(solo, more=answers(**over))
    rig.approve(solo)
    drill(rig)
    return rig


def by_hand(rig: Rig, runs: int, by: str = LINA) -> None:
    """So many journeys from a form to their end, done by a person from the list."""
    names = [f"{by[:4]}{rig.clock.now():%d%H%M}{n}" for n in range(runs)]
    rig.submit_all(*names)
    rig.run(solo)
    with rig.desk(solo) as desk:
        for item in worklist(desk)[:runs]:
            do(desk, item.id, Deed(by, "done"))


def unready(rig: Rig) -> str:
    with rig.ledger.read() as book:
        return rig.project.switchboard(solo).look(book).unready


def test_nine_runs_by_hand_block_the_machine_and_the_tenth_lets_it_go(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo))
    by_hand(rig, 9)
    assert rig.sent() == []
    assert unready(rig) == "not ready: 1 of 12 are open, see `offswitch readiness solo`"
    assert reason_in("ar", unready(rig)) == "غير جاهز بعد: بقي 1 من 12، انظر `offswitch readiness solo`"
    rig.clock.advance(days(1))
    by_hand(rig, 1)
    assert unready(rig) == ""
    rig.submit("next")
    rig.run(solo)
    assert rig.sent() == ["next"]


def test_what_the_machine_did_is_no_run_by_hand(rig_of: MakeRig) -> None:
    rig = rig_of(solo)
    rig.submit_all(*(f"p{n}" for n in range(12)))
    rig.run(solo)
    assert len(rig.sent()) == 12
    assert unready(asking(rig)) == "not ready: 1 of 12 are open, see `offswitch readiness solo`"


def test_a_blocked_flow_s_work_is_people_s_and_comes_back_when_it_is_ready(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo), runs="1", runbook="void")
    rig.submit("mona")
    report = rig.run(solo)
    assert any(reason == "stop solo readiness" for reason, _ in report.notices)
    with rig.desk(solo) as desk:
        assert [item.why for item in worklist(desk)] == ["readiness: not ready: 2 of 12 are open, see `offswitch readiness solo`"]
    by_hand(rig, 1)
    rig.policy(solo, more=answers(runs="1"))
    rig.run(solo)
    rig.run(solo)
    with rig.ledger.read() as book:
        assert book.stops.periods("solo") == {}
    assert len(rig.sent()) == 1  # of the one whom nobody had done by hand


def test_answers_need_no_new_approval_and_an_edit_of_the_runbook_voids_the_word_of_two(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo), runs="1")
    by_hand(rig, 1)
    assert unready(rig) == ""
    path = rig.policy_path(solo)
    rig.save(path, path.read_text("utf-8").replace("2. Send it.", "2. Send it. 3. Call them too."))
    with rig.ledger.read() as book:
        standing = rig.project.switchboard(solo).look(book)
    assert (standing.unapproved, standing.unready[:24]) == ("", "not ready: 1 of 12 are o")


def test_a_change_of_what_was_drilled_makes_the_drill_old(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo), runs="1")
    by_hand(rig, 1)
    rig.letter(solo, "hello", purpose="marketing")
    rig.approve(solo)
    assert unready(rig).startswith("not ready: 1 of 12")
    drill(rig)
    assert unready(rig) == ""


@pytest.mark.parametrize(("days_later", "live"), [(4, True), (5, False)])
def test_a_waiver_that_ran_out_blocks(rig_of: MakeRig, days_later: int, live: bool) -> None:
    rig = rig_of(solo)
    asking(rig).policy(solo, more=answers())
    company = rig.settings.policies / "company.yaml"
    rig.save(company, company.read_text("utf-8").replace("roles: [owner]", "roles: [owner, approver]"))
    rig.policy(solo, more=answers(runs=f"{{waived_by: [{LINA}, {MARIAM}], why: a fair, until: 2025-03-07}}"))
    rig.approve(solo)
    drill(rig)
    rig.clock.advance(days(days_later))
    rig.submit("mona")
    rig.run(solo)
    assert rig.sent() == ["mona"] * live


def test_a_pilot_sends_to_a_twentieth_and_gives_the_others_to_people(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo), runs="1", serves_the_customer="unsure")
    by_hand(rig, 1)
    names = {f"p{n}" for n in range(200)}
    rig.submit_all(*names)
    rig.run(solo)
    with rig.ledger.read() as book:
        standing = rig.project.switchboard(solo).look(book)
    assert standing.pilot
    assert all(reason_in("ar", remark)[0] in "جت" for remark in standing.remarks)
    few = {name for name in names if bucket("solo", rig.person(name)) < 50_000}
    assert 0 < len(few) < 30
    assert set(rig.sent()) == few
    assert {rig.address(one.contact_id)[:-12] for one in rig.entries(solo) if one.lane_reason == "outside the pilot"} >= names - few


def test_an_answer_that_runs_out_is_told_a_week_before_once_a_day_and_then_blocks(rig_of: MakeRig) -> None:
    rig = asking(rig_of(solo), runs="1")
    by_hand(rig, 1)
    told = {}
    for day in range(82, 92):
        rig.clock.advance(days(82 if day == 82 else 1))
        told[day] = [text for _ in range(2) for reason, text in rig.run(solo).notices if reason == "readiness solo"]
    said = "solo: readiness runs out on 2025-06-01: see `offswitch readiness solo`"
    assert told == {day: [said] * (83 <= day <= 90) for day in range(82, 92)}
    assert unready(rig).startswith("not ready: 1 of 12")


def test_where_nothing_is_asked_nothing_is_looked_up(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offswitch.ledger.work.WorkRows.paths", lambda *_: pytest.fail("the ledger was asked"))
    rig = rig_of(solo)
    rig.submit("mona")
    rig.run(solo)
    assert rig.sent() == ["mona"]


def test_while_a_batch_runs_the_ledger_is_asked_once_a_minute(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def count(*_: object) -> list[tuple[str, ...]]:
        asked.append(1)
        return [("both:done",)]

    rig = asking(rig_of(solo), runs="1")
    monkeypatch.setattr("offswitch.ledger.work.WorkRows.paths", count)
    rig.submit_all(*(f"p{n}" for n in range(120)))
    rig.run(solo)
    assert (len(rig.sent()), len(asked)) == (120, 1)
