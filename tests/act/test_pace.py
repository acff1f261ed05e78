"""When and how often, in whole passes: rates, weekends, blackouts, occasions, silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from offswitch.act.explain import explain
from offswitch.model.effect import Stage
from offswitch.model.event import answers
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, gifts, pair, ring, tour
from tests.act.rig import Rig
from tests.act.test_together import at_once

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2025, 3, 7, 9, tzinfo=UTC)
WEEKENDS = "weekends: {SA: [friday, saturday], AE: [saturday, sunday], default: [sunday]}\n"


def company_says(rig: Rig, lines: str) -> None:
    path = rig.settings.policies / "company.yaml"
    rig.save(path, path.read_text() + lines)


def test_a_rate_holds_for_all_flows_and_passes_together(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    path = rig.settings.policies / "company.yaml"
    rig.save(path, path.read_text().replace("limits: {", "limits: {rate: 5 per minute, "))
    for journey in (tour, echo):
        rig.approve(journey)
    rig.submit_all(*(f"p{n}" for n in range(4)))
    rig.run(tour)
    rig.run(echo)
    assert len(rig.sent()) == 5
    late = [entry for entry in rig.entries(echo) if entry.rule == "rate"]
    assert [entry.due for entry in late] == [rig.clock.now() + MINUTE] * 3
    assert {entry.reason for entry in late} == {"5 begun already, at most 5 per minute"}
    rig.run(echo, timedelta(seconds=59))
    assert len(rig.sent()) == 5
    rig.run(echo, timedelta(seconds=1))
    assert len(rig.sent()) == 8


def test_a_rate_is_kept_within_one_window_of_a_batch(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.policy(echo, more="limits: {rate: 7 per minute}")
    rig.approve(echo)
    rig.submit_all(*(f"p{n:02}" for n in range(20)))
    counts = []
    for _ in range(3):
        rig.run(echo)
        counts.append(len(rig.sent()))
        rig.clock.advance(MINUTE)
    assert counts == [7, 14, 20]


def test_what_a_rate_puts_off_is_not_late(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.policy(echo, more="limits: {rate: 1 per day}\nlate: {after: 1h, then: review}")
    rig.approve(echo)
    rig.submit_all("one", "two")
    rig.run(echo)
    rig.run(echo, DAY)
    assert sorted(rig.sent()) == ["one", "two"]
    assert rig.states(echo) == ["finished", "finished"]


def test_marketing_waits_for_the_first_working_day_where_the_person_is(rig_of: MakeRig) -> None:
    rig = rig_of(echo, start=FRIDAY)
    rig.company(quiet='"21:00-09:00"')
    company_says(rig, WEEKENDS)
    rig.policy(echo, more="weekends: quiet")
    rig.letter(echo, "hello", purpose="marketing")
    rig.approve(echo)
    rig.submit("riyadh")
    rig.submit("dubai", contact={"country": "AE"})
    rig.run(echo)
    assert rig.sent() == ["dubai"]  # a working Friday there
    entry = rig.entry(echo, "riyadh")
    assert (entry.rule, entry.reason) == ("calendar", "weekend in SA")
    assert entry.due == datetime(2025, 3, 9, 6, tzinfo=UTC)  # Sunday, nine o'clock in Riyadh
    rig.run(echo, entry.due - rig.clock.now())
    assert rig.sent() == ["dubai", "riyadh"]


def test_service_mail_goes_out_on_a_weekend(rig_of: MakeRig) -> None:
    rig = rig_of(pair, start=FRIDAY)
    company_says(rig, WEEKENDS)
    rig.policy(pair, more="weekends: quiet")
    rig.approve(pair)
    rig.submit("mona")
    rig.run(pair)
    rig.run(pair, MINUTE)
    assert [effect.action for effect in rig.effects(pair, Stage.PERFORMED) if effect.counts] == ["send:hello"]
    assert rig.entry(pair).rule == "calendar"


def test_a_blackout_of_the_company_and_one_of_the_flow_follow_each_other(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    company_says(rig, "blackouts: [{from: 2025-03-03, to: 2025-03-04, countries: [SA], why: mourning}]\n")
    rig.policy(echo, more="blackouts: [{from: 2025-03-05, to: 2025-03-05, why: the fair}]")
    rig.letter(echo, "hello", purpose="marketing")
    rig.approve(echo)
    rig.submit("riyadh")
    rig.submit("cairo", contact={"country": "EG"})
    rig.submit("nowhere", contact={"country": ""})
    rig.run(echo)
    assert rig.sent() == ["cairo"]
    for who in ("riyadh", "nowhere"):
        entry = rig.entry(echo, who)
        assert (entry.reason, entry.due) == ("blackout until 2025-03-04: mourning", datetime(2025, 3, 5, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("more", "reason", "due"),
    [
        ("", "eid_al_fitr until 2025-04-02, not confirmed", datetime(2025, 4, 2, 21, tzinfo=UTC)),
        (
            "dates: {2025: 2025-03-29}, confirmed_by: mariam@bayan.example, ",
            "eid_al_fitr until 2025-03-31",
            datetime(2025, 3, 31, 21, tzinfo=UTC),
        ),
    ],
)
def test_a_feast_that_nobody_has_confirmed_takes_a_day_more_at_either_end(rig_of: MakeRig, more: str, reason: str, due: datetime) -> None:
    rig = rig_of(echo, start=datetime(2025, 3, 29, 9, tzinfo=UTC))
    company_says(rig, f"occasions: [{{name: eid_al_fitr, {more}countries: [SA], days: 3}}]\n")
    rig.letter(echo, "hello", purpose="marketing")
    rig.approve(echo)
    rig.submit("mona")
    rig.run(echo)
    assert rig.sent() == []
    assert (rig.entry(echo).reason, rig.entry(echo).due) == (reason, due)


def test_whoever_does_not_answer_hears_less_and_then_nothing(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.policy(ring, more="silence: {after: 2, slower: 2x, stop: 3}")
    rig.letter(ring, "hello", purpose="marketing")
    rig.approve(ring)
    rig.submit("mona", at=rig.clock.now() - MINUTE)
    rig.run(ring)
    rig.run(ring, DAY)
    rig.run(ring, DAY)
    assert len(rig.sent()) == 2
    entry = rig.entry(ring)
    assert (entry.rule, entry.reason) == ("silence", "2 messages without an answer: pauses grow 2x")
    assert entry.due == rig.clock.now() + DAY
    rig.run(ring, DAY)
    assert len(rig.sent()) == 3


def test_after_too_many_unanswered_messages_another_flow_is_silent_too(rig_of: MakeRig) -> None:
    rig = rig_of(ring, gifts)
    for journey in (ring, gifts):
        rig.policy(journey, more="silence: {after: 2, slower: 1x, stop: 3}\ninflow: admit")
        rig.letter(journey, "hello", purpose="marketing")
        rig.approve(journey)
    rig.submit("mona", at=rig.clock.now() - MINUTE)
    for _ in range(3):
        rig.run(ring)
        rig.clock.advance(DAY)
    with rig.ledger.read() as book:
        found = book.effects.unanswered([rig.person("mona")], ["form.submitted"])[rig.person("mona")]
    assert [(flow, action) for _, flow, action in found] == [("ring", "send:hello")] * 3
    rig.submit("gift", who="mona", kind="donation.succeeded", at=rig.clock.now() - 10 * DAY, donation_id="1")
    rig.run(gifts)
    skipped = rig.effects(gifts, Stage.SKIPPED)
    assert [(effect.rule, effect.reason) for effect in skipped] == [("silence", "silent: 3 messages without an answer")]
    assert rig.states(gifts) == ["finished"]


def test_why_shows_the_rules_with_their_numbers(rig_of: MakeRig) -> None:
    rig = rig_of(echo, start=FRIDAY)
    company_says(rig, WEEKENDS)
    rig.policy(echo, more="weekends: quiet\nlimits: {rate: 1 per minute}")
    rig.letter(echo, "hello", purpose="marketing")
    rig.approve(echo)
    rig.submit("dubai", contact={"country": "AE"})
    rig.submit("riyadh")
    rig.run(echo)
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        rules = {row["rule"]: row["reason"] for row in explain(desk, book, rig.person("riyadh"))[0]["rules"] if row["reason"]}
    assert rules == {"calendar": "weekend in SA", "rate": "1 begun already, at most 1 per minute"}


@pytest.mark.parametrize(
    ("kind", "answer"), [("message.replied", True), ("test.left", True), ("message.opened", False), ("message.bounced", False)]
)
def test_an_answer_ends_the_silence_and_so_does_an_event_of_the_project(rig_of: MakeRig, kind: str, answer: bool) -> None:
    rig = rig_of(ring)
    rig.policy(ring, more="silence: {after: 2, slower: 3x, stop: 3}")
    rig.letter(ring, "hello", purpose="marketing")
    rig.approve(ring)
    rig.submit("mona", at=rig.clock.now() - MINUTE)
    for _ in range(3):
        rig.run(ring)
        rig.clock.advance(DAY)
    assert rig.entry(ring).rule == "silence"
    rig.submit("reply", who="mona", kind=kind)
    with rig.ledger.read() as book:
        assert bool(book.effects.unanswered([rig.person("mona")], answers())) is not answer
    if answer:
        rig.run(ring, rig.entry(ring).due - rig.clock.now())
        assert len(rig.sent()) == 3


@pytest.mark.parametrize(("purpose", "rule"), [("service", ""), ("marketing", "silence")])
def test_service_mail_of_another_flow_is_not_counted_as_unanswered(rig_of: MakeRig, purpose: str, rule: str) -> None:
    rig = rig_of(ring, echo)
    rig.letter(ring, "hello", purpose=purpose)
    rig.letter(echo, "hello", purpose="marketing")
    rig.policy(echo, more="silence: {after: 2, slower: 2x, stop: 3}\ninflow: admit")
    for journey in (ring, echo):
        rig.approve(journey)
    rig.submit("mona", at=rig.clock.now() - MINUTE)
    for _ in range(2):
        rig.run(ring)
        rig.clock.advance(DAY)
    rig.run(echo)
    assert rig.entry(echo).rule == rule
    assert len(rig.sent()) == (2 if rule else 3)


def test_a_rate_holds_when_workers_send_at_once(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offswitch.act.advance.advance.__defaults__", (20,))  # so that all of them get work
    rig = rig_of(echo)
    rig.policy(echo, more="limits: {rate: 40 per minute}")
    rig.approve(echo)
    rig.submit_all(*(f"p{n:03}" for n in range(120)))
    at_once(rig, echo, echo, echo)
    assert len(rig.sent()) == 40
