"""`offswitch readiness` from end to end: it says what is open and what to do first, asks, and writes down what people answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offswitch.cli import verbs
from offswitch.cli.output import _width as width
from offswitch.errors import ConfigError, Refused
from offswitch.gate.readiness import Grade, Reading, State
from offswitch.policy.drilled import path_of
from offswitch.policy.readiness import CUSTOMER, FOUR
from offswitch.project.files import Files
from offswitch.review.readiness_words import GRADES, ITEMS, READINGS, STATES
from tests.cli.conftest import LINA, MARIAM, OMAR, Shop

Call = Callable[..., Result]
ALL = "yes\ndocs/one.pdf\n" * 3 + "In their words\ninterviews\n" * 4


@pytest.fixture
def asked(shop: Shop) -> Shop:
    """The company asks every flow."""
    shutil.rmtree(shop.project.settings.policies / "readiness", ignore_errors=True)  # what somebody drilled here
    path = shop.project.settings.policies / "company.yaml"
    path.write_text(path.read_text("utf-8") + "readiness: {}\n", "utf-8")
    shop.approve()
    return shop


def tell(text: str, *words: str) -> Result:
    """The command, with answers from a pipe."""
    return CliRunner().invoke(verbs, ("readiness", "welcome", *words), input=text)


def verdict(call: Call, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call("readiness", "welcome", "--json", *words).output)
    return found


def states(call: Call) -> dict[str, str]:
    return {item["item"]: item["state"] for item in verdict(call)["items"]}


def drill(shop: Shop) -> None:
    subject = Files(shop.journey, shop.project.settings.policies, shop.project.library).said().subject
    assert subject is not None
    path = path_of(shop.project.settings.policies, "welcome")
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"drilled": datetime.now(UTC).isoformat(), "by": LINA, "passed": "yes", "digest": subject.digest, "quick": "no", "again": "x"}
    path.write_text("".join(f'{key}: "{value}"\n' for key, value in said.items()), "utf-8")


@pytest.mark.usefixtures("shop")
def test_where_nothing_is_asked_it_says_how_to_ask(call: Call) -> None:
    lines = call("readiness", "welcome").output.splitlines()
    assert lines[0] == "Nothing is asked of welcome: neither company.yaml nor welcome.yaml has a section readiness."
    assert "write `readiness: {}` into company.yaml" in lines[1]
    assert verdict(call)["asked"] is False


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("language", "head"), [("en", "READINESS OF welcome: blocked"), ("ar", "جاهزية المسار welcome: موقوف")])
def test_everything_open_is_named_with_what_it_means_and_what_to_do(call: Call, language: str, head: str) -> None:
    output = call("readiness", "welcome", "--lang", language).output
    lines = output.splitlines()
    assert lines[0].startswith(head)
    assert lines[-1] == "  offswitch readiness welcome --ask --by ADDRESS"
    assert max(map(width, lines)) <= 80
    flat = " ".join(output.split())
    for name in (*FOUR, *CUSTOMER, "runbook_known", "manual_runs"):
        words = ITEMS[name][language == "ar"]
        assert words.question in flat
        assert words.means in flat


@pytest.mark.usefixtures("asked")
def test_the_worst_item_reads_as_a_colleague_would_say_it(call: Call) -> None:
    lines = call("readiness", "welcome").output.splitlines()
    at = lines.index("  [missing] Did it work by hand often enough?")
    assert lines[at + 1 : at + 5] == [
        "    0 of 10 finished by hand",
        "    What it means: Never automate what has not worked by hand.",
        "    First, by hand: Leave the flow off: its work is on the list,",
        "      `offswitch worklist`. Do 10 more to the end.",
    ]


def test_answers_from_a_pipe_are_written_and_comments_stay(asked: Shop, call: Call) -> None:
    before = asked.path.read_text("utf-8")
    done = tell(ALL, "--ask", "--by", LINA)
    assert done.exit_code == 0, done.output
    after = asked.path.read_text("utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert after.splitlines()[-3:] == before.splitlines()[-3:]
    found = {name: state for name, state in states(call).items() if name in (*FOUR, *CUSTOMER)}
    assert found == dict.fromkeys((*FOUR, *CUSTOMER), "yes") | {FOUR[3]: "missing"}
    item = verdict(call)["items"][0]
    assert (item["by"], item["evidence"], item["answer"]) == ([LINA], "docs/one.pdf", "yes")
    assert "answered for readiness: manual_process_is_clear" in call("audit", "list", "--by", LINA, "--json").output


@pytest.mark.usefixtures("asked")
def test_it_asks_in_arabic_and_understands_the_answers(call: Call) -> None:
    done = tell("نعم\nملف\nغير متأكد\nملف\nلا\nملف\nيخافون الإزعاج\nمقابلات\n\n\n\n", "--ask", "--lang", "ar", "--by", LINA)
    assert done.exit_code == 0, done.output
    assert "ما الذي يقلق العميل فعليًا؟" in done.stderr
    found = states(call)
    assert [found[name] for name in (*FOUR[:3], "worry", "language")] == ["yes", "unsure", "no", "yes", "missing"]


@pytest.mark.usefixtures("asked")
def test_a_word_that_is_no_answer_is_asked_again_and_evidence_is_needed(call: Call) -> None:
    done = tell("perhaps\nyes\n\ndocs\n" + "\n" * 6, "--ask", "--by", LINA)
    assert done.exit_code == 0, done.output
    assert "answer yes, no or unsure" in done.stderr
    assert states(call)["manual_process_is_clear"] == "yes"


def test_answers_that_break_off_or_can_t_be_kept_leave_the_file_alone(asked: Shop) -> None:
    before = asked.path.read_bytes()
    assert tell("yes\ndocs\nyes\n", "--ask", "--by", LINA).exit_code == 1
    assert isinstance(tell("yes\na\x07b\n" + "\n" * 6, "--ask", "--by", LINA).exception, ConfigError)
    assert isinstance(tell(ALL, "--ask").exception, Refused)
    assert isinstance(tell(ALL, "--ask", "--by", "nobody@bayan.example").exception, Refused)
    assert "nothing is written" in tell("\n" * 7, "--ask", "--by", LINA).output
    assert asked.path.read_bytes() == before


def test_a_flow_that_was_never_asked_is_asked_from_now_on(shop: Shop, call: Call) -> None:
    assert "From now on readiness is asked of welcome" in tell(ALL, "--ask", "--by", LINA).stderr
    assert verdict(call)["verdict"] == "blocked"
    shop.approve()
    shop.switch("on")
    shop.forms("mona")
    shop.pass_()
    assert shop.mailer.journal == []


@pytest.mark.usefixtures("asked")
def test_two_of_the_team_say_that_they_know_the_runbook(call: Call) -> None:
    assert call("readiness", "welcome", "--ack", "--by", LINA).output.startswith(f"{LINA} knows the runbook (")
    call("readiness", "welcome", "--ack", "--by", LINA)
    assert states(call)["runbook_known"] == "missing"
    assert "is not in the team support" in str(call("readiness", "welcome", "--ack", "--by", MARIAM).exception)
    call("readiness", "welcome", "--ack", "--by", OMAR)
    assert states(call)["runbook_known"] == "yes"


def test_a_waiver_takes_two_people_and_every_report_says_so(asked: Shop, call: Call) -> None:
    wish = ("readiness", "welcome", "--waive-runs")
    assert "say why" in str(call(*wish, "--by", OMAR).exception)
    for _ in range(2):
        assert "It takes a second person" in str(call(*wish, "--by", OMAR, "--why", "a fair").exception)
    assert "not an approver" in str(call(*wish, "--by", LINA).exception)
    assert states(call)["manual_runs"] == "missing"
    until = (datetime.now(UTC) + timedelta(days=7)).date()
    done = call(*wish, "--by", MARIAM)
    assert done.exit_code == 0, done.output
    assert states(call)["manual_runs"] == "waived"
    assert f"waived until {until}" in call("readiness", "welcome").output
    said = f"by {OMAR} and {MARIAM}: a fair"
    assert said in call("status").output
    assert said in " ".join(call("plan", "welcome").output.split())
    assert "changed since approval: readiness.waiver" in call("status").output
    asked.approve()
    assert "changed since approval" not in call("status").output


def test_answered_in_full_the_flow_goes_live_by_the_commands_alone(asked: Shop, call: Call) -> None:
    tell(ALL, "--ask", "--by", LINA)
    for who in (LINA, OMAR):
        call("readiness", "welcome", "--ack", "--by", who)
    call("readiness", "welcome", "--waive-runs", "--by", OMAR, "--why", "a fair")
    call("readiness", "welcome", "--waive-runs", "--by", MARIAM)
    asked.approve()
    asked.forms("mona")
    assert "not ready: 1 of 12 are open" in str(call("on", "welcome", "--by", LINA).exception)
    asked.pass_()
    assert asked.mailer.journal == []
    drill(asked)
    assert verdict(call)["verdict"] == "eligible"
    assert call("on", "welcome", "--by", LINA).exit_code == 0
    asked.pass_()
    assert [letter.to for _, letter in asked.mailer.journal] == ["mona@example.com"]


@pytest.mark.usefixtures("asked")
def test_status_plan_and_approve_name_what_is_in_the_way(call: Call) -> None:
    said = "not ready: 10 of 12 are open, see `offswitch readiness welcome`"
    assert said in call("status").output
    plan = json.loads(call("plan", "welcome", "--by", LINA, "--json").output)
    assert {"what": said, "stays": True} in plan["in_the_way"]
    done = call("approve", "welcome", "--plan", plan["digest"], "--by", OMAR)
    assert done.output.splitlines()[-1] == f"First, though, welcome is {said}"


@pytest.mark.usefixtures("asked")
def test_one_thing_at_a_time(call: Call) -> None:
    assert call("readiness", "welcome", "--ask", "--ack", "--by", LINA).exit_code == 2
    assert isinstance(call("readiness", "welcom").exception, Refused)


def test_no_word_is_missing_in_either_language() -> None:
    for words, kinds in ((GRADES, Grade), (READINGS, Reading), (STATES, State)):
        assert set(words) == set(kinds)
        assert all(english and arabic for english, arabic in words.values())
    assert all(all(english) and all(arabic) for english, arabic in ITEMS.values())
