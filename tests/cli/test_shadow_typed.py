"""`offswitch shadow` and what `status`, `check`, `on` and `off` say of a dry run, as people type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result

from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.cli.conftest import LINA, Shop

Call = Callable[..., Result]


def by_hand(shop: Shop, *outcomes: str) -> None:
    """The first items in the list are answered so, one after another."""
    with shop.project.desk(shop.journey) as desk:
        for item, outcome in zip(worklist(desk, timedelta(0)), outcomes, strict=False):
            do(desk, item.id, Deed(LINA, outcome, note="she called and asked us to wait", entry_id=item.entry_id))


@pytest.fixture
def dry(shop: Shop, call: Call) -> Shop:
    """Four people came in a dry run; for two people did it, for one they would not."""
    shop.switch("dry-run")
    shop.forms("a", "b", "c", "d")
    assert call("run", "welcome", "--plain").exit_code == 0
    by_hand(shop, "done", "done", "skip")
    return shop


def test_the_comparison_is_told_in_words_and_as_json(dry: Shop, call: Call) -> None:
    assert dry.mailer.journal == []
    said = call("shadow", "welcome")
    assert max(map(len, said.output.splitlines())) <= 80
    assert "8 decisions about 4 people" in said.output
    assert "agreement: 67% of 3 messages and answers" in said.output
    assert "1 x she called and asked us to wait" in said.output
    found = json.loads(call("shadow", "welcome", "--json").output)
    assert found["schema"] == "offswitch.shadow/1"
    assert {name: count for name, count in found["counts"].items() if count} == {"both_sent": 2, "people_skipped": 1, "not_done_yet": 1}
    assert found["examples"]["people_skipped"][0]["shadow"]["subject"]


@pytest.mark.usefixtures("dry")
def test_the_mails_that_somebody_would_have_got_can_be_read(call: Call) -> None:
    said = call("shadow", "welcome", "--drafts", "a@example.com")
    assert said.output.count("Subject: ") == 1
    assert "To: a@example.com\nSubject: We have your message, Mona\n\nHello Mona," in said.output
    [found] = json.loads(call("shadow", "welcome", "--drafts", "a@example.com", "--json").output)["drafts"]
    assert (found["message"], found["language"]) == ("confirm", "en")
    assert found["text"] in said.output


@pytest.mark.usefixtures("dry")
def test_since_leaves_out_what_was_decided_before(call: Call) -> None:
    assert "nothing was decided" in call("shadow", "welcome", "--since", "2099-01-01").output
    assert call("shadow", "welcome", "--since", "7d", "--json").exit_code == 0
    assert call("shadow", "welcome", "--since", "soon").exit_code == 2


def test_status_and_check_know_the_word_and_on_says_that_the_dry_run_ends(dry: Shop, call: Call) -> None:
    assert "welcome: dry-run: 8 decided in shadow" in call("status").output
    assert "dry-run" not in call("check").output
    assert "its dry run ends" in call("on", "welcome", "--look").output
    assert call("off", "welcome").exit_code == 0
    assert "switch: off" in dry.path.read_text()
