"""A condition is yes, no or unknown; what is not known is never a no, and what was checked never fails."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.policy.conditions import Condition, Holds, audience, check, condition, first, holds
from offswitch.policy.expression import Wrong, tree_of
from offswitch.policy.vocabulary import FieldKind, vocabulary_of

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIELDS = {"industry": FieldKind.TEXT, "employees": FieldKind.NUMBER, "vip": FieldKind.YES_NO, "since": FieldKind.DATE}
WORDS = vocabulary_of(FIELDS, (["ready", "later"], ["trust"], ["budget", "solo"]), ["ready"], ["awareness", "trust"])
GOOD: list[tuple[str, dict[str, Any], bool]] = [
    ("contact.country in ['SA', 'AE']", {"contact.country": "AE"}, True),
    ("contact.country != 'SA'", {"contact.country": "SA"}, False),
    ("score.points >= 70 && 'budget' in score.tags", {"score.points": 70, "score.tags": ["budget"]}, True),
    ("!('budget' in score.tags) || contact.vip", {"score.tags": ["budget"], "contact.vip": False}, False),
    ("contact.employees > 50", {"contact.employees": 50.5}, True),
    ("contact.employees in [1, 2.5]", {"contact.employees": 1.0}, True),
    ("contact.employees * 2.0 - 1.0 == 3.0", {"contact.employees": 2.0}, True),
    ("now - contact.since > days(30)", {"now": NOW, "contact.since": NOW - timedelta(days=30)}, False),
    ("now - contact.since >= hours(12) + days(1)", {"now": NOW, "contact.since": NOW - timedelta(hours=36)}, True),
    ("contact.since < date('2026-01-01')", {"contact.since": datetime(2025, 12, 31, 23, tzinfo=UTC)}, True),
    ("count.form_submitted + count.message_replied >= 3", {"count.form_submitted": 2, "count.message_replied": 1}, True),
    ("contact.industry.contains('مدرس') && size(score.tags) < 2", {"contact.industry": "مدرسة", "score.tags": []}, True),
    ("contact.name.startsWith('A') || contact.name.endsWith('Z')", {"contact.name": "Amina"}, True),
    ("has(contact.industry) && contact.industry == 'school'", {}, False),
    ("segment == 'ready' && stage != 'awareness'", {"segment": "ready", "stage": "trust"}, True),
    (
        "-score.points < 3 && entry.visit == 1 && entry.step in ['greet']",
        {"score.points": 1, "entry.visit": 1, "entry.step": "greet"},
        True,
    ),
]


@pytest.mark.parametrize(("text", "facts", "answer"), GOOD)
def test_a_condition_is_answered_from_the_facts(text: str, facts: dict[str, Any], answer: bool) -> None:
    one = condition(text)
    check(one, WORDS)
    assert holds(one, facts) == Holds(answer)


@pytest.mark.parametrize(
    ("text", "facts", "answer"),
    [
        ("contact.country == 'SA'", {}, Holds(None, "not known: contact.country")),
        ("contact.country != 'SA'", {}, Holds(None, "not known: contact.country")),
        ("!(stage == 'trust')", {}, Holds(None, "not known: stage")),
        ("contact.country == 'SA' && contact.vip", {"contact.country": "SA"}, Holds(None, "not known: contact.vip")),
        ("contact.vip && contact.country == 'SA'", {"contact.country": "EG"}, Holds(yes=False)),
        ("stage == 'trust' || contact.country == 'SA'", {"contact.country": "SA"}, Holds(yes=True)),
    ],
)
def test_what_is_not_known_is_unknown_only_where_it_matters(text: str, facts: dict[str, Any], answer: Holds) -> None:
    assert holds(condition(text), facts) == answer


def test_a_sum_beyond_all_numbers_is_unknown() -> None:
    one = condition("contact.since + days(36600) > now")
    assert holds(one, {"contact.since": datetime.max.replace(tzinfo=UTC), "now": NOW}).yes is None


def test_a_bare_name_is_a_segment() -> None:
    one = audience("not-ready")
    assert (one.text, str(one), holds(one, {"segment": "not-ready"})) == ('segment == "not-ready"', "not-ready", Holds(yes=True))


def test_the_first_that_holds_counts_and_an_unknown_one_before_it_stops_the_search() -> None:
    rules = [("rich", condition("contact.employees > 50")), ("vip", condition("contact.vip"))]
    assert first(rules, {"contact.employees": 51.0, "contact.vip": True}, "other") == ("rich", "")
    assert first(rules, {"contact.employees": 1.0, "contact.vip": True}, "other") == ("vip", "")
    assert first(rules, {"contact.employees": 1.0, "contact.vip": False}, "other") == ("other", "")
    assert first(rules, {"contact.vip": True}, "other") == ("", "not known: contact.employees")


def test_neither_the_library_s_command_line_nor_the_library_is_loaded_by_reading_a_condition() -> None:
    check(condition("contact.vip"), WORDS)
    assert "cel.cli" not in sys.modules


def refusal(text: str) -> Wrong | None:
    try:
        check(Condition(text, tree_of(text)), WORDS)
    except Wrong as wrong:
        return wrong
    return None


TEXTS = st.sampled_from(["contact.name", "contact.industry", "contact.source", "'x'", '"نص"'])
NUMBERS = st.recursive(
    st.sampled_from(["contact.employees", "2.5", "1.0"]), lambda one: st.builds("({} {} {})".format, one, st.sampled_from("+-*"), one)
)
WHOLES = st.recursive(
    st.sampled_from(["score.points", "size(score.tags)", "entry.visit", "7"]), lambda one: st.builds("-{} - {}".format, one, one)
)
SPANS = st.sampled_from(["days(3)", "hours(0)", "now - contact.since", "contact.since - now + days(1)"])
DATES = st.builds("{}{}".format, st.sampled_from(["now", "contact.since", "date('2026-02-28')"]), st.sampled_from(["", " - days(9)"]))
ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SIMPLE = st.one_of(
    st.builds("{} {} {}".format, TEXTS, st.sampled_from(["==", "!="]), TEXTS),
    *(st.builds("{} {} {}".format, part, ORDER, part) for part in (NUMBERS, WHOLES, SPANS, DATES)),
    st.builds("{} in ['a', {}]".format, TEXTS, TEXTS),
    st.builds("contact.name.{}({})".format, st.sampled_from(["contains", "startsWith", "endsWith"]), TEXTS),
    st.sampled_from(["contact.vip", "has(contact.vip)", "'budget' in score.tags"]),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda one: st.builds("{} {} {}".format, one, st.sampled_from(["&&", "||"]), one) | st.builds("!({})".format, one),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("contact.name", "contact.industry", "contact.source"), st.text(min_size=1, max_size=5)),
    "contact.employees": st.floats(-1e15, 1e15), "contact.vip": st.booleans(), "score.tags": st.just(["budget"]),
    **dict.fromkeys(("score.points", "entry.visit"), st.integers(-(10**9), 10**9)),
    **dict.fromkeys(("contact.since", "now"), st.datetimes(timezones=st.just(UTC))),
}  # fmt: skip


@given(CONDITIONS, st.fixed_dictionaries({}, optional=VALUES))
def test_what_the_checker_accepts_is_yes_or_no_unless_a_fact_is_unknown(text: str, facts: dict[str, Any]) -> None:
    if refused := refusal(text):
        assert "longer" in refused.what or "names no fact" in refused.what, text
        return
    one = condition(text)
    answer = holds(one, facts)
    extreme = "contact.since" in one.facts or "now" in one.facts  # a day before the year 1
    assert answer.yes is not None or one.facts - facts.keys() or extreme, (text, answer)


@given(st.text(st.sampled_from("ab.'\"()[]!&|<>=+-*,% 1٣“\n\\"), max_size=30))
def test_whatever_is_written_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    refused = refusal(text)
    assert refused is None or (0 <= refused.at <= len(text) and refused.what and refused.fix)
