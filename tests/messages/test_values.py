from __future__ import annotations

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from offswitch.messages.values import LONGEST_NAME, called, clean, given

NO_NAMES = ["", "  ", "ali@example.org", "https://a.example", "www.shop.example", "buy-now.com", "x" * 61]
NO_NAMES += ["{{7*7}}", "{% x %}", "+966 55 123", "🎉", "\u202e"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_not_used_as_one(name: str) -> None:
    assert called(name) == ""


@pytest.mark.parametrize("name", ["Ali", "سارة", "O'Neill", "J.R. Tolkien", "*Ali* <b>", "Anne-Marie", "N'Golo", "李雷"])
def test_a_name_stays_as_its_owner_writes_it(name: str) -> None:
    assert called(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ali Hassan", "Ali"),
        ("Abd al-Rahman Haddad", "Abd al-Rahman"),
        ("Abd Al Rahman Haddad", "Abd Al Rahman"),
        ("Abdul Aziz Salem", "Abdul Aziz"),
        ("عبد الرحمن محمد", "عبد الرحمن"),
        ("عبدالله سالم", "عبدالله"),
        ("أبو بكر الصديق", "أبو بكر"),
        ("أم كلثوم", "أم كلثوم"),
        ("نور الدين حسن", "نور الدين"),
        ("Nur ad-Din Hasan", "Nur ad-Din"),
        ("محمد الأحمد", "محمد"),
        ("Dr. Huda Karimi", "Dr. Huda Karimi"),
        ("د. هدى كريمي", "د. هدى كريمي"),
        ("Karimi, Huda", "Huda"),
        ("Huda", "Huda"),
        ("", ""),
    ],
)
def test_people_are_spoken_to_by_their_given_name_with_compounds_whole(name: str, said: str) -> None:
    assert given(name) == said


@whatever(st.text())
def test_a_clean_text_is_one_line_without_anything_that_turns_or_hides(text: str) -> None:
    done = clean(text)
    assert not set(done) & set("\r\n\t\0\x1b\x85\u2028\u2029\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ufeff")
    assert done == clean(done)
    done.encode()


@whatever(st.text(max_size=100))
def test_a_name_in_use_is_short_and_part_of_what_was_given(name: str) -> None:
    used = called(name)
    assert len(used) <= LONGEST_NAME
    assert given(used) in used


def test_joiners_of_persian_and_emoji_stay() -> None:
    assert clean("می\u200cخواهم 👩\u200d🔬") == "می\u200cخواهم 👩\u200d🔬"
