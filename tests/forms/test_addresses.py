from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.forms.submission import read_submission
from offswitch.model.address import canonical_email
from offswitch.model.submission import Reject

NOW = datetime(2026, 11, 21, tzinfo=UTC)
REFUSED = "refused"
LONG_DOMAIN = ".".join(["d" * 61] * 3)

# The address as typed, and the key it is known by; or REFUSED. A "!" before the key means taken with a warning.
ADDRESSES = [
    ("sara@example.com", "sara@example.com"),
    ("Sara@Example.COM", "sara@example.com"),
    ("SARA@EXAMPLE.COM", "sara@example.com"),
    ("  sara@example.com\t", "sara@example.com"),
    ("sara+spring@example.com", "sara+spring@example.com"),
    ("s.a.r.a@example.com", "s.a.r.a@example.com"),
    ("sara_o'neil@example.com", "sara_o'neil@example.com"),
    ("1@example.com", "1@example.com"),
    ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ("x" * 65 + "@example.com", REFUSED),
    (f"{'x' * 63}@{LONG_DOMAIN}.co", f"{'x' * 63}@{LONG_DOMAIN}.co"),
    (f"{'x' * 64}@{LONG_DOMAIN}.com", f"{'x' * 64}@{LONG_DOMAIN}.com"),
    (f"{'x' * 64}@{LONG_DOMAIN}.comm", REFUSED),
    ("a@" + "d" * 64 + ".com", REFUSED),
    ("a..b@example.com", REFUSED),
    (".a@example.com", REFUSED),
    ("a.@example.com", REFUSED),
    ("a@example..com", REFUSED),
    ("a@.example.com", REFUSED),
    ("a@example.com.", REFUSED),
    ("a@-example.com", REFUSED),
    ("a@example", REFUSED),
    ("a@localhost", REFUSED),
    ("a@127.0.0.1", REFUSED),
    ("a@[127.0.0.1]", REFUSED),
    ("a@example.com, c@example.org", REFUSED),
    ("a@example.com;c@example.org", REFUSED),
    ("a@b@example.com", REFUSED),
    ("a b@example.com", REFUSED),
    ('"a b"@example.com', REFUSED),
    ("Sara <a@example.com>", REFUSED),
    ("mailto:a@example.com", REFUSED),
    ("a(comment)@example.com", REFUSED),
    ("@example.com", REFUSED),
    ("a@", REFUSED),
    ("a", REFUSED),
    ("", REFUSED),
    ("a@exa_mple.com", REFUSED),
    ("a\r\nbcc:b@example.com", REFUSED),
    ("sa\u202era@example.com", "sara@example.com"),
    ("sara\u200b@example.com", REFUSED),
    ("a@münchen.example.com", "a@xn--mnchen-3ya.example.com"),
    ("a@xn--mnchen-3ya.example.com", "a@xn--mnchen-3ya.example.com"),
    ("a@MÜNCHEN.example.com", "a@xn--mnchen-3ya.example.com"),
    ("a@mu\u0308nchen.example.com", "a@xn--mnchen-3ya.example.com"),
    ("مثال@مثال.امارات", "مثال@xn--mgbh0fb.xn--mgbaam7a8h"),
    ("محمد@example.com", "محمد@example.com"),
    ("a@ｅｘａｍｐｌｅ.com", "a@example.com"),
    ("a@example。com", "a@example.com"),
    ("\u0430@example.com", "!\u0430@example.com"),
    ("a@\u0430\u0440\u0440\u04cf\u0435.com", "!a@xn--80ak6aa92e.com"),
    ("a@xn--80ak6aa92e.com", "!a@xn--80ak6aa92e.com"),
    ("α@example.com", "!α@example.com"),
    ("💌@example.com", "💌@example.com"),
    ("rehearsal@hospital.test", "rehearsal@hospital.test"),
]


def test_the_catalogue_has_at_least_forty_addresses() -> None:
    assert len({address for address, _ in ADDRESSES}) == len(ADDRESSES) >= 40


@pytest.mark.parametrize(("address", "expected"), ADDRESSES, ids=[ascii(address)[:40] for address, _ in ADDRESSES])
def test_each_address_is_refused_or_known_by_the_key_beside_it(address: str, expected: str) -> None:
    raw = {"id": "1", "email": address}
    found = read_submission(raw, source="site", now=NOW, default_kind="form.submitted", known_kinds=["form.submitted"])
    if isinstance(found, Reject):
        assert expected == REFUSED, found.reason
        assert found.reason.startswith("email is ")
    else:
        assert ("!" if found.warnings else "") + canonical_email(found.email) == expected
