"""A plan says in which case the flow stops by itself, in numbers that a reviewer can check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.gate.reasons import why_in
from offswitch.metrics.e_process import stop_at
from offswitch.project.plan import make_plan
from offswitch.review.document import as_json
from offswitch.review.guardrails import SENTENCES, SIZES
from offswitch.review.page import as_html
from offswitch.review.show import as_text
from tests.act.journeys import echo
from tests.act.rig import Rig

GUARDRAILS = "guardrails: {complaint: 0.1%, unsubscribe: 0.5%, bounce: 2%, on_breach: step_back}"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", echo)
    made.policy(echo, more=GUARDRAILS, steps='5%", "100%')
    yield made
    made.close()


def test_the_terminal_shows_the_table_and_what_it_can_see(rig: Rig) -> None:
    text = as_text(make_plan(rig.project, echo))
    part = text[text.index("WHAT STOPS IT BY ITSELF") :].partition("\n\n")[0]
    numbers = {line.split()[0]: line.split()[1:] for line in part.splitlines() if re.match(r"  [a-z-]+ +\d", line)}
    assert numbers["complaints"] == ["3", "3", "4", "5", "6", "8", "14"] == [f"{stop_at(1_000, 3, sends)}" for sends in SIZES]
    assert "twice as much is seen after 21,040 sends, three times after 6,080" in " ".join(part.split())
    assert "one step back" in part
    assert "grows by itself" in part
    assert max(map(len, part.splitlines())) <= 80


def test_without_guardrails_it_says_so(rig: Rig) -> None:
    rig.policy(echo, more="")
    plan = make_plan(rig.project, echo)
    assert SENTENCES["none"][0] in " ".join(as_text(plan).split())
    assert as_json(plan)["guardrails"] is None
    assert SENTENCES["none"][1] in as_html(plan, "ar")


def test_the_pages_show_the_same_in_both_languages(rig: Rig) -> None:
    plan = make_plan(rig.project, echo)
    english, arabic = as_html(plan), as_html(plan, "ar")
    row = '<tr><th scope="row"><bdi>1,000</bdi></th><td class="n"><bdi>6</bdi></td>'
    assert row in english
    assert row in arabic
    assert "السقف 0.1%" in arabic
    assert not [sentence for sentence, _ in SENTENCES.values() if sentence in arabic]


def test_every_sentence_says_the_same_in_both_languages() -> None:
    assert all(re.search("[\u0600-\u06ff]", arabic) for _, arabic in SENTENCES.values())
    assert all(set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", arabic)) for english, arabic in SENTENCES.values())


@pytest.mark.parametrize(
    ("why", "arabic"),
    [
        ("holdout: never enters, for comparison", "مجموعة المقارنة: لا يدخل أبدًا، للمقارنة"),
        ("rollout: waits for thanks: it is on step 1 of 5", "التوسع: ينتظر المسار thanks: هو في الخطوة 1 من 5"),
        ("rollout: waits for thanks: less than 14d on its last step", "التوسع: ينتظر المسار thanks: أقل من 14d في خطوته الأخيرة"),
        (
            "stop: flow echo is off (guardrail): bounce 8 of 100 sends, too many for a ceiling of 2%; a named approver ends it: `…`",
            "إيقاف: المسار echo متوقف (حاجز أمان): لا ينهيه إلا معتمِد باسمه: ارتداد: 8 من 100 رسالة، والسقف 2%",
        ),
    ],
)
def test_its_reasons_are_told_in_arabic_too(why: str, arabic: str) -> None:
    assert why_in("ar", why) == arabic


def test_other_tools_get_the_numbers(rig: Rig) -> None:
    found = as_json(make_plan(rig.project, echo))["guardrails"]
    assert (found["on_breach"], found["grows_by_itself"]) == ("step_back", True)
    assert found["metrics"]["bounce"] == {
        "ceiling": "2%",
        "stop_at": {str(sends): stop_at(20_000, 3, sends) for sends in SIZES},
        "sees": {"2x": 1_018, "3x": 288},
    }
