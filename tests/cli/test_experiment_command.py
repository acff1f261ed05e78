"""`offswitch experiment`, and what check, plan and status say of experiments."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import ROOT, Shop

Call = Callable[..., Result]
EXPERIMENT = """
experiments:
  confirm:
    hypothesis: "A shorter answer gets more people to start the checklist."
    variants: [own, short]
    metric: goal
    within: 7d
    smallest_effect: 5%
    baseline: 20%
    owner: mariam@bayan.example
    starts: {starts}
    ends: {ends}
"""


@pytest.fixture
def trying(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], Shop]:
    """The shop with a second text of `confirm`, tried out from one day to another, counted from today."""
    messages = Path("messages").absolute()
    shutil.copytree(ROOT / "messages", messages)
    for language in ("en", "ar"):
        own = messages / "welcome" / f"confirm.{language}.md"
        own.with_name(f"confirm~short.{language}.md").write_text(own.read_text("utf-8").replace("subject: ", "subject: SHORT ", 1), "utf-8")
    monkeypatch.setenv("OFFSWITCH_MESSAGES", str(messages))

    def begin(first: int, last: int) -> Shop:
        days = [(datetime.now(UTC) + timedelta(days=day)).date() for day in (first, last)]
        shop.path.write_text(shop.path.read_text("utf-8") + EXPERIMENT.format(starts=days[0], ends=days[1]), "utf-8")
        shop.project.ledger.close()
        again = Shop()
        again.approve()
        return again

    return begin


def test_a_flow_that_tries_nothing_out_says_how(shop: Shop, call: Call) -> None:
    done = call("experiment", shop.journey.name)
    assert done.exit_code == 1
    assert "welcome tries nothing out: write `experiments:` in welcome.yaml" in str(done.exception)


def test_the_command_tells_question_texts_and_what_to_do_next(trying: Callable[[int, int], Shop], call: Call) -> None:
    shop = trying(-1, 30)
    shop.switch("on")
    shop.forms(*[f"p{n}" for n in range(8)])
    shop.pass_()
    done = call("experiment", "welcome")
    assert done.exit_code == 0, done.output
    assert "A shorter answer gets more people to start the checklist." in done.output
    assert "Too early to say: 0 of" in done.output
    assert max(map(len, done.output.splitlines())) <= 80
    (one,) = json.loads(call("experiment", "welcome", "--json").stdout)["experiments"]
    assert {text["text"] for text in one["texts"]} == {"own", "short"}
    assert sum(text["people"] for text in one["texts"]) == 8
    assert one["size"]["people"] > 1_000
    assert "open" not in json.dumps(one)


def test_check_names_variants_that_nobody_gets_and_experiments_that_nobody_has_learnt_from(
    trying: Callable[[int, int], Shop], call: Call
) -> None:
    advice = json.loads(call("check", "--json").stdout)["advice"]
    assert [one["what"] for one in advice if "confirm~short" in one["path"]] == ["nobody gets the variant 'short'"]
    trying(-40, -2)
    advice = json.loads(call("check", "--json").stdout)["advice"]
    assert [one["what"] for one in advice if one["line"] and "experiments" in one["what"]] == [
        f"experiments.confirm is over since {_day(-2)}, and nobody has written what was learnt (mariam@bayan.example)"
    ]
    assert "experiment confirm is over since" in " ".join(call("status").output.split())


def test_check_names_a_text_that_there_is_not_with_its_place(trying: Callable[[int, int], Shop], call: Call) -> None:
    shop = trying(-1, 30)
    shop.path.write_text(shop.path.read_text("utf-8").replace("[own, short]", "[own, shrt]").replace("  confirm:", "  confrm:"), "utf-8")
    (one,) = [one for one in json.loads(call("check", "--json").stdout)["problems"] if "experiments" in one["what"]]
    assert (one["what"], one["fix"].partition("?")[0]) == ("experiments.confrm is about no message of welcome", "did you mean confirm")
    shop.path.write_text(shop.path.read_text("utf-8").replace("  confrm:", "  confirm:"), "utf-8")
    (one,) = [one for one in json.loads(call("check", "--json").stdout)["problems"] if "experiments" in one["what"]]
    assert one["what"] == "experiments.confirm.variants[2] is shrt, which has no text"
    assert shop.path.read_text("utf-8").splitlines()[one["line"] - 1][one["column"] - 1 :].startswith("shrt")


def test_the_plan_shows_the_experiment_and_every_text_in_every_language(trying: Callable[[int, int], Shop], call: Call) -> None:
    trying(-1, 30)
    plan = json.loads(call("plan", "welcome", "--json").stdout)
    assert [(one["message"], one["state"], one["variants"]) for one in plan["experiments"]] == [("confirm", "running", ["own", "short"])]
    drafts = {(one["message"], one["language"]) for one in plan["samples"]}
    assert {("confirm", "en"), ("confirm", "ar"), ("confirm~short", "en"), ("confirm~short", "ar")} <= drafts
    assert any("not stable yet" in one["what"] for one in plan["warnings"])
    text = call("plan", "welcome").output
    assert "WHAT IS TRIED OUT" in text
    for language, words in (("en", "It runs now."), ("ar", "هي جارية الآن.")):
        page = Path(f"{language}.html")
        assert call("plan", "welcome", "--html", str(page), "--lang", language).exit_code == 0
        assert words in page.read_text("utf-8")


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
