"""Who is believed: providers' own vectors and code on the other side, and laws that hold for every kind."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import resend
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from connectors.inbound.replay import Seen
from connectors.inbound.scheme import SCHEMES
from connectors.inbound.verify import verify
from offswitch.model.post import Post
from offswitch.model.refusal import Refusal
from tests.connectors.signing import BASE64, BODY, NOW, SENDERS, TEXT, TIMED, Sender, mailgun

# sendgrid-python, test/unit/test_eventwebhook.py
SENDGRID_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
SENDGRID_SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
SENDGRID_BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":'
    b'"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-'
    b'5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)
SENDGRID_NAME = "x-twilio-email-event-webhook"


def sendgrid_says(body: bytes) -> Post:
    return Post(body, {f"{SENDGRID_NAME}-signature": SENDGRID_SIGNATURE, f"{SENDGRID_NAME}-timestamp": "1600112502"})


def believed(kind: str, post: Post, *secrets: str, now: datetime = NOW) -> str:
    sender = SENDERS.get(kind, Sender(TEXT, lambda *_: {}))
    return verify(SCHEMES[kind], post, secrets or (sender.secret,), now, sender.url).id


def refused(kind: str, post: Post, *secrets: str, now: datetime = NOW) -> Refusal:
    with pytest.raises(Refusal) as caught:
        believed(kind, post, *secrets, now=now)
    return caught.value


@pytest.mark.parametrize("kind", SENDERS)
def test_what_the_provider_signed_is_believed(kind: str) -> None:
    first = believed(kind, SENDERS[kind].post())
    assert first == believed(kind, SENDERS[kind].post())  # the id is the same when it comes again


def test_sendgrids_own_vector_is_believed_with_its_last_line_break_and_not_without() -> None:
    at = datetime.fromtimestamp(1600112502, UTC)
    assert believed("sendgrid", sendgrid_says(SENDGRID_BODY), SENDGRID_KEY, now=at)
    assert refused("sendgrid", sendgrid_says(SENDGRID_BODY.rstrip()), SENDGRID_KEY, now=at).status == 401
    assert EventWebhook(SENDGRID_KEY).verify_signature(SENDGRID_BODY.decode(), SENDGRID_SIGNATURE, "1600112502")


def test_an_event_of_2020_verifies_at_sendgrid_and_not_here() -> None:
    assert "1560 minutes" in refused("sendgrid", sendgrid_says(SENDGRID_BODY), SENDGRID_KEY).message


def test_hubspots_own_vector_is_believed() -> None:  # hubspot-api-python, tests/spec/utils/test_signature.py
    post = Post(
        b"{'example_field':'example_value'}",
        {"x-hubspot-signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=", "x-hubspot-request-timestamp": "15000000"},
    )
    at = datetime.fromtimestamp(15000, UTC)
    verify(SCHEMES["hubspot"], post, ["yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"], at, "https://www.example.com/webhook_uri")


@pytest.mark.parametrize(("came", "signed"), [("a=%3Ab%2Fc%3Fd%40e", "a=:b/c?d@e"), ("q=%D8%B3&x=%20y", "q=%D8%B3&x=%20y")])
def test_hubspot_decodes_some_escapes_in_the_address_before_it_signs(came: str, signed: str) -> None:
    from hubspot.utils.signature import Signature

    stamp = str(int(NOW.timestamp() * 1000))
    signature = Signature.get_signature(TEXT, BODY.decode(), "v3", f"https://mail.bayan.example/hooks/x?{signed}", "POST", stamp)
    post = Post(BODY, {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp}, came)
    verify(SCHEMES["hubspot"], post, [TEXT], NOW, "https://mail.bayan.example/hooks/x")


def test_stripe_and_resend_believe_what_we_believe() -> None:
    at = datetime.now(UTC)
    headers = SENDERS["stripe"].post(b'{"object": "event"}', at).headers["stripe-signature"]
    assert stripe.Webhook.construct_event('{"object": "event"}', headers, SENDERS["stripe"].secret)
    given = SENDERS["resend"].post(at=at).headers
    names = {"id": given["svix-id"], "timestamp": given["svix-timestamp"], "signature": given["svix-signature"]}
    resend.Webhooks.verify({"payload": BODY.decode(), "headers": names, "webhook_secret": BASE64})  # type: ignore[typeddict-item]


@pytest.mark.parametrize("kind", SENDERS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_changed_byte_is_refused(kind: str, data: st.DataObject) -> None:
    post = SENDERS[kind].post()
    place = data.draw(st.integers(0, len(BODY) - 1))
    changed = BODY[:place] + bytes([BODY[place] ^ data.draw(st.integers(1, 255))]) + BODY[place + 1 :]
    assert refused(kind, Post(changed, post.headers)).status == 401


@pytest.mark.parametrize("kind", SENDERS)
def test_a_changed_header_is_refused(kind: str) -> None:
    headers = SENDERS[kind].post().headers
    for name, value in headers.items():
        place = value.find("v1=") + 3 if "v1=" in value else len(value) // 2
        changed = value[:place] + ("1" if value[place] != "1" else "2") + value[place + 1 :]
        assert refused(kind, Post(BODY, {**headers, name: changed})).status == 401


@pytest.mark.parametrize("kind", SENDERS)
def test_nothing_is_believed_without_its_headers_its_secret_or_with_another_secret(kind: str) -> None:
    sender = SENDERS[kind]
    other = {"sendgrid": SENDGRID_KEY}.get(kind, "whsec_" + b64encode(b"another secret of length").decode())
    assert refused(kind, sender.post(), other).status == 401
    for header in sender.post().headers:
        lacking = {name: value for name, value in sender.post().headers.items() if name != header}
        assert refused(kind, Post(BODY, lacking)).status == 401
    assert refused(kind, sender.post(), "").status == 503
    assert believed(kind, sender.post(), other, sender.secret)  # both hold while a secret is changed


@pytest.mark.parametrize("kind", TIMED)
def test_old_and_early_signatures_are_refused(kind: str) -> None:
    window, ahead = SCHEMES[kind].window, timedelta(minutes=5)
    for away in (-window, ahead):
        assert believed(kind, SENDERS[kind].post(at=NOW + away))
    for away in (-window - timedelta(seconds=1), ahead + timedelta(seconds=1), timedelta(days=1)):
        assert refused(kind, SENDERS[kind].post(at=NOW + away)).status == 401


@pytest.mark.parametrize("kind", TIMED)
@pytest.mark.parametrize("stamp", ["soon", "", "-1", "1e9", "٣", "9" * 15, "0x1", "nan"])
def test_a_time_that_is_none_is_refused(kind: str, stamp: str) -> None:
    post = SENDERS[kind].post()
    place = SCHEMES[kind].timestamp
    headers = dict(post.headers)
    if "#" in place:
        headers["stripe-signature"] = f"t={stamp},v1=00"
    else:
        headers[place] = stamp
    assert refused(kind, Post(BODY, headers)).status == 401


def test_mailgun_signs_no_body_so_a_token_with_another_body_is_refused() -> None:
    assert believed("mailgun", Post(mailgun())) == "t-1"
    assert refused("mailgun", Post(mailgun(secret="wrong-wrong"))).status == 401
    assert refused("mailgun", Post(mailgun(at=NOW - timedelta(hours=9, minutes=1)))).status == 401
    seen, window = Seen(), SCHEMES["mailgun"].window
    seen.check("mail", "t-1", mailgun(), NOW, window)
    seen.check("mail", "t-1", mailgun(), NOW, window)
    with pytest.raises(Refusal, match="another body"):
        seen.check("mail", "t-1", mailgun(event="complained"), NOW, window)


def test_mailgun_tries_for_eight_hours_with_the_first_signature_and_is_believed_each_time() -> None:
    """What was signed before an outage of ours comes again after it."""
    seen, window, first = Seen(), SCHEMES["mailgun"].window, mailgun()
    for late in (0, 5, 15, 30, 90, 210, 450):  # minutes, by Mailgun's page on webhooks
        now = NOW + timedelta(minutes=late)
        assert believed("mailgun", Post(first), now=now) == "t-1"
        seen.check("mail", "t-1", first, now, window)
    with pytest.raises(Refusal, match="another body"):
        seen.check("mail", "t-1", mailgun(event="complained"), NOW + window, window)


def test_signatures_are_forgotten_when_their_time_alone_would_have_them_refused() -> None:
    seen, window = Seen(), timedelta(minutes=15)
    for minute in range(100):
        seen.check("mail", f"t-{minute}", b"", NOW + timedelta(minutes=minute), window)
    assert len(seen) == 21  # 15 minutes, and the 5 that a sender's clock may be ahead


def test_an_address_with_too_many_fields_is_refused() -> None:
    assert refused("jotform", Post(BODY, {}, "&".join(["token=x"] * 51))).status == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"signature": 1}', b'{"signature": {"token": []}}', b"\xff", b'{"signature":{}}'])
def test_a_body_without_the_signature_it_should_carry_is_refused(body: bytes) -> None:
    assert refused("mailgun", Post(body)).status in (400, 401)


def test_senders_that_sign_nothing_give_a_token_or_a_password() -> None:
    basic = "Basic " + b64encode(b"bayan:long-password").decode()
    assert believed("postmark", Post(BODY, {"authorization": basic}), "bayan:long-password")
    assert refused("postmark", Post(BODY, {"authorization": "Basic x"}), "bayan:long-password").status == 401
    assert believed("jotform", Post(BODY, {}, f"a=b&token={TEXT}"), "another-one", TEXT)
    assert refused("jotform", Post(BODY, {}, "token=wrong"), TEXT).message == "token in the address does not fit"
    assert refused("jotform", Post(BODY, {}, ""), TEXT).message == "token in the address is needed"


@pytest.mark.parametrize(("kind", "secret"), [("svix", "short"), ("svix", "ü"), ("sendgrid", "x"), ("sendgrid", "AAAA"), ("typeform", "a")])
def test_a_secret_that_is_none_is_our_own_fault(kind: str, secret: str) -> None:
    assert refused(kind, SENDERS[kind].post(), secret).status == 503
