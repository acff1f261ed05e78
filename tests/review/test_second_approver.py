"""The second name on an approval, and the numbers that call for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from offswitch.policy.approvals import Approval, Subject, load_approval, save_approval
from offswitch.policy.schema import Cap
from offswitch.policy.values import cap
from offswitch.review.approve import lacks_second
from offswitch.review.record import PlanRecord
from tests.review.conftest import Site

LINA, OMAR, MARIAM = "lina@bayan.example", "omar@bayan.example", "mariam@bayan.example"
DAY: Cap = cap("500 per day")


def test_a_second_approver_adds_a_name_and_no_time(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.run("approve", "welcome", "--plan", digest, "--by", OMAR)
    first = load_approval(site.policies, "welcome")
    assert site.json("approve", "welcome", "--plan", digest, "--by", MARIAM)["approvers"] == [OMAR, MARIAM]
    both = load_approval(site.policies, "welcome")
    assert first is not None
    assert both is not None
    assert (both.by, both.on, both.approvers) == (f"{OMAR}, {MARIAM}", first.on, (OMAR, MARIAM))
    assert site.json("approve", "welcome", "--plan", digest, "--by", OMAR)["approvers"] == [OMAR, MARIAM]
    rows: list[dict[str, str]] = json.loads(site.run("audit", "list", "--json"))
    said = [row["what"] for row in rows if row["by"] == MARIAM]
    assert said == [f"approved plan {digest}: by {OMAR} and {MARIAM}, asked for by {LINA}"]


def test_whoever_asks_for_it_afterwards_is_no_approver_any_more_beside_another(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.run("approve", "welcome", "--plan", digest, "--by", OMAR)
    planned("--by", OMAR)
    assert site.json("approve", "welcome", "--plan", digest, "--by", MARIAM)["approvers"] == [MARIAM]


def test_an_approval_that_is_over_begins_anew(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.run("approve", "welcome", "--plan", digest, "--by", OMAR)
    given = load_approval(site.policies, "welcome")
    assert given is not None
    save_approval(site.policies, "welcome", replace(given, on=(datetime.now(UTC) - timedelta(days=400)).isoformat()))
    assert "for 180d: read the plan again" in str(site.json("plan", "welcome")["in_the_way"])
    assert not site.json("plan", "welcome")["approval"]["valid"]
    assert site.json("approve", "welcome", "--plan", digest, "--by", MARIAM)["approvers"] == [MARIAM]


def test_more_messages_than_one_answers_for_call_for_a_second() -> None:
    subject = Subject("c", "t", {})
    record = PlanRecord(subject, "2026-05-03", (LINA,), ("s",), 700, 612)
    alone = Approval(subject, OMAR, LINA, "2026-05-03", 5)
    assert lacks_second(record, alone, DAY) == "612 messages at once: above 500 per day, a second approver has to say the same"
    assert lacks_second(record, Approval(subject, f"{OMAR}, {MARIAM}", LINA, "2026-05-03", 5), DAY) == ""
    assert lacks_second(PlanRecord(subject, "2026-05-03", (LINA,), ("s",), 700, 500), alone, DAY) == ""
