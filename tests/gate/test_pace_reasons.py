"""What the rules of the pace say, in Arabic too."""

from __future__ import annotations

import re

import pytest

from offswitch.gate.reasons import reason_in, rule_in, why_in
from offswitch.policy.occasions import OccasionName

REASONS = {
    "weekend": "عطلة نهاية الأسبوع",
    "weekend in SA": "عطلة نهاية الأسبوع في SA",
    "blackout until 2027-03-03: الحداد": "لا رسائل تسويقية حتى 2027-03-03: الحداد",
    "eid_al_fitr until 2027-03-12, not confirmed": "عيد الفطر، حتى 2027-03-12، والتاريخ غير مؤكد",
    "national_day until 2027-09-23": "اليوم الوطني، حتى 2027-09-23",
    "5 begun already, at most 5 per minute": "بدأ إرسال 5، والحد 5 في الدقيقة",
    "5 begun already, at most 5 per 12h": "بدأ إرسال 5، والحد 5 خلال 12h",
    "silent: 4 messages without an answer": "لم يتفاعل بعد 4 رسائل",
    "2 messages without an answer: pauses grow 1.5x": "2 رسائل بلا تفاعل، فتطول المدة بينها 1.5 مرات",
    "the flow tour of the group education goes first": "المسار tour من المجموعة education قبله",
    "the flow tour goes first; room for 1 under 1 per day": "المسار tour قبله، والحد المشترك لا يتسع لغيره",
    "is in the flow tour of the same group": "هو في المسار tour من المجموعة نفسها",
    "put off for too long: weekend": "أُجّلت أطول من المسموح: عطلة نهاية الأسبوع",
}


@pytest.mark.parametrize(("english", "arabic"), REASONS.items())
def test_a_reason_is_told_in_arabic_with_its_numbers(english: str, arabic: str) -> None:
    assert reason_in("ar", english) == arabic
    assert reason_in("en", english) == english


@pytest.mark.parametrize("name", OccasionName)
def test_every_occasion_has_an_arabic_name(name: OccasionName) -> None:
    assert not re.search("[a-z]", reason_in("ar", f"{name.value} until 2027-03-12"))


@pytest.mark.parametrize("rule", ["calendar", "rate", "silence", "group", "priority", "exclusive group"])
def test_every_rule_has_an_arabic_name(rule: str) -> None:
    assert re.search("[\u0600-\u06ff]", rule_in("ar", rule))
    assert why_in("ar", f"{rule}: weekend").endswith(": عطلة نهاية الأسبوع")
