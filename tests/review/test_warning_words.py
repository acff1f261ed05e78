from __future__ import annotations

import re

import pytest

from offswitch.review.change_words import value_in
from offswitch.review.obstacles import in_words
from offswitch.review.warning_words import line_in, warning_in

FOUND = [
    "capacity is missing: nobody has said whether people could take this flow over",
    "write how much people can take over, such as `capacity: 240 minutes per day`",
    "up to 4 messages in seven days, from step 'confirm' on",
    "leave more time between them; `limits` may put some off",
    "'ask' asks for much (level 3 of 4) and names nothing that stands behind it",
    "write `proof:` in its head: a page, or a figure with its source",
    "'ask' asks for much (level 3 of 4) as early as 30 h after the beginning",
    "give something first, or ask for less",
    "no Arabic text of 'greet'",
    "no step leads to 'greet'",
    "welcome has no goal",
    "two calls to action in one plan: greet and value",
]


@pytest.mark.parametrize("text", FOUND)
def test_what_the_checks_find_is_told_in_arabic(text: str) -> None:
    told = warning_in("ar", text)
    assert re.search("[\u0600-\u06ff]", told)
    assert not re.search(r"\b(?:the|is|of|to|write|and names|no)\b", re.sub("`.*?`", "", told))
    assert warning_in("en", text) == text


def test_a_whole_line_keeps_its_place_in_a_file() -> None:
    assert (
        line_in("ar", "messages/x.ar.md:3:1: no Arabic text of 'x' (write it)") == "messages/x.ar.md:3:1: لا نص بالعربية للرسالة x (اكتبه)"
    )
    assert line_in("ar", "something else") == "something else"


def test_a_policy_s_values_are_told_in_arabic_part_by_part() -> None:
    assert value_in("ar", "2 per day, 3 per week") == "2 في اليوم، 3 في الأسبوع"
    assert value_in("ar", "Asia/Riyadh") == "Asia/Riyadh"
    assert value_in("en", "worklist") == "worklist"


def test_keys_in_what_stands_in_the_way_are_told_in_plain_words() -> None:
    said = "changed since approval: texts, rollout.steps"
    assert in_words("en", said) == "changed since approval: the texts of the mails; how the machine's share grows"
    assert in_words("ar", said) == "تغيّر بعد الاعتماد: نصوص الرسائل؛ خطوات التوسع"
