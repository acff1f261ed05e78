"""What the fast builder writes is what Python's own parser reads, and nothing that people type can forge a header."""

import base64
import email
import email.policy
import re
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offswitch.errors import Permanent
from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, to_bytes
from offswitch.testing.fakes import make_letter

WHEN = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ONCE = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"]
SMUGGLED = "=?utf-8?q?Hi=0D=0ABcc=3A_victim=40example.com?="

words = st.text(max_size=120)
bodies = st.text(min_size=1, max_size=2000)


def built(**over: Any) -> bytes:
    return to_bytes(make_letter(reply_to="answers@example.org", **over), date=WHEN)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


def written(text: str) -> str:
    """How a body is read after its line ends were made one kind and half characters were replaced."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode().rstrip("\n")


def by_the_library(letter: Letter) -> EmailMessage:
    """The same letter built by email.message, from text that is already harmless."""
    message = EmailMessage()
    message["From"] = Address(harmless(letter.sender_name), addr_spec=letter.sender)
    message["To"] = Address(harmless(letter.to_name), addr_spec=letter.to)
    message["Subject"] = harmless(letter.subject)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return read(message.as_bytes(policy=email.policy.SMTP))


plain_names = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ .,'\"()<>@:;-\\محمدعلييوسف", max_size=14)
plain_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40)


@given(subject=plain_words, name=plain_names, text=plain_words, html=plain_words.filter(bool))
def test_it_reads_like_a_message_that_the_library_built(subject: str, name: str, text: str, html: str) -> None:
    letter = make_letter(subject=subject, to_name=name, text=text, html=html)
    ours, theirs = read(to_bytes(letter, date=WHEN)), by_the_library(letter)
    assert ours["subject"] == theirs["subject"]
    assert ours["from"].addresses == theirs["from"].addresses
    assert ours["to"].addresses == theirs["to"].addresses
    assert content(ours, "plain") == content(theirs, "plain")
    assert content(ours, "html") == content(theirs, "html")


@given(subject=words, name=words, text=bodies, html=bodies)
@example(subject=SMUGGLED, name=SMUGGLED, text=".", html="\x00")
@example(subject="a\r\nBcc: x@y.example", name="a\nBcc: x@y.example", text="a\r\n.\r\nMAIL FROM:<x@y.example>", html="\u2028")
@example(subject="\u202eevil", name='\\"', text="\ud800", html="--=_")
def test_whatever_people_type_it_stays_one_message_with_its_headers_once(subject: str, name: str, text: str, html: str) -> None:
    raw = built(subject=subject, to_name=name, sender_name=name, text=text, html=html)
    message = read(raw)
    assert raw.isascii()
    assert [len(message.get_all(header, [])) for header in ONCE] == [1] * len(ONCE)
    assert not {"bcc", "cc", "sender"} & {header.lower() for header in message}
    assert message["to"].addresses[0].addr_spec == "mona@example.com"
    assert len(message["to"].addresses) == len(message["from"].addresses) == 1
    assert content(message, "plain") == written(text)
    assert content(message, "html") == written(html)


@given(text=words)
def test_a_subject_arrives_letter_by_letter(text: str) -> None:
    assert read(built(subject=text))["subject"] == harmless(text).encode("utf-8", "replace").decode()


@given(text=words)
def test_no_encoded_word_holds_half_a_character(text: str) -> None:
    head = built(subject=text).partition(b"\r\n\r\n")[0].decode()
    for word in re.findall(r"=\?utf-8\?b\?([^?]*)\?=", head):
        assert len(word) <= 63
        base64.b64decode(word, validate=True).decode("utf-8")


@given(name=words)
def test_a_long_name_arrives_letter_by_letter_however_it_is_folded(name: str) -> None:
    raw = email.message_from_bytes(built(to_name=name), policy=email.policy.compat32)["To"]
    phrase = str(make_header(decode_header(raw.replace("\r\n", "")))).removesuffix("<mona@example.com>").strip()
    wanted = harmless(name).encode("utf-8", "replace").decode()
    assert phrase in (wanted, '"' + wanted.replace("\\", "\\\\").replace('"', '\\"') + '"', "mona@example.com")


@given(subject=words, name=words, text=bodies)
def test_no_line_is_longer_than_a_relay_carries(subject: str, name: str, text: str) -> None:
    head, _, body = built(subject=subject, to_name=name, text=text * 3).partition(b"\r\n\r\n")
    assert max(len(line) for line in head.split(b"\r\n")) <= 78
    assert max(len(line) for line in body.split(b"\r\n")) <= 900
    assert b"\n" not in (head + body).replace(b"\r\n", b"")
    assert b"\r" not in (head + body).replace(b"\r\n", b"")


@pytest.mark.parametrize("field", ["subject", "to_name", "sender_name"])
def test_an_encoded_word_typed_by_a_person_stays_the_text_it_is(field: str) -> None:
    message = read(built(**{field: SMUGGLED}))
    shown = {"subject": str(message["subject"]), "to_name": message["to"].addresses[0], "sender_name": message["from"].addresses[0]}[field]
    assert (shown if isinstance(shown, str) else shown.display_name).replace(" ", "") == SMUGGLED
    assert message["bcc"] is None


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\x85", "\r\n", "\u2028"])
def test_no_control_or_bidi_mark_stands_in_a_header(mark: str) -> None:
    message = read(built(subject=f"a{mark}b", to_name=f"a{mark}b"))
    assert mark not in str(message["subject"]) + str(message["to"])


def test_the_headers_of_a_marketing_letter() -> None:
    message = read(built())
    assert message["date"].datetime == WHEN
    assert message["message-id"] == "<e1.confirm.1@example.org>"
    assert message["list-unsubscribe"] == "<https://example.org/u/token>"
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["content-language"] == "en"
    assert message["auto-submitted"] == "auto-generated"
    assert message["reply-to"] == "answers@example.org"
    assert message.get_content_type() == "multipart/alternative"


def test_service_mail_has_no_unsubscribe_and_no_empty_headers() -> None:
    message = read(to_bytes(make_letter(unsubscribe="", language="", reply_to=""), date=WHEN))
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language", "Reply-To"} & set(message.keys())


def test_a_letter_without_html_is_plain_text() -> None:
    message = read(built(html="", text="Hello\n"))
    assert (message.get_content_type(), message.get_content()) == ("text/plain", "Hello\r\n")


def test_short_ascii_travels_as_it_is_and_the_rest_as_base64() -> None:
    ways = [read(built(text=text)).get_body(("plain",)) for text in ("Hello\n", "مرحبا\n", "x" * 901, "a\tb", "a\x00b")]
    assert [part["content-transfer-encoding"] for part in ways if part is not None] == ["7bit", "base64", "base64", "base64", "base64"]


def test_a_body_that_holds_the_boundary_does_not_end_its_part() -> None:
    boundary = read(built()).get_boundary()
    forged = f"Hello\n--{boundary}--\nbye"
    assert content(read(built(text=forged)), "plain") == forged


def test_the_date_keeps_its_offset() -> None:
    riyadh = datetime(2026, 11, 21, 12, 30, tzinfo=timezone(timedelta(hours=3)))
    assert b"Date: Sat, 21 Nov 2026 12:30:00 +0300\r\n" in to_bytes(make_letter(), date=riyadh)


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        *(({"to": to}, "contact") for to in ("a@b.c\r\nBcc: d@e.f", "a@b.c,d@e.f", "<a@b.c>", "a b@c.d", "a@b c.d", "a@", "@b", "a", "")),
        *(
            ({"to": to}, "contact")
            for to in ("=?utf-8?q?a?=@b.c", "a\u202eb@c.d", "a@b..c", "a@-b.c", "a" * 65 + "@b.c", "a..b@c.d", "a@\ud800.c")
        ),
        *(({"sender": to}, "system") for to in ("", "a@b.c\nX: y")),
        ({"reply_to": "a@b.c\nX: y"}, "system"),
        *(({"message_id": text}, "system") for text in ("", "a@b", "<a@b>\r\nBcc: c@d.e", "<a b@c>")),
        *(
            ({"unsubscribe": url}, "system")
            for url in ("javascript:alert(1)", "https://a.b/\r\nBcc: c@d.e", "https://a.b/>, <c", "https://a.b/ c")
        ),
        ({"language": "en\r\nBcc: c@d.e"}, "system"),
    ],
)
def test_what_can_not_be_made_harmless_is_refused_without_repeating_it(over: dict[str, str], fault: str) -> None:
    with pytest.raises(Permanent) as refused:
        to_bytes(make_letter(**over), date=WHEN)
    assert refused.value.fault == fault
    assert not any(value and value in str(refused.value) for value in over.values() if len(value) > 3)
