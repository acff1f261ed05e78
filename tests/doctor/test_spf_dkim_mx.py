"""SPF, DKIM and where replies go, from DNS answers given."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from offswitch.doctor import spf
from offswitch.doctor.senders import habits_of
from offswitch.model.finding import Level
from tests.doctor.records import DOMAIN, GOOD, Table, found, levels, mail

OWN = mail(habits=habits_of("smtp"))


def record(text: str, **others: str) -> dict[str, list[str]]:
    return {f"{DOMAIN} TXT": [text]} | {f"{name.replace('_', '.')} TXT": [value] for name, value in others.items()}


def test_good_records_are_fine() -> None:
    for look in ("SPF", "DKIM", "DMARC", "alignment", "replies"):
        assert levels(found(look, GOOD)) == [Level.FINE], look


@pytest.mark.parametrize(
    ("text", "level", "said"),
    [
        ("v=spf1 ip4:192.0.2.1 +all", Level.TROUBLE, "everybody may send as you"),
        ("v=spf1 all", Level.TROUBLE, "everybody may send as you"),
        ("v=spf1 ip4:192.0.2.1", Level.ADVICE, "what becomes of others"),
        ("v=spf1 ptr -all", Level.ADVICE, "ptr"),
        ("v=spf1 ip4:192.0.2.1 nonsense -all", Level.TROUBLE, "nobody understands: nonsense"),
        ("v=spf1 include:lost.example -all", Level.TROUBLE, "lost.example, which has no record"),
        ("v=spf1 a mx include:bayan.example -all", Level.TROUBLE, "in a circle"),
        ("v=spf10 -all", Level.TROUBLE, "there is no record"),
    ],
)
def test_what_is_wrong_with_spf_is_said(text: str, level: Level, said: str) -> None:
    findings = found("SPF", record(text), OWN)
    assert (level, True) in [(one.level, said in one.said) for one in findings], findings


def test_two_spf_records_count_as_none() -> None:
    (finding,) = found("SPF", {f"{DOMAIN} TXT": ["v=spf1 -all", "V=SPF1 ~all"]}, OWN)
    assert (finding.level, "several" in finding.said) == (Level.TROUBLE, True)


def test_look_ups_are_counted_through_includes_and_redirects() -> None:
    answers = Table(
        record(
            "v=spf1 include:one.example redirect=two.example",
            one_example="v=spf1 a mx exists:%{i}.x.example ~all",
            two_example="v=spf1 a -all",
        )
    )
    look = spf.look(DOMAIN, answers)
    assert (look.lookups, look.all, look.included) == (6, "-", {"one.example", "two.example"})
    many = record("v=spf1 " + " ".join(f"a:h{n}.bayan.example" for n in range(11)) + " -all")
    assert levels(found("SPF", many, OWN)) == [Level.TROUBLE, Level.FINE]


def test_the_providers_host_is_looked_for() -> None:
    (finding,) = found("SPF", record("v=spf1 ip4:192.0.2.1 -all"))
    assert (finding.level, "include:sendgrid.net" in finding.todo) == (Level.ADVICE, True)


def rsa_record(bits: int, tags: str = "v=DKIM1; k=rsa; ") -> str:
    public = rsa.generate_private_key(65537, bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"{tags}p={base64.b64encode(public).decode()}"


STRONG = rsa_record(2048)
ED25519 = base64.b64encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


@pytest.mark.parametrize(
    ("text", "level", "said"),
    [
        (STRONG, Level.FINE, "RSA, 2048 bits"),
        (STRONG.replace("p=", "p= ").replace("; ", " ;  "), Level.FINE, "RSA, 2048 bits"),
        (f"v=DKIM1; k=ed25519; p={ED25519}", Level.FINE, "Ed25519"),
        (rsa_record(1024), Level.ADVICE, "1024 bits"),
        (STRONG.replace("k=rsa", "t=y:s"), Level.ADVICE, "this is a test"),
        (STRONG[:200], Level.TROUBLE, "was it cut"),
        (f"v=DKIM1; k=ed25519; p={ED25519[:20]}", Level.TROUBLE, "no Ed25519 key"),
        ("v=DKIM1; p=", Level.TROUBLE, "revoked"),
        (STRONG.replace("DKIM1", "DKIM2"), Level.TROUBLE, "another version"),
    ],
    ids=["rsa", "spaces", "ed25519", "short", "test", "cut", "cut ed25519", "revoked", "version"],  # the keys differ in every run
)
def test_a_key_is_read_as_receivers_read_it(text: str, level: Level, said: str) -> None:
    (finding,) = found("DKIM", {f"s1._domainkey.{DOMAIN} TXT": [text]})
    assert (finding.level, said in finding.said) == (level, True), finding


def test_a_selector_that_was_named_must_be_there_and_others_can_not_be_guessed() -> None:
    assert [(one.level, "odd._domainkey" in one.said) for one in found("DKIM", {}, mail(selectors=("odd",)))] == [(Level.TROUBLE, True)]
    (finding,) = found("DKIM", {})
    assert (finding.level, "OFFSWITCH_DKIM_SELECTORS" in finding.todo) == (Level.UNKNOWN, True)


def test_a_key_under_the_domain_that_the_provider_sends_for_counts_too() -> None:
    about = mail(return_path=f"mg.{DOMAIN}", habits=habits_of("mailgun"))
    (finding,) = found("DKIM", {f"mailo._domainkey.mg.{DOMAIN} TXT": [STRONG]}, about)
    assert (finding.about, finding.level) == (f"DKIM of mg.{DOMAIN}", Level.FINE)


@pytest.mark.parametrize(
    ("records", "level"),
    [
        ({f"{DOMAIN} MX": ["0 ."]}, Level.TROUBLE),
        ({f"{DOMAIN} MX": ["10 mx.example."]}, Level.FINE),
        ({f"{DOMAIN} AAAA": ["2001:db8::1"]}, Level.ADVICE),
        ({}, Level.TROUBLE),
    ],
)
def test_replies_must_be_able_to_arrive(records: dict[str, list[str]], level: Level) -> None:
    assert levels(found("replies", records)) == [level]


def test_each_domain_of_ours_is_asked_about_once() -> None:
    answers = Table(GOOD | {"desk.example MX": ["1 mx.desk.example."], f"em.{DOMAIN} A": ["192.0.2.1"]})
    said = [one.about for one in found("replies", answers, mail(return_path=f"em.{DOMAIN}", reply_to="desk.example"))]
    assert said == ["desk.example, for answers", f"{DOMAIN}, for mail to the sender", f"em.{DOMAIN}, for bounces"]


@pytest.mark.parametrize("look", ["SPF", "DKIM", "DMARC", "alignment", "replies"])
def test_a_name_server_that_is_silent_proves_nothing(look: str) -> None:
    silent = Table(GOOD, silent={DOMAIN, f"_dmarc.{DOMAIN}", f"s1._domainkey.{DOMAIN}"})
    assert levels(found(look, silent)) == [Level.UNKNOWN]
