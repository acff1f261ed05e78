"""Bad posts to declared sources, signed all the same: what each is answered, and that nothing of it is stored."""

from __future__ import annotations

import gzip
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from offswitch.testing.fakes import NOON, FrozenClock
from tests.serve.site import Site, project_in, served

SECRET = "a-secret-of-the-provider"
JSON = """\
signature: {kind: hmac, header: x-sig}
id: id
at: {from: at, as: iso}
event: {from: type, map: {gift: donation.succeeded, call: booking.created}}
contact: {email: email, name: name, language: language, country: country, zone: zone, phone: phone, fields: {company: company}}
consent: {from: news, wording: Send me news}
data:
  donation_id: gift
  amount: {from: amount, as: minor_units, currency: currency}
  booking_id: gift
  starts_at: starts
  message: message
  anonymous: {from: anonymous, as: yes_no}
  count: {from: count, as: number}
"""
FORM = "signature: {kind: hmac, header: x-sig}\nbody: form\nid: id\nevent: form.submitted\ncontact: {email: email}\n"
GOOD: dict[str, Any] = {"id": "g-1", "type": "gift", "email": "sara@example.com", "gift": "d-1", "amount": 100, "currency": "SAR"}
BOUNDARY = b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--b--\r\n'


def but(**changed: Any) -> bytes:
    return json.dumps(GOOD | changed).encode()


def raw(part: str) -> bytes:
    """A good body with one more part, byte for byte."""
    return but()[:-1] + b", " + part.encode() + b"}"


DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
UNREADABLE: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "blanks": (b" \n\t ", 400),
    "a mebibyte of blanks": (b" " * 1024 * 1024, 400),
    "a mebibyte and one": (b" " * (1024 * 1024 + 1), 413),
    "cut in the middle": (but()[:-10], 400),
    "two bodies": (but() + but(), 400),
    "deep objects": (DEEP, 400),
    "deep lists": (b"[" * 10_000 + b"]" * 10_000, 400),
    "33 levels": (b"[" * 33 + b"]" * 33, 400),
    "a key twice": (raw('"id": "g-2"'), 400),
    "a key twice inside": (raw('"x": {"a": 1, "a": 2}'), 400),
    "NaN": (raw('"x": NaN'), 400),
    "Infinity": (raw('"x": -Infinity'), 400),
    "1e999": (raw('"x": 1e999'), 400),
    "a number of 400 digits": (raw(f'"x": {"9" * 400}'), 400),
    "a lone surrogate": (raw(r'"name": "\ud800"'), 400),
    "latin-1": ('{"name": "José"}'.encode("latin-1"), 400),
    "utf-16": (but().decode().encode("utf-16"), 400),
    "windows-1256": ('{"name": "سارة"}'.encode("cp1256"), 400),
    "gzip": (gzip.compress(but()), 400),
    "zeros": (b"\0" * 100, 400),
    "single quotes": (b"{'id': 1}", 400),
    "a comma too many": (but()[:-1] + b",}", 400),
    "a comment": (b"/* */" + but(), 400),
    "HTML": (b"<html><body>502 Bad Gateway</body></html>", 400),
    "XML with an entity": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 400),
    "a web form": (b"id=1&email=sara%40example.com", 400),
    "a text": (b'"hello"', 422),
    "a number": (b"7", 422),
    "null": (b"null", 422),
    "true": (b"true", 422),
    "5,001 events": (b"[" + b"{}," * 5_000 + b"{}]", 422),
}
FORMS: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no equals sign": (b"hello", 400),
    "half an escape that is no text": (b"id=%ff&email=x", 400),
    "bytes that are no text": (b"id=\xff", 400),
    "10,000 fields": (b"&".join(b"f%d=1" % n for n in range(10_000)), 400),
    "JSON": (but(), 400),
}
WRONG: list[tuple[str, list[Any]]] = [
    ("email", [None, "", "nobody", "a@b@c", 7, True, ["a@example.com"], {}, "a@example.com,b@example.com", f"{'a' * 400}@example.com"]),
    ("email", ["sara@example.com\r\nBcc: all@example.com"]),
    ("id", [None, "", [], {}, True, 1.5, "x" * 201]),
    ("type", [None, [], {}, True, 1.5]),
    ("at", [5, [], {}, True, "soon", "2026-11-22", "2026-11-22T25:00:00Z", "2027-01-01T00:00:00Z"]),
    ("amount", [1.5, "x", [], {}, True, "1e400", "NaN", 10**19]),
    ("currency", [None, "", "XYZ", 5, [], {}]),
    *((part, [[], {}, True, 1.5]) for part in ("name", "language", "country", "zone", "phone")),
    ("zone", ["Mars/Olympus"]),
    ("gift", [None, [], {}]),
    ("anonymous", ["perhaps", ["a", "b"], {}]),
    ("count", ["many", [], {}, True]),
    ("message", ["x" * 20_001]),
    ("company", ["x" * 2_001, [[[[[[[["x"]]]]]]]], {f"f{n}": n for n in range(201)}, 2**63, {" ": 1}]),
]
REJECTED: list[dict[str, Any]] = [
    *({part: value} for part, values in WRONG for value in values),
    {"type": "call", "starts": "soon"},
    {"type": "call", "starts": []},
]


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "sources").mkdir()
    (folder / "sources/full.yaml").write_text(JSON, encoding="utf-8")
    (folder / "sources/form.yaml").write_text(FORM, encoding="utf-8")
    (folder / "sources/parts.yaml").write_text(FORM.replace("body: form", "body: multipart"), encoding="utf-8")
    secrets = {f"OFFSWITCH_HOOK_SECRET_{name}": SECRET for name in ("FULL", "FORM", "PARTS")}
    with served(project_in(folder, FrozenClock(NOON), environment=secrets, opened=True)) as site:
        yield site


