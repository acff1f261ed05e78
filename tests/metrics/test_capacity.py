"""How much work a flow would be if people did it by hand, and what that forbids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch import days
from offswitch.cli import rollout, status, verbs
from offswitch.errors import Refused
from offswitch.journey.graph import graph_of
from offswitch.ledger.work import WorkRow
from offswitch.metrics.capacity import by_hand
from offswitch.model.capacity import ByHand
from offswitch.model.entry import Entry
from offswitch.testing.unasked import ask_nothing
from tests.act.journeys import ring, tour
from tests.act.rig import START, Rig

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", tour)
    yield made
    made.close()


def day(rig: Rig, rung: int | None = None) -> ByHand:
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        policy = desk.switchboard.look(book).policy
        assert policy is not None
        return by_hand(book, tour, policy, rig.clock.now(), rung)


def test_the_sum_is_pending_and_newcomers_times_the_minutes_of_an_item() -> None:
    assert ByHand(40, 84.0, 7, 1.0, 2, 3, 0, 240).minutes == (40 + 84 * 2) * 3
    assert ByHand(40, 84.0, 7, 0.25, 2, 3, 0, 240).minutes == (40 + 21 * 2) * 3
    assert [ByHand(80, 0, 7, 1, 1, 3, 0, capacity).too_much for capacity in (239, 240, None)] == [True, False, False]


def test_what_is_due_within_a_day_is_pending_and_what_is_stored(rig: Rig) -> None:
    rig.submit_all("a", "b")
    assert day(rig).pending == 2
    rig.run(tour)
    assert day(rig).pending == 0, "the next step is due in two days"
    rig.clock.advance(days(1))
    assert day(rig).pending == 2


def test_newcomers_are_the_mean_of_seven_days_or_of_those_that_are_known(rig: Rig) -> None:
    rig.submit_all(*(f"p{n}" for n in range(6)))
    assert (day(rig).inflow, day(rig).days) == (6, 1)
    rig.clock.advance(days(3))
    assert (day(rig).inflow, day(rig).days) == (2, 3)
    rig.clock.advance(days(5))
    assert (day(rig).inflow, day(rig).days) == (0, 7)


def test_minutes_are_what_people_took_as_soon_as_five_items_were_timed(rig: Rig) -> None:
    with rig.ledger.write() as book:
        for n, minutes in enumerate((2, 9, 4, 30, 5)):
            book.entries.add(Entry(f"e{n}", "tour", f"c{n}", "hello", START, START))
            book.work.put(WorkRow(f"e{n}", "hello", 1, "", None, "done", "lina", START - days(80 if n else 89), "", minutes))
    assert (day(rig).per_item, day(rig).measured) == (5, 5)
    rig.clock.advance(days(2))
    assert (day(rig).per_item, day(rig).measured) == (3, 0), "one is older than 90 days, four are not enough"


@pytest.mark.parametrize(("outside", "share"), [("none", 0.05), ("worklist", 1.0)])
def test_outside_the_rollout_counts_only_where_people_do_it(rig: Rig, outside: str, share: float) -> None:
    rig.policy(tour, outside=outside, steps='5%", "50%')
    assert day(rig).share == share
    assert day(rig, 1).share == (0.5 if outside == "none" else 1.0)


def test_a_first_rung_of_a_number_lets_no_more_newcomers_in_than_are_left_of_it(rig: Rig) -> None:
    rig.save(
        rig.policy_path(tour), rig.policy_path(tour).read_text("utf-8").replace('["100%"]', "[{contacts: 3}]").replace("worklist", "none")
    )
    rig.submit_all(*(f"p{n}" for n in range(6)))
    assert day(rig).share == 0.5


@pytest.mark.parametrize(("journey", "steps"), [(welcome, 2), (diagnostic_triage, 3), (donor_thanks, 2), (tour, 1), (ring, 1)])
def test_the_first_day_of_a_newcomer_is_read_from_the_journey(journey: Any, steps: int) -> None:
    assert graph_of(journey).first_day == steps


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """The shipped flows with a rig's ledger, as commands see them."""
    made = Rig(tmp_path / "project", welcome)
    for module in (rollout, status):
        monkeypatch.setattr(module, "Project", lambda: made.project)
    object.__setattr__(made.settings, "flows", ROOT / "flows")
    text = (ROOT / "policies/company.yaml").read_text("utf-8")
    made.save(made.settings.policies / "company.yaml", text)
    made.save(made.policy_path(welcome), (ROOT / "policies/welcome.yaml").read_text("utf-8"))
    ask_nothing(made.settings.policies)
    return made


def step_up(to: int) -> str:
    words = ["rollout", "welcome", "--to", str(to), "--by", "omar@bayan.example", "--why", "all is well"]
    return CliRunner().invoke(verbs, words, catch_exceptions=False, standalone_mode=False).stdout


def test_the_rollout_goes_up_only_as_far_as_people_could_take_over(shipped: Rig) -> None:
    shipped.submit_all(*(f"p{n}" for n in range(20)))
    assert "-> 2. 5%" in step_up(2)  # (20 stored + 20 x 2) x 3 minutes are 180
    shipped.submit_all(*(f"q{n}" for n in range(10)))
    with pytest.raises(Refused, match=r"at step 3 \(20%\) people would have 270 minutes of work a day .* can take over 240"):
        step_up(3)
    shipped.save(shipped.policy_path(welcome), shipped.policy_path(welcome).read_text("utf-8").replace("capacity: 240 min", "# 240 min"))
    assert "-> 3. 20%" in step_up(3), "nobody has written a capacity"


def test_going_down_asks_for_no_capacity(shipped: Rig) -> None:
    step_up(2)
    shipped.submit_all(*(f"p{n}" for n in range(30)))
    assert "-> 1. 50 contacts" in step_up(1)


def test_status_tells_the_day_of_work_and_the_plan_its_sum(shipped: Rig) -> None:
    shipped.submit_all(*(f"p{n}" for n in range(5)))
    found = CliRunner().invoke(verbs, ["status"], catch_exceptions=False, standalone_mode=False).stdout
    assert "welcome: by hand today: 45 of 240 min/day" in found
    data = json.loads(CliRunner().invoke(verbs, ["status", "--json"], catch_exceptions=False, standalone_mode=False).stdout)
    assert [one["by_hand"] for one in data["flows"] if one["flow"] == "welcome"] == [{"minutes": 45, "capacity": 240}]
