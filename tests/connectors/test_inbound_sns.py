"""Amazon SNS: signed with a certificate from Amazon's own hosts, for topics that are ours."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import respx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from connectors.inbound import sns
from connectors.inbound.scheme import SCHEMES
from connectors.inbound.sns import believe_sns
from offswitch.model.post import Believed, Post
from offswitch.model.refusal import Refusal
from tests.connectors.signing import NOW

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail-events"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=2336412f37"


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@cache
def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key().public_key()).serial_number(1)
    return made.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).sign(key(), SHA256()).public_bytes(Encoding.PEM)


def message(**changed: Any) -> dict[str, Any]:
    """A notification as the SNS guide shows it, signed."""
    found = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps({"eventType": "Bounce"}),
        "Timestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    } | changed
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{found[name]}\n" for name in names if found.get(name)).encode()
    hashed = SHA1() if found["SignatureVersion"] == "1" else SHA256()
    return found | {"Signature": b64encode(key().sign(signed, PKCS1v15(), hashed)).decode()}


class Amazon:
    """Remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return certificate()


def believed(found: dict[str, Any], *topics: str, amazon: Amazon | None = None) -> Believed:
    body = json.dumps(found).encode()
    return believe_sns(SCHEMES["sns"], Post(body), topics or (TOPIC,), NOW, amazon or Amazon())


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_notification_of_our_topic_is_believed_with_and_without_a_subject(version: str) -> None:
    assert believed(message(SignatureVersion=version)) == Believed("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
    assert believed(message(SignatureVersion=version, Subject=None)).done == ""


def test_a_subscription_of_our_topic_is_confirmed_and_nobody_elses() -> None:
    amazon, asked = Amazon(), message(Type="SubscriptionConfirmation", Token="2336412f37", SubscribeURL=CONFIRM, Subject=None)
    assert believed(asked, amazon=amazon).done == "subscribed"
    assert amazon.asked == [CERTIFICATE, CONFIRM]
    elsewhere = Amazon()
    with pytest.raises(Refusal, match="none of ours"):
        believed(asked, "arn:aws:sns:eu-west-1:123456789012:other", amazon=elsewhere)
    assert elsewhere.asked == []


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_a_changed_part_is_refused(name: str) -> None:
    found = message()
    changed = found | {name: found[name].replace("2", "3", 1) if name == "Timestamp" else f"{found[name]}x"}
    with pytest.raises(Refusal) as caught:
        believed(changed, TOPIC, f"{TOPIC}x")
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/elsewhere.pem",
        "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-1.pem",
        "https://[::1",
        "https://127.0.0.1/SimpleNotificationService-1.pem",
    ],
)
def test_no_other_host_is_asked_for_a_certificate(url: str) -> None:
    amazon = Amazon()
    with pytest.raises(Refusal) as caught:
        believed(message(SigningCertURL=url), amazon=amazon)
    assert (caught.value.status, amazon.asked) == (401, [])


@pytest.mark.parametrize("minutes", [-61, 6])
def test_an_old_or_early_message_is_refused(minutes: int) -> None:
    at = (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with pytest.raises(Refusal, match="Timestamp in the body"):
        believed(message(Timestamp=at))


@pytest.mark.parametrize(
    "changed", [{"Type": "Other"}, {"SignatureVersion": "3"}, {"MessageId": 7}, {"Message": ""}, {"MessageId": "x" * 201}]
)
def test_what_is_no_message_of_sns_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        believed(message() | changed)
    assert caught.value.status == 401


def test_without_a_topic_nothing_is_believed() -> None:
    with pytest.raises(Refusal) as caught:
        believe_sns(SCHEMES["sns"], Post(json.dumps(message()).encode()), [], NOW)
    assert caught.value.status == 503


@pytest.mark.parametrize("answered", [200, 404, 500])
def test_the_certificate_is_fetched_from_amazons_host_and_kept(monkeypatch: pytest.MonkeyPatch, answered: int) -> None:
    """Amazon's host can't be played on a socket here: its name is what is checked."""
    monkeypatch.setattr("connectors.http.client._jitter", lambda _: 0)
    sns._fetch.cache_clear()
    with respx.mock() as amazon:
        route = amazon.get(CERTIFICATE).respond(answered, content=certificate())
        for _ in range(2):
            if answered == 200:
                assert believe(message()) == Believed("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "")
            else:
                with pytest.raises(Refusal) as refused:
                    believe(message())
                assert refused.value.status == 503
    assert (route.call_count == 1) == (answered == 200)
    sns._fetch.cache_clear()


def believe(told: dict[str, Any]) -> Believed:
    return believe_sns(SCHEMES["sns"], Post(json.dumps(told).encode()), [TOPIC], NOW)
