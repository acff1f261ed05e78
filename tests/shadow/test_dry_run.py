"""`switch: dry-run`: off for effects, decided in shadow, dropped on `on`; a fault in it hurts nothing real."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from offswitch.act.report import Report
from offswitch.act.sweep import SHADOWS_KEPT
from offswitch.ledger.shadow import Would
from offswitch.ledger.verify import verify
from offswitch.orchestrate import opened
from offswitch.shadow.run import cursor_of
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, pair, tour
from tests.act.rig import Rig
from tests.shadow.pair import decided, pass_, work_off

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rows(rig: Rig, *tables: str) -> dict[str, list[Any]]:
    with rig.ledger.read() as book:
        return {table: list(book.connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))) for table in tables}


def shadows(rig: Rig) -> int:
    with rig.ledger.read() as book:
        return len(list(book.shadow.all_entries()))


def test_nothing_is_performed_and_nothing_real_differs_from_a_flow_that_is_off(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(pair)
    rig.switch(pair, "dry-run")
    rig.submit_all("mona", "basil")
    real = ("effects", "entries", "admissions", "work")
    with monkeypatch.context() as patched:
        patched.setattr(opened, "run_shadow", lambda _: Report())
        pass_(rig, pair)
    before = rows(rig, *real)
    pass_(rig, pair)
    pass_(rig, pair)
    assert rows(rig, *real) == before
    assert (rig.sent(), rig.crm.journal) == ([], [])
    assert Counter(row.action for row in decided(rig, pair)) == {"send:hello": 2, "send:more": 2, "note:note": 2}
    assert {row.subject for row in decided(rig, pair) if row.message} == {"hello", "more"}


def test_people_get_the_work_as_when_the_flow_is_off(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "dry-run")
    rig.submit("mona")
    pass_(rig, echo)
    work_off(rig, echo)
    assert rig.states(echo) == ["finished"]
    assert [one.actor for one in rig.effects(echo)] == ["mariam@bayan.example"]


def test_what_went_before_the_dry_run_is_not_decided_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    pass_(rig, tour)
    rig.switch(tour, "dry-run")
    rig.submit("basil")
    pass_(rig, tour)
    assert [rig.address(row.contact_id) for row in decided(rig, tour) if row.what is Would.SEND] == ["basil@example.com"]


@pytest.mark.parametrize("to", ["on", "off", "closing"])
def test_shadow_entries_are_dropped_with_the_dry_run_and_its_decisions_stay_for_ninety_days(rig_of: MakeRig, to: str) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "dry-run")
    rig.submit("mona")
    pass_(rig, tour)
    assert shadows(rig) == 1
    rig.switch(tour, to)
    pass_(rig, tour)
    assert (shadows(rig), len(decided(rig, tour))) == (0, 2)
    assert rig.sent() == (["mona"] if to != "off" else [])
    rig.clock.advance(SHADOWS_KEPT + HOUR)
    pass_(rig, tour)
    assert decided(rig, tour) == []


def test_a_dry_run_that_fails_is_a_notice_and_the_pass_goes_on(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "dry-run")
    rig.submit("mona")
    monkeypatch.setattr(opened, "run_shadow", lambda _: 1 // 0)
    report = pass_(rig, echo)
    assert report.total("entered for people") == 1
    [told] = [words for _, words in report.notices if words.startswith("echo: the dry run stands still")]
    assert "ZeroDivisionError at test_dry_run.py:" in told


def test_a_dry_run_stands_still_with_the_company(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.switch(echo, "dry-run")
    rig.company(switch="off")
    rig.submit("mona")
    pass_(rig, echo)
    assert decided(rig, echo) == []
    rig.company()
    pass_(rig, echo)
    assert [row.what for row in decided(rig, echo)] == [Would.SEND]


def test_messages_of_other_flows_count_for_a_cap_in_shadow(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    for journey in (tour, echo):
        rig.letter(journey, "hello", purpose="marketing")
        rig.approve(journey)
    rig.switch(tour, "dry-run")
    rig.submit("mona")
    rig.run(echo)
    pass_(rig, tour)
    assert [(row.what, row.rule) for row in decided(rig, tour)] == [(Would.DEFER, "cap")]
    with rig.ledger.read() as book:
        assert verify(book).troubles == []
        assert book.events.cursor(cursor_of("tour")) == book.events.cursor("tour")


def test_time_in_a_dry_run_is_no_time_off_for_those_in_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "dry-run")
    rig.letter(tour, "hello", purpose="marketing")
    rig.company(caps="1 per 30d")
    rig.policy(tour, more="max_defer: 60d\ninflow: ignore")
    rig.submit("mona")
    for wait in (0, 2, 13, 17):
        rig.clock.advance(wait * DAY)
        pass_(rig, tour)
    assert [(row.what, row.rule) for row in decided(rig, tour) if not row.action] == [(Would.DEFER, "cap"), (Would.EXIT, "give up")]
