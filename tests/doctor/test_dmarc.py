"""Which DMARC policy holds, and which domains belong together, by the walk of RFC 9989."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.doctor.dmarc import aligned, tags_of, walk
from offswitch.model.finding import Level
from tests.doctor.records import DOMAIN, GOOD, Table, found, levels, mail

REJECT, NONE = "v=DMARC1; p=reject; rua=mailto:r@example.com", "v=DMARC1; p=none; rua=mailto:r@example.com"
LABEL = st.sampled_from(["a", "b", "mail", "example"])
DOMAINS = st.lists(LABEL, min_size=2, max_size=12).map(".".join)
RECORD = st.sampled_from([REJECT, NONE, "v=DMARC1; p=quarantine; sp=none; psd=n", "v=DMARC1; p=none; psd=y", "v=spf1 -all"])
TREES = st.dictionaries(DOMAINS | LABEL, st.lists(RECORD, max_size=2), max_size=6)


def table(**records: str) -> Table:
    return Table({f"_dmarc.{name.replace('_', '.')} TXT": [text] for name, text in records.items()})


@pytest.mark.parametrize(
    ("records", "organisation", "policy"),
    [
        ({}, "news.mail.example.com", ""),
        ({"example_com": REJECT}, "example.com", "reject"),
        ({"example_com": REJECT, "news_mail_example_com": NONE}, "example.com", "none"),
        ({"example_com": "v=DMARC1; p=reject; sp=quarantine"}, "example.com", "quarantine"),
        ({"mail_example_com": REJECT + "; psd=n", "example_com": NONE}, "mail.example.com", "reject"),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "example.com", "reject"),
        ({"com": "v=DMARC1; p=reject; psd=y", "example_com": NONE}, "example.com", "none"),
        ({"example_com": "v=DMARC1; rua=mailto:r@example.com"}, "example.com", "none"),
        ({"mail_example_com": REJECT, "example_com": "v=DMARC2; p=none"}, "mail.example.com", "reject"),
    ],
)
def test_the_walk_finds_the_organisation_and_its_policy(records: dict[str, str], organisation: str, policy: str) -> None:
    one = walk("news.mail.example.com", table(**records))
    assert (one.organisation, one.policy) == (organisation, policy)


def test_a_very_long_name_costs_eight_questions() -> None:
    answers = Table({})
    walk("a.b.c.d.e.f.g.h.i.j.mail.example.com", answers)
    assert answers.asked[:3] == [
        "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "_dmarc.g.h.i.j.mail.example.com",
        "_dmarc.h.i.j.mail.example.com",
    ]
    assert len(answers.asked) == 8
    assert answers.asked[-1] == "_dmarc.com"


@given(DOMAINS, DOMAINS, TREES)
def test_an_organisation_is_the_domain_or_above_it_and_alignment_has_no_side(one: str, other: str, tree: dict[str, list[str]]) -> None:
    answers = Table({f"_dmarc.{name} TXT": texts for name, texts in tree.items()})
    first, second = walk(one, answers), walk(other, answers)
    assert f".{one}".endswith(f".{first.organisation}")
    assert aligned(first, second) == aligned(second, first)
    assert aligned(first, first, strict=True)
    assert len(answers.asked) <= 16
    assert first.policy in {"", "none", "quarantine", "reject"}


@pytest.mark.parametrize("text", ["v=spf1 -all", "p=reject; v=DMARC1", "v=dmarc1; p=none", "", ";;", "DMARC1"])
def test_what_does_not_begin_with_the_version_is_no_record(text: str) -> None:
    assert tags_of(text) is None


def test_a_good_record_is_fine_and_a_missing_one_is_trouble() -> None:
    assert levels(found("DMARC", GOOD)) == [Level.FINE]
    (missing,) = found("DMARC", {})
    assert missing.level is Level.TROUBLE
    assert f"TXT _dmarc.{DOMAIN} v=DMARC1; p=none; rua=mailto:" in missing.todo


@pytest.mark.parametrize(
    ("record", "level", "said"),
    [
        ("v=DMARC1; p=none; rua=mailto:r@example.com", Level.ADVICE, "everybody may still send as you"),
        ("v=DMARC1; p=reject", Level.ADVICE, "nobody gets the reports"),
        ("v=DMARC1; p=reject; pct=20; rua=mailto:r@example.com", Level.ADVICE, "pct counts no longer"),
        ("v=DMARC1; p=reject; t=y; rua=mailto:r@example.com", Level.ADVICE, "only try the policy"),
        ("v=DMARC1; p=rejct; rua=mailto:r@example.com", Level.TROUBLE, "p= is no policy"),
    ],
)
def test_what_can_be_better_is_said(record: str, level: Level, said: str) -> None:
    findings = found("DMARC", {f"_dmarc.{DOMAIN} TXT": [record]})
    assert (level, True) in [(finding.level, said in finding.said) for finding in findings]


def test_pct_is_never_recommended() -> None:
    for record in ("v=DMARC1; p=none", "v=DMARC1; p=reject; pct=20", "v=DMARC1; p=reject; t=y"):
        assert not [one for one in found("DMARC", {f"_dmarc.{DOMAIN} TXT": [record]}) if "pct" in one.todo]
    assert not [one for one in found("DMARC", {}) if "pct" in one.todo]


def test_two_records_count_as_none() -> None:
    findings = found("DMARC", {f"_dmarc.{DOMAIN} TXT": [REJECT, NONE]})
    assert findings[0].said.startswith(f"_dmarc.{DOMAIN} has several records")
    assert levels(findings) == [Level.TROUBLE, Level.TROUBLE]


@pytest.mark.parametrize(
    ("return_path", "policy", "level"),
    [
        (f"send.{DOMAIN}", "v=DMARC1; p=reject", Level.FINE),
        (f"send.{DOMAIN}", "v=DMARC1; p=reject; aspf=s", Level.ADVICE),
        (f"send.{DOMAIN}", "no record", Level.UNKNOWN),
        (DOMAIN, "no record", Level.FINE),
        (DOMAIN, "v=DMARC1; p=reject; aspf=s", Level.FINE),
        ("bounces.provider.example", "v=DMARC1; p=reject", Level.ADVICE),
    ],
)
def test_spf_speaks_for_from_only_where_the_domains_belong_together(return_path: str, policy: str, level: Level) -> None:
    assert levels(found("alignment", {f"_dmarc.{DOMAIN} TXT": [policy]}, mail(return_path=return_path))) == [level]