def posted(site: Site, source: str, body: bytes, sort: str = "application/json") -> tuple[int, dict[str, Any]]:
    signed = hmac.digest(SECRET.encode(), body, "sha256").hex()
    answer = site.client.post(f"/hooks/{source}", content=body, headers={"x-sig": signed, "content-type": sort})
    assert "\n" not in answer.text
    return answer.status_code, answer.json()


def stored(site: Site) -> tuple[Any, ...]:
    return site.rows("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM contacts)")[0]


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_body_that_cant_be_read_is_refused(hooked: Site, case: str) -> None:
    body, status = UNREADABLE[case]
    before = stored(hooked)
    found, answer = posted(hooked, "full", body)
    assert (found, set(answer), stored(hooked)) == (status, {"error"}, before)


@pytest.mark.parametrize("case", FORMS)
def test_a_web_form_that_is_none_is_refused(hooked: Site, case: str) -> None:
    body, status = FORMS[case]
    before = stored(hooked)
    assert (posted(hooked, "form", body, "application/x-www-form-urlencoded")[0], stored(hooked)) == (status, before)


@pytest.mark.parametrize(
    ("body", "sort"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"no parts", "multipart/form-data; boundary=b"),
        (BOUNDARY, "multipart/form-data; boundary=c"),
        (BOUNDARY, "multipart/mixed; boundary=b"),
        (BOUNDARY, 'multipart/form-data; boundary=""'),
        (BOUNDARY.replace(b"1", b"\xff"), "multipart/form-data; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n', "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-A: x\r\n\r\n\r\n" * 5_000 + b"--b--", "multipart/form-data; boundary=b"),
    ],
)
def test_a_form_of_parts_that_is_none_is_refused(hooked: Site, body: bytes, sort: str) -> None:
    before = stored(hooked)
    assert (posted(hooked, "parts", body, sort)[0], stored(hooked)) == (400, before)


@pytest.mark.parametrize("changed", REJECTED, ids=lambda changed: str(changed)[:40])
def test_an_event_that_cant_be_taken_is_kept_for_a_person_and_not_stored(hooked: Site, changed: dict[str, Any]) -> None:
    before = stored(hooked)
    status, answer = posted(hooked, "full", but(**changed))
    assert (status, answer.get("rejected"), stored(hooked)) == (200, 1, before), answer
    assert "sara@example.com" not in str(answer["errors"])


def test_what_only_looks_bad_is_taken_as_the_text_that_it_is(hooked: Site) -> None:
    odd = {
        "name": "{{7*7}} \u202eevil\r\nBcc: x@example.com",
        "company": "=cmd|'/c calc'!A1",
        "language": "klingon",
        "country": "XX",
        "phone": "12",
    }
    status, answer = posted(hooked, "full", but(id="odd", email="odd@example.com", **odd))
    assert (status, answer) == (200, {"new": 1})
    [(name, country)] = hooked.rows("SELECT name, country FROM contacts WHERE address = 'odd@example.com'")
    assert (name, country) == ("{{7*7}} evil Bcc: x@example.com", "")


def test_the_body_that_all_these_are_made_of_is_good(hooked: Site) -> None:
    assert posted(hooked, "full", but(id="good")) == (200, {"new": 1})
    assert posted(hooked, "parts", BOUNDARY.replace(b'"id"', b'"email"'), "multipart/form-data; boundary=b")[1]["rejected"] == 1
    assert len(UNREADABLE) + len(FORMS) + len(REJECTED) > 100
