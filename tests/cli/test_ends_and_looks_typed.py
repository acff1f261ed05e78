"""`off --until` and `review` as people type them, and what the reports say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result

from offswitch.errors import Refused
from offswitch.ledger.reviews import Review
from tests.cli.conftest import LINA, MARIAM, OMAR, Shop

Call = Callable[..., Result]


def status(call: Call) -> dict[str, object]:
    return next(flow for flow in json.loads(call("status", "--json").stdout)["flows"] if flow["flow"] == "welcome")


def test_a_stop_with_an_end_leaves_the_file_alone_and_says_so(shop: Shop, call: Call) -> None:
    shop.switch("on")
    before = shop.path.read_bytes()
    done = call("off", "welcome", "--until", "3d", "--why", "the hall has changed")
    assert (done.exit_code, shop.path.read_bytes()) == (0, before)
    assert done.stdout.endswith(" UTC; the file stays as it is\n")
    assert "that stays" in call("off", "welcome", "--until", "1d").stdout
    (stop,) = [one for one in status(call)["stops"] if one["source"] == "ledger"]  # type: ignore[attr-defined]
    assert (stop["reason"], datetime.fromisoformat(stop["until"]) > datetime.now(UTC) + timedelta(days=2)) == ("the hall has changed", True)
    assert "is off (ledger) until 20" in call("status").stdout
    call("off", "welcome")
    with shop.project.ledger.read() as book:
        assert [row.until for row in book.stops.now()] == [None]
    assert "off already, without an end" in call("off", "welcome", "--until", "3d").stdout


@pytest.mark.parametrize("text", ["2020-01-01", "soon", "2999-01-01", "0d"])
def test_an_end_that_is_none_is_wrong_usage_and_stops_nothing(shop: Shop, call: Call, text: str) -> None:
    done = call("off", "welcome", "--until", text)
    assert (done.exit_code, "Invalid value for --until: it is" in done.stderr) == (2, True)
    with shop.project.ledger.read() as book:
        assert book.stops.now() == []


def test_a_look_shows_figures_and_is_signed_by_who_may(shop: Shop, call: Call) -> None:
    path = shop.path
    path.write_text(path.read_text("utf-8").replace("minutes_per_item: 3 ", "review: 7d\nminutes_per_item: 3 ", 1), "utf-8")
    shop.approve()
    assert "nobody has reviewed it yet" in call("review", "welcome", "--look").stdout
    with shop.project.ledger.write() as book:
        book.reviews.sign(Review("welcome", OMAR, "", datetime.now(UTC) - timedelta(days=8)))
    assert "nobody has looked at it since" in call("status").stdout
    assert isinstance(call("review", "welcome", "--by", LINA).exception, Refused)
    done = call("review", "welcome", "--by", MARIAM, "--note", "all is well")
    assert (done.exit_code, "Signed. The next review is due on" in done.stdout) == (0, True)
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = call("review", "welcome", "--look").stdout
    assert f"reviewed by {MARIAM}: all is well" in " ".join(told.split())
    assert "nobody has looked" not in call("status").stdout
    review = status(call)["review"]
    assert isinstance(review, dict)
    assert (review["by"], datetime.fromisoformat(review["due"]) > datetime.now(UTC) + timedelta(days=6)) == (MARIAM, True)
    with shop.project.ledger.read() as book:
        assert "review" in book.stops.periods("welcome")  # no pass has seen it, but overdue it was
        assert (MARIAM, "reviewed welcome: all is well") in [(deed.by, deed.what) for deed in book.audit.deeds(5)]


def test_a_lifted_rule_is_in_every_report_and_check_names_one_that_is_over(shop: Shop, call: Call) -> None:
    today = datetime.now(UTC).date()
    by = f"by: [{MARIAM}, {OMAR}]"
    lines = [f"  - {{of: cap, {by}, on: {today}, until: {today + timedelta(days=1)}, why: a fair}}"]
    lines += [f"  - {{of: silence, {by}, on: 2025-03-01, until: 2025-03-02, why: a fair}}"]
    text = shop.path.read_text("utf-8").replace("minutes_per_item: 3 ", "overrides:\n" + "\n".join(lines) + "\nminutes_per_item: 3 ", 1)
    shop.path.write_text(text, "utf-8")
    shop.approve()
    for words in (["status"], ["metrics", "welcome"], ["readiness", "welcome"], ["plan", "welcome"], ["plan", "welcome", "--json"]):
        shown = " ".join(call(*words).stdout.split())
        assert f"cap lifted until {today + timedelta(days=1)} by" in shown, words
        assert "silence lifted" not in shown
    checked = call("check", "--json")
    assert "overrides[2] is over since 2025-03-02: silence holds again" in checked.stdout
