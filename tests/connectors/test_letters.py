"""What stands in a provider's fields: the send-once key as a tag that can be read back, mailboxes, and any text at all."""

import json
import re
from email.headerregistry import HeaderRegistry
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.letters.key_tag import shown_by, tag
from connectors.letters.written import as_letters, mailbox
from offswitch.errors import Permanent
from offswitch.model.entry import send_once_key, shown

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), min_size=1, max_size=12)


@given(NAMES, NAMES, st.integers(1, 99), NAMES)
def test_a_tag_has_only_letters_that_every_provider_takes_and_shows_the_key_again(entry: str, step: str, visit: int, action: str) -> None:
    key = send_once_key(entry, step, visit, action)
    found = tag(key, 1_000)
    assert re.fullmatch("[A-Za-z0-9_-]+", found)
    assert shown_by(found) == shown(key)


@given(st.text(min_size=100, max_size=200), st.text(min_size=100, max_size=200))
def test_long_keys_stay_apart_when_they_are_cut(one: str, other: str) -> None:
    assert len(tag(one, 80)) <= 80
    assert (tag(one, 80) == tag(other, 80)) is (tag(one, 10_000) == tag(other, 10_000))


@given(st.recursive(st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_any_text_makes_a_body_and_what_json_carries_comes_back(value: object) -> None:
    body = as_letters(value)
    whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(body.content) == json.loads(whole)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
def test_a_mailbox_with_any_name_is_one_mailbox(name: str) -> None:
    parsed: Any = HeaderRegistry()("To", mailbox(name, "mona@example.com", "contact"))
    assert [each.addr_spec for each in parsed.addresses] == ["mona@example.com"]
    assert not parsed.defects


@pytest.mark.parametrize("fault", ["contact", "system"])
def test_what_is_no_address_is_whose_fault_it_is(fault: str) -> None:
    with pytest.raises(Permanent) as found:
        mailbox("Mona", "mona at example", fault)
    assert found.value.fault == fault
