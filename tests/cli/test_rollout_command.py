"""`offswitch rollout` says what the next step waits for, and a named approver's release ends the stop of a guardrail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import Result

from offswitch.gate.standing import GUARDRAIL
from offswitch.intake.receive import receive
from offswitch.model.submission import Submission
from tests.cli.conftest import LINA, OMAR, Shop

Call = Callable[..., Result]
GUARDRAILS = "guardrails: {complaint: 0.1%, unsubscribe: 0.5%}\n"
STOPPED = "complaint 3 of 40 sends, too many for a ceiling of 0.1%"


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    text = shop.path.read_text("utf-8").replace("[100%]", "[50%, 100%]")
    shop.path.write_text(text.replace("\nlate:", f"\n{GUARDRAILS}late:"), "utf-8")
    assert GUARDRAILS in shop.path.read_text("utf-8")
    shop.approve()
    shop.switch("on")
    return shop


def complain(shop: Shop, *names: str) -> None:
    now = datetime.now(UTC)
    with shop.project.ledger.write() as book:
        for name in names:
            receive(book, Submission(f"c{name}", "message.complained", now, "t", f"{name}@example.com", {}, (), {}, name), now)


def stopped(shop: Shop) -> None:
    with shop.project.ledger.write() as book:
        book.stops.add("flow", "welcome", reason=STOPPED, by=GUARDRAIL, at=datetime.now(UTC), automatic=True)


def test_it_shows_what_the_next_step_waits_for_with_numbers(guarded: Shop, call: Call) -> None:
    guarded.forms(*"abcdefghijklmnopqrst")  # half of them get in, by chance: never none
    guarded.pass_()
    sent = len(guarded.mailer.journal)
    shown = call("rollout", "welcome").output
    assert "-> 1. 50%\n      the next step waits for:\n      ok  by itself\n" in shown
    assert "--  on this step for 0h of 24h" in shown
    assert f"--  0 of {sent} sends older than 48h; it takes 50%" in shown
    assert f"--  complaint 0 of {sent} sends, inconclusive: too few are old enough" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    found = json.loads(call("rollout", "welcome", "--json").output)["next"]
    assert {one["name"]: one["met"] for one in found}["turn"] is True


def test_only_an_approver_with_a_reason_releases(guarded: Shop, call: Call) -> None:
    def refusal(*words: str) -> str:
        return str(call("rollout", "welcome", "--release", *words).exception)

    assert "say why it may go on" in refusal("--by", OMAR)
    assert "lina@bayan.example is not an approver" in refusal("--by", LINA, "--why", "fixed")
    assert "no guardrail stops welcome" in refusal("--by", OMAR, "--why", "fixed")
    stopped(guarded)
    up = call("rollout", "welcome", "--to", "2", "--by", OMAR, "--why", "never mind")
    assert "a guardrail stops welcome: first `offswitch rollout welcome --release`" in str(up.exception)
    assert call("rollout", "welcome", "--release", "--by", OMAR, "--why", "fixed").exit_code == 0
    with guarded.project.ledger.read() as book:
        assert book.stops.now() == []
        assert book.history.rung_since("welcome") is not None
    assert "released from the stop of a guardrail: fixed" in " ".join(call("audit", "list", "--by", OMAR).output.split())


def test_switching_on_lists_the_stop_and_its_way_out_and_fails(guarded: Shop, call: Call) -> None:
    guarded.forms(*(f"p{n}" for n in range(80)))
    guarded.pass_()
    complain(guarded, *(letter.to.partition("@")[0] for _, letter in guarded.mailer.journal[:3]))
    guarded.pass_()
    done = call("on", "welcome", "--by", OMAR, "--yes")
    assert done.exit_code == 1
    assert "flow welcome is off (guardrail): complaint 3 of " in done.output
    assert "offswitch rollout welcome --release" in done.output
    status = call("status").output
    assert "welcome: guardrails: complaint 3 of " in status
    data = json.loads(call("status", "--json").output)["flows"]
    metrics = next(flow["guardrails"]["metrics"] for flow in data if flow["flow"] == "welcome")
    assert [one["finding"] for one in metrics] == ["breach", "inconclusive", "inconclusive"]
