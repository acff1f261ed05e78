"""What `status` and `check` say of occasions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import Result

from offswitch.cli import status
from offswitch.project.project import Project
from offswitch.testing.fakes import FrozenClock
from tests.cli.conftest import Shop

FEASTS = "occasions: [{name: eid_al_fitr, countries: [SA, AE], days: 3}]\n"


def company_says(shop: Shop, lines: str) -> None:
    path = shop.project.settings.policies / "company.yaml"
    path.write_text(path.read_text("utf-8") + lines, "utf-8")


@pytest.mark.parametrize(("today", "told"), [("2027-02-06", False), ("2027-02-20", True)])
def test_status_names_the_feast_that_nobody_has_confirmed(
    shop: Shop, call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, today: str, told: bool
) -> None:
    company_says(shop, FEASTS)
    clock = FrozenClock(datetime.fromisoformat(today).replace(tzinfo=UTC))
    monkeypatch.setattr(status, "Project", lambda: Project(clock=clock))
    line = "not confirmed: eid_al_fitr, about 2027-03-09; see occasions in company.yaml"
    assert call("status").output.count(line) == told
    flows = json.loads(call("status", "--json").output)["flows"]
    assert {len(flow["not_confirmed"]) for flow in flows} == {int(told)}


def test_check_names_a_country_whose_calendar_does_not_know_the_day(shop: Shop, call: Callable[..., Result]) -> None:
    company_says(shop, "occasions: [{name: founding_day, countries: [SA, EG]}]\n")
    result = call("check")
    assert result.exit_code == 1
    assert "occasions[1].countries has EG, whose calendar doesn't know this occasion (write its days in `dates`" in result.output


def test_check_is_content_with_a_feast_that_nobody_has_confirmed(shop: Shop, call: Callable[..., Result]) -> None:
    company_says(shop, FEASTS)
    assert "occasions" not in call("check").output
