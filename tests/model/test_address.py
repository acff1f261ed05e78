from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.model.address import canonical_email, looks_like_another


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sara@Example.com", "sara@EXAMPLE.COM"),
        ("caf\u00e9@example.com", "CAFE\u0301@example.com"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        (" a@example.com ", "a@example.com"),
        ("a@ｅｘａｍｐｌｅ.com", "a@example.com"),
        ("a@example。com", "a@example.com"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert canonical_email(one) == canonical_email(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a+x@example.com", "a@example.com"), ("a.b@example.com", "ab@example.com"), ("\u0430@b.co", "a@b.co")]
)
def test_addresses_that_may_be_two_mailboxes_keep_two_keys(one: str, other: str) -> None:
    assert canonical_email(one) != canonical_email(other)


@settings(max_examples=2_000)
@given(st.text() | st.tuples(st.text(), st.text()).map("@".join))
def test_the_key_of_a_key_is_the_key_and_nothing_crashes(text: str) -> None:
    key = canonical_email(text)
    assert canonical_email(key) == key


@pytest.mark.parametrize("address", ["sara@example.com", "محمد@example.com", "مثال@مثال.امارات", "李@example.com", "1@example.com"])
def test_one_script_or_scripts_that_nobody_confuses_give_no_warning(address: str) -> None:
    assert looks_like_another(address) == ""


def test_letters_that_look_alike_are_named_by_their_scripts() -> None:
    assert "(Cyrillic, Latin)" in looks_like_another("s\u0430ra@example.com")
