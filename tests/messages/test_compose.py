from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.messages.compose import compose, message_id
from offswitch.messages.letter import Letter
from offswitch.messages.render import MissingVariable
from offswitch.model.contact import Contact
from tests.messages.letters import SENDER, letter, sent, written


def test_marketing_mail_carries_its_unsubscribe_link_and_service_mail_has_none() -> None:
    offer, receipt = letter(written("Hello", purpose="marketing")), letter(written("Hello"))
    assert offer.unsubscribe == "https://bayan.example/u/1"
    assert '<a href="https://bayan.example/u/1"' in offer.html
    assert "Unsubscribe: https://bayan.example/u/1" in offer.text
    assert receipt.unsubscribe == ""
    assert "nsubscribe" not in receipt.html + receipt.text


def test_marketing_mail_without_a_way_out_is_not_sent() -> None:
    contact = Contact("c1", "ali@example.org")
    text = written("Hello", purpose="marketing")
    done = compose(text, contact=contact, variables={}, sender=SENDER, key="k", unsubscribe_url=None)
    assert done == MissingVariable("unsubscribe_url", "is needed in marketing mail")


def test_every_mail_says_who_writes_from_where_why_and_how_data_is_handled() -> None:
    done = letter(written("Hello"))
    for part in (done.html, done.text):
        for said in ("Huda Karimi, Bayan", "12 Garden Street", "You get this message because", "https://bayan.example/p"):
            assert said in part


def test_the_message_id_is_the_same_for_the_same_key_and_shows_nothing_of_it() -> None:
    one = message_id("entry\x1fconfirm\x1f1\x1fsend:confirm", "bayan.example")
    assert one == message_id("entry\x1fconfirm\x1f1\x1fsend:confirm", "bayan.example")
    assert one != message_id("entry\x1fconfirm\x1f2\x1fsend:confirm", "bayan.example")
    assert one.startswith("<")
    assert one.endswith("@bayan.example>")
    assert len(one) == len("<@bayan.example>") + 32


def test_the_digest_changes_with_recipient_subject_and_text() -> None:
    text = written("Hello {{ x }}", subject='"{{ y }}"')
    first = letter(text, x="a", y="b").digest
    assert first == letter(text, x="a", y="b").digest
    other_text, other_subject = letter(text, x="c", y="b").digest, letter(text, x="a", y="c").digest
    other_person = letter(text, x="a", y="b", email="b@example.org").digest
    assert len({first, other_text, other_subject, other_person}) == 4


NO_ADDRESS = ("", "ali", "a@b@c", "a@b.test,c@d.test", "a@b.test\r\nBcc: x@y.test", "Ali <a@b.test>", "a @b.test", "a@b.test\u202e")


@pytest.mark.parametrize("email", NO_ADDRESS)
def test_what_is_not_one_address_gets_no_letter(email: str) -> None:
    assert sent(written("Hello"), email=email) == MissingVariable("email", "is not an address that a letter can go to")


@pytest.mark.parametrize("variables", [{"anonymous": True}, {"event": {"anonymous": True}}])
def test_who_acts_anonymously_is_not_called_by_name(variables: dict[str, object]) -> None:
    text = written("Dear {{ first_name }},\n\nfrom {{ contact.name }}", more='fallback: {first_name: friend, contact.name: ""}\n')
    done = letter(text, name="Sara Haddad", **variables)
    assert "Sara" not in done.to_name + done.subject + done.text + done.html
    assert done.text.startswith("Dear friend,")


HOSTILE = st.text(alphabet=st.sampled_from(list('aع \r\n\0\x85\u2028\u202e:=?<>,"{}%')), max_size=30)


@given(name=HOSTILE, subject=HOSTILE, project=HOSTILE)
def test_no_value_can_begin_a_second_header(name: str, subject: str, project: str) -> None:
    more = "\r\nBcc: eve@evil.example"
    done = sent(INJECTED, name=name + more, title="t" + subject + more, event={"project": "p" + project})
    if isinstance(done, Letter):
        for header in (done.subject, done.to_name, done.sender_name, done.to, done.message_id, done.unsubscribe, done.reply_to):
            assert not any(sign in header for sign in "\r\n\0\x85\u2028\u202e"), header


INJECTED = written("Hello {{ event.project }}", subject='"{{ title }} {{ first_name }}"', more='fallback: {first_name: ""}\n')


def test_a_subject_in_disguise_stays_text() -> None:
    done = letter(written("Hello", subject='"{{ title }}"'), title="=?utf-8?q?Hi=0ABcc=3A_eve?=")
    assert done.subject == "=?utf-8?q?Hi=0ABcc=3A_eve?="
