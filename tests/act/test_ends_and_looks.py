"""What ends by itself, what nobody has looked at, and what two people have lifted: in a whole project, without a burst."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.act.lifts import keep_lifts
from offswitch.act.report import Report
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.reviews import Review
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import COMPANY, Rig

OMAR = "omar@bayan.example"
FEW = "on_resume: {without_asking: 2, release: 3 per hour}"
PEOPLE = f"  {OMAR}: {{name: Omar Saleh, roles: [approver]}}\nteams:"
LIFT = f'overrides: [{{of: quiet_hours, by: [mariam@bayan.example, {OMAR}], on: 2025-03-03, until: 2025-03-04, why: "a fair"}}]'


def look(rig: Rig) -> Standing:
    with rig.ledger.read() as book:
        return rig.project.switchboard(tour).look(book)


def off_until(rig: Rig, span: timedelta, scope: str = "flow", name: str = "tour") -> None:
    with rig.ledger.write() as book:
        book.stops.add(scope, name, reason="a hall", by=OMAR, at=rig.clock.now(), until=rig.clock.now() + span)


def with_policy(rig: Rig, more: str) -> None:
    rig.policy(tour, more=more)
    rig.approve(tour)


@pytest.mark.parametrize("seen", [True, False], ids=["a pass has seen it", "no pass has"])
@pytest.mark.parametrize(("people", "after"), [(2, 2), (5, 0)])
def test_a_stop_whose_time_is_over_lets_little_go_on_and_much_waits(rig_of: MakeRig, seen: bool, people: int, after: int) -> None:
    rig = rig_of(tour)
    with_policy(rig, FEW)
    rig.run(tour)
    off_until(rig, days(1))
    rig.submit_all(*(f"p{n}" for n in range(people)))
    if seen:
        rig.run(tour, hours(23))
    assert rig.sent() == []
    rig.run(tour, hours(25))
    rig.run(tour)
    assert len(rig.sent()) == after
    assert any("offswitch on tour" in str(stop) for stop in look(rig).stops) is (after == 0)


def test_a_stop_of_everything_that_no_pass_has_seen_is_over_without_a_burst(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    with_policy(rig, FEW)
    rig.run(tour)
    rig.run(echo)
    off_until(rig, days(1), "company", "")
    rig.submit_all(*(f"p{n}" for n in range(5)))
    rig.run(echo, hours(25))  # the first pass of any flow ends it, and leaves each flow its off period
    rig.run(tour)
    assert [stop.source for stop in look(rig).stops] == ["waiting for people"]


def test_the_end_of_one_stop_resumes_nothing_that_another_one_stops(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    off_until(rig, days(1))
    rig.switch(tour, "off")
    rig.submit_all("mona")
    assert str(look(rig).stops[-1]).endswith("is off (ledger) until 2025-03-04 09:00 UTC: a hall")
    rig.run(tour, hours(25))
    assert (rig.sent(), [stop.source for stop in look(rig).stops]) == ([], ["tour.yaml"])


def test_a_flow_at_which_nobody_looks_falls_to_people_until_somebody_signs(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    with_policy(rig, f"review: 7d\n{FEW}")
    with rig.ledger.write() as book:
        book.reviews.sign(Review("tour", OMAR, "", rig.clock.now()))
    assert ("review tour", "tour: a review is due") not in [(name, text[:22]) for name, text in rig.run(tour).notices]
    told = [rig.run(tour, span).notices for span in (days(6), hours(23), hours(1))]
    assert [[name for name, _ in one] for one in told] == [["review tour"], ["review tour"], ["stop tour review"]]
    rig.submit_all(*(f"p{n}" for n in range(5)))
    rig.run(tour)
    assert (rig.sent(), look(rig).halt and look(rig).halt.rule) == ([], "review")  # type: ignore[union-attr]
    with rig.ledger.write() as book:
        book.reviews.sign(Review("tour", OMAR, "", rig.clock.now()))
    rig.run(tour)
    assert (rig.sent(), [stop.source for stop in look(rig).stops]) == ([], ["waiting for people"])


def test_a_lifted_rule_is_told_once_when_it_begins_and_once_when_it_ends(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    company = COMPANY.format(switch="on", quiet='"00:00-23:00"', caps="1000 per day").replace("teams:", PEOPLE)
    rig.save(rig.settings.policies / "company.yaml", company)
    rig.letter(tour, "hello", purpose="marketing")
    with_policy(rig, LIFT)
    rig.submit_all("mona")
    first, second = rig.run(tour), rig.run(tour)
    said = "quiet_hours lifted until 2025-03-04 by Mariam Haddad and Omar Saleh: a fair"
    assert (rig.sent(), first.notices, second.notices) == (["mona"], [("lifted tour quiet_hours", f"tour: {said}")], [])
    assert str(look(rig).lifted[0]) == said
    rig.submit_all("huda")
    over = rig.run(tour, hours(36))  # midnight of the last day in Riyadh
    assert (rig.sent(), look(rig).lifted) == (["mona"], ())
    assert over.notices == [("lifted tour quiet_hours", f"tour: over: {said}")]
    with rig.ledger.read() as book:
        deeds = [(row.by, row.what) for row in book.audit.rows() if "lifted" in row.what]
    assert deeds == [(f"mariam@bayan.example and {OMAR}", said), ("machine", f"holds again: {said}")]


def test_marks_of_workers_that_are_long_dead_go_with_their_rows(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.run(tour)
    with rig.ledger.read() as book:
        (before,) = [row.id for row in book.stops.live(rig.clock.now() - days(1))]
    marks = rig.settings.home / "marks"
    marks.mkdir(exist_ok=True)
    (marks / f"{before}.mark").touch()
    (marks / "somebody-else.mark").touch()
    rig.run(tour, days(31))
    assert [path.name for path in marks.glob("*.mark")] == ["somebody-else.mark"]


def test_two_workers_at_once_tell_of_a_lifted_rule_once(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(tour)
    company = COMPANY.format(switch="on", quiet="none", caps="1000 per day").replace("teams:", PEOPLE)
    rig.save(rig.settings.policies / "company.yaml", company)
    with_policy(rig, LIFT)
    fast, slow = Report(), Report()

    def overtaken() -> AbstractContextManager[Book]:
        monkeypatch.undo()
        keep_lifts(desk, fast)
        return rig.ledger.write()

    with rig.desk(tour) as desk:
        monkeypatch.setattr(rig.ledger, "write", overtaken)
        keep_lifts(desk, slow)
    assert (len(fast.notices), len(slow.notices)) == (1, 0)
