"""`offswitch retire`: says who is inside, takes two people and a time, and can be taken back until then."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result

from offswitch.clock import SystemClock
from offswitch.errors import Refused
from tests.cli.conftest import LINA, OMAR, Shop

Call = Callable[..., Result]


@pytest.fixture
def inside(shop: Shop) -> Shop:
    """Six are inside; one of them is Lina's."""
    shop.forms(*(f"p{n}" for n in range(6)))
    shop.pass_()
    return shop


def refusal(result: Result) -> str:
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def agreed(call: Call, *more: str) -> Result:
    call("retire", "welcome", "--by", LINA, "--why", "replaced", *more)
    return call("retire", "welcome", "--by", OMAR, *more)


@pytest.mark.usefixtures("inside")
def test_it_says_who_is_inside_and_who_holds_whom(call: Call) -> None:
    item = json.loads(call("worklist", "list", "--json").output)["items"][3]
    call("worklist", "take", item["id"], "--by", LINA)
    lines = call("retire", "welcome", "--look").output.splitlines()
    assert lines[:4] == [
        "welcome: 6 inside",
        "        6 at confirm, waiting",
        "        1 of them with people",
        f"  {item['name']}, taken by {LINA}",
    ]
    assert (len(lines), lines[-1]) == (9, "  …")


@pytest.mark.usefixtures("inside")
def test_one_person_alone_ends_nobody_s_journey(call: Call) -> None:
    assert "say why" in refusal(call("retire", "welcome", "--by", LINA))
    said = refusal(call("retire", "welcome", "--by", LINA, "--why", "replaced", "--after", "2h"))
    assert said.splitlines()[-1] == "  offswitch retire welcome --after 2h --by mariam@bayan.example"
    assert "It takes a second person" in refusal(call("retire", "welcome", "--by", LINA, "--why", "replaced"))
    assert json.loads(call("retire", "welcome", "--look", "--json").output)["retirement"] is None
    assert json.loads(call("worklist", "list", "--json").output)["items"]


def test_two_people_stop_it_and_the_way_back_is_said(inside: Shop, call: Call) -> None:
    inside.switch("on")
    lines = agreed(call).output.splitlines()
    assert (lines[-3], lines[-1]) == ("welcome stands still, and nobody enters.", "  offswitch retire welcome --undo")
    inside.pass_()
    assert inside.mailer.journal == []
    status = json.loads(call("status", "--json").output)["flows"]
    words = next(flow["in_the_way"] for flow in status if flow["flow"] == "welcome")
    assert any(f"retired by {LINA} and {OMAR}" in word for word in words)
    assert next(flow["held"] for flow in status if flow["flow"] == "welcome") == 6
    assert "retired by" in call("plan", "welcome").output


def test_on_doesn_t_undo_it(inside: Shop, call: Call) -> None:
    agreed(call)
    call("on", "welcome", "--by", LINA)
    assert "retired by" in refusal(call("on", "welcome", "--by", OMAR))
    inside.pass_()
    assert inside.mailer.journal == []


def test_undone_everything_goes_on(inside: Shop, call: Call) -> None:
    inside.switch("on")
    agreed(call)
    done = call("retire", "welcome", "--undo", "--by", LINA)
    assert (done.exit_code, done.output) == (0, "welcome is not retired: everybody stands where they stood\n")
    assert "is not being retired" in refusal(call("retire", "welcome", "--undo", "--by", LINA))
    assert call("on", "welcome", "--by", LINA).exit_code == 1
    with inside.project.ledger.read() as book:
        assert book.entries.places("welcome") == {("confirm", "waiting"): 6}


def test_when_its_time_has_come_the_command_ends_it_too(inside: Shop, call: Call) -> None:
    agreed(call, "--after", "1s")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _self: datetime.now(UTC) + timedelta(seconds=5))
        done = call("retire", "welcome", "--json")
        assert json.loads(done.output)["left"] == 6
        assert "the time to undo it is over" in refusal(call("retire", "welcome", "--undo", "--by", LINA))
        inside.forms("later")
        inside.pass_()
        found = json.loads(call("metrics", "welcome", "--json").output)["flows"][0]
    assert (found["exited"], found["refused"], found["lost"]) == ({"retired": 6}, {"the flow is retired": 1}, 0)
