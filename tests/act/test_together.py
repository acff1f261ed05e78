"""Flows and workers beside each other: caps hold for all of them, faults stay with one."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from offswitch import days
from offswitch.act.run import run
from offswitch.journey.journey import Journey
from offswitch.model.effect import Effect, Stage
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, fragile, pair, tour
from tests.act.rig import Rig

DAY = timedelta(days=1)


def marketing(rig: Rig, *journeys: Journey) -> None:
    """Every letter counts and may be capped."""
    for journey in journeys:
        rig.letter(journey, "hello", purpose="marketing")
        rig.approve(journey)


def at_once(rig: Rig, *journeys: Journey) -> None:
    """One worker each, all at the same time."""
    failures: list[Exception] = []
    start = threading.Barrier(len(journeys))

    def work(journey: Journey) -> None:
        try:
            with rig.desk(journey) as desk:
                start.wait()
                run(desk)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(journey,)) for journey in journeys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_cap_holds_across_flows(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    marketing(rig, tour, echo)
    rig.submit("mona")
    rig.run(tour)
    rig.run(echo)
    assert (rig.sent(), rig.entry(echo).rule, rig.entry(echo).due) == (["mona"], "cap", rig.clock.now() + DAY)
    rig.run(echo, DAY)
    assert rig.sent() == ["mona", "mona"]


def test_a_cap_holds_when_two_workers_send_at_once(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo, pair)
    rig.company(caps="1 per day")
    marketing(rig, tour, echo, pair)
    rig.submit_all(*(f"p{n:02}" for n in range(80)))
    at_once(rig, tour, echo, pair)
    assert len(rig.sent()) == len(set(rig.sent())) == 80


def test_two_workers_of_one_flow_send_each_letter_once(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offswitch.act.advance.advance.__defaults__", (20,))
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n:03}" for n in range(150)))
    at_once(rig, tour, tour, tour)
    rig.run(tour, timedelta(minutes=2))
    assert len(rig.sent()) == len(set(rig.sent())) == 150
    assert rig.effects(tour, Stage.UNKNOWN) == []


def test_service_mail_passes_the_cap_and_counts(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    rig.approve(tour)
    marketing(rig, echo)
    rig.submit("mona")
    rig.run(tour)
    rig.run(echo)
    assert (rig.sent(), rig.entry(echo).rule) == (["mona"], "cap")


def test_two_letters_of_one_window_are_counted_before_they_leave(rig_of: MakeRig) -> None:
    """Two entries of one person in one flow, due in the same window."""
    rig = rig_of(tour)
    rig.company(caps="1 per day")
    marketing(rig, tour)
    rig.submit("mona")
    rig.run(tour)
    with rig.ledger.write() as book:
        entry = book.entries.of_contact(rig.person("mona"), "tour")[0]
        object.__setattr__(entry, "id", "second")
        object.__setattr__(entry, "subject", "another")
        book.entries.add(entry)
    rig.company(caps="2 per week")
    rig.approve(tour)
    rig.run(tour, days(2))
    assert rig.sent() == ["mona", "mona"]


def test_quiet_hours_put_off_to_the_person_s_morning(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.company(quiet='"21:00-09:00"')
    marketing(rig, echo)
    rig.clock.advance(timedelta(hours=10))  # 19:00 UTC, 22:00 in Riyadh and 21:00 in Cairo
    rig.submit("riyadh")
    rig.submit("cairo", contact={"country": "EG"})
    rig.submit("london", contact={"zone": "Europe/London"})
    rig.submit("nonsense", contact={"zone": "Asia"})
    rig.run(echo)
    assert rig.sent() == ["london"]
    assert [rig.entry(echo, who).due.hour for who in ("riyadh", "cairo", "nonsense")] == [6, 7, 6]
    rig.run(echo, timedelta(hours=12))
    assert sorted(rig.sent()) == ["cairo", "london", "nonsense", "riyadh"]


def test_what_is_put_off_for_longer_than_allowed_is_skipped(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    rig.policy(echo, more="max_defer: 12h")
    marketing(rig, tour, echo)
    rig.submit("mona")
    rig.run(tour)
    rig.run(echo)
    assert (rig.sent(), rig.states(echo)) == (["mona"], ["finished"])
    assert [one.reason for one in rig.effects(echo, Stage.SKIPPED)] == ["put off for too long: already 1 in 1 d"]


def told(effects: list[Effect], rig: Rig) -> list[tuple[str, ...]]:
    """Effects without the names that every run makes anew."""
    return sorted(
        (rig.address(one.contact_id), one.step, str(one.visit), one.action, one.state.value, one.reason, str(one.at)) for one in effects
    )


@pytest.mark.parametrize("trouble", ["its own faults", "stopped", "broken file", "unreadable letter"])
def test_a_flow_does_not_notice_what_happens_to_another(rig_of: MakeRig, trouble: str) -> None:
    results = []
    for beside in (False, True):
        rig = rig_of(tour, fragile)
        for n in range(20):
            rig.submit(f"t{n:02}", name=("Zero", "Nobody", "Odd", "Mona")[n % 4])
        if beside:
            disturb(rig, trouble)
        for wait in (0, 2, 1):
            rig.clock.advance(days(wait))
            for journey in (fragile, tour) if beside else (tour,):
                rig.run(journey)
        results.append((told(rig.effects(tour), rig), rig.states(tour)))
    assert results[0] == results[1]
    assert len(results[0][0]) == 60


def disturb(rig: Rig, trouble: str) -> None:
    match trouble:
        case "stopped":
            rig.switch(fragile, "off")
        case "broken file":
            rig.save(rig.policy_path(fragile), "switch: [")
        case "unreadable letter":
            rig.letter(fragile, "hello", decides="no such class")
        case _:
            pass  # every other person of `fragile` meets a fault in its step
