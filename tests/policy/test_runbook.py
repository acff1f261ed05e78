"""A runbook that a colleague can work by: on one sheet, in English or Arabic, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.policy.load import load_company, load_flow
from offswitch.policy.runbook import SAID, WORDS, Lack, lacks

POLICIES = Path(__file__).parents[2] / "policies"
ENGLISH = """\
When: a form has come in.
Who: the support team. By when: the same day.

1. Open the item.
2. Send the draft.

Decide: a large budget? Lina decides.
It ends: when the person has an answer.
"""
ARABIC = """\
متى: حين يصل نموذج.
المسؤول: فريق الدعم. المهلة: في اليوم نفسه.

١. افتح البند.
٢. أرسل المسودة.

القرارات: الميزانية الكبيرة تقررها لينا.
ينتهي: حين يصل الرد إلى الشخص.
"""
HEADINGS = "# When it begins\nx\n## Who does it\nx\n**SLA**\nx\n1) a\n2) b\n## Decisions\nx\n## It ends\nx\n"
PARTS = [("When:", Lack.TRIGGER), ("Who:", Lack.OWNER), ("By when:", Lack.DUE), ("Decide:", Lack.DECISIONS), ("It ends:", Lack.END)]
ARABIC_PARTS = [
    ("متى:", Lack.TRIGGER),
    ("المسؤول:", Lack.OWNER),
    ("المهلة:", Lack.DUE),
    ("القرارات:", Lack.DECISIONS),
    ("ينتهي:", Lack.END),
]


@pytest.mark.parametrize("flow", ["welcome", "diagnostic_triage", "donor_thanks"])
def test_the_shipped_runbooks_lack_nothing(flow: str) -> None:
    assert lacks(load_flow(POLICIES, flow, load_company(POLICIES)).runbook) == ()


@pytest.mark.parametrize("text", [ENGLISH, ARABIC, HEADINGS, ENGLISH.upper(), ENGLISH.replace("\n", " ")])
def test_it_is_recognised_by_first_words_and_headings(text: str) -> None:
    assert lacks(text) == ()


@pytest.mark.parametrize(("text", "word", "lack"), [(ENGLISH, *one) for one in PARTS] + [(ARABIC, *one) for one in ARABIC_PARTS])
def test_each_part_that_is_left_out_is_named(text: str, word: str, lack: Lack) -> None:
    assert lacks(text.replace(f"{word} ", "")) == (lack,)


def test_steps_have_numbers() -> None:
    assert lacks(ENGLISH.replace("2. ", "")) == (Lack.STEPS,)


def test_a_word_in_the_middle_of_a_step_is_no_heading() -> None:
    assert Lack.TRIGGER in lacks(ENGLISH.replace("When: a form", "A form").replace("2. Send", "2. When: never. Send"))


@pytest.mark.parametrize("step", ["Run the flow.", "`offswitch run welcome`", "شغّل المسار.", "شغل المسار."])
def test_no_step_is_to_run_the_tool(step: str) -> None:
    assert lacks(ENGLISH.replace("Send the draft.", step)) == (Lack.BY_HAND,)


@pytest.mark.parametrize(("more", "long"), [(52, False), (53, True)])
def test_sixty_lines_are_a_sheet(more: int, long: bool) -> None:
    assert lacks(ENGLISH + "x\n" * more) == ((Lack.SHORT,) if long else ())
    assert lacks(ENGLISH + "x" * 100 * (more - 1) + "y") == ((Lack.SHORT,) if long else ())


def test_every_lack_is_told_in_both_languages_and_every_word_counts() -> None:
    assert set(SAID) == set(Lack)
    for lack, words in WORDS.items():
        for word in words:
            assert lack not in lacks(f"{word.removesuffix('…')}: x"), word
