"""Posts of Amazon SNS, which brings the events of SES: signed with a certificate that only Amazon's own hosts can have given."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate
from pydantic_settings import SettingsConfigDict

from connectors.http import Again, Answer, Client, HttpSettings, Request, Service
from connectors.inbound.scheme import Scheme
from connectors.inbound.verify import check_time, json_of
from offswitch.model.post import Believed, Post
from offswitch.model.refusal import Refusal

SERVICE = Service("sns")
_HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+)+-[0-9]\.amazonaws\.com(\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem")
# The order in which Amazon signs the parts of a message, by its type (SNS guide, "Verifying the signatures").
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_PARTS = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_HASHES = {"1": SHA1, "2": SHA256}

Fetch = Callable[[str], bytes]


class SnsSettings(HttpSettings):
    """How Amazon's certificates are fetched: `OFFSWITCH_SNS_…`. The host is that of each message, and checked."""

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SNS_")

    base_url: str = "https://sns.us-east-1.amazonaws.com"
    deadline: float = 8  # seconds; whoever posts waits no longer than 15


def believe_sns(scheme: Scheme, post: Post, topics: Sequence[str], now: datetime, fetch: Fetch | None = None) -> Believed:
    """The id of a message of one of our topics. A subscription of such a topic is confirmed. Raises Refusal.

    Anybody may own a topic and sign with it: which ones are ours says the secret, the topic's ARN.
    """
    if not topics:
        raise Refusal(503, "no topic (arn:aws:sns:…) is set here, so nothing can be believed")
    message = _message(post)
    if not sum(compare_digest(str(message["TopicArn"]).encode(), topic.encode()) for topic in topics):
        raise Refusal(401, "TopicArn in the body is none of ours")
    stamp = str(message["Timestamp"])
    check_time(scheme, stamp, now)
    ask = fetch or _fetch
    _check_signature(message, _certificate(message, ask))
    message_id = str(message["MessageId"])
    if message["Type"] == "SubscriptionConfirmation":
        ask(_amazons(str(message["SubscribeURL"])))
        return Believed(message_id, "subscribed")
    return Believed(message_id, "" if message["Type"] == "Notification" else "unsubscribed")


def _message(post: Post) -> Mapping[str, Any]:
    found = json_of(post.body)
    if not isinstance(found, dict) or found.get("Type") not in _PARTS:
        raise Refusal(401, "the body is no message of Amazon SNS")
    needed = {*_PARTS[found["Type"]], "Signature", "SignatureVersion", "SigningCertURL"} - {"Subject"}
    if not all(isinstance(found.get(name), str) and found[name] for name in needed) or not isinstance(found.get("Subject") or "", str):
        raise Refusal(401, "the body is no message of Amazon SNS")
    if len(found["MessageId"]) > 200 or not found["MessageId"].isprintable():
        raise Refusal(401, "MessageId is not 1 to 200 printable characters")
    return found


def _check_signature(message: Mapping[str, Any], key: RSAPublicKey) -> None:
    wrong = Refusal(401, "Signature in the body does not fit the body")
    hashed = _HASHES.get(str(message["SignatureVersion"]))
    if hashed is None:
        raise Refusal(401, "SignatureVersion is neither 1 nor 2")
    signed = "".join(f"{name}\n{message[name]}\n" for name in _PARTS[message["Type"]] if message.get(name))
    try:
        key.verify(b64decode(message["Signature"], validate=True), signed.encode(), PKCS1v15(), hashed())
    except (InvalidSignature, NotBase64, ValueError):
        raise wrong from None


def _certificate(message: Mapping[str, Any], ask: Fetch) -> RSAPublicKey:
    url = _amazons(str(message["SigningCertURL"]))
    if not _CERTIFICATE.fullmatch(urlsplit(url).path):
        raise Refusal(401, "SigningCertURL is no certificate of Amazon SNS")
    try:
        key = load_pem_x509_certificate(ask(url)).public_key()
    except ValueError as error:
        raise Refusal(503, "the certificate of Amazon SNS can't be read now") from error
    if not isinstance(key, RSAPublicKey):
        raise Refusal(503, "the certificate of Amazon SNS can't be used")
    return key


def _amazons(url: str) -> str:
    """The address, if it is https at an SNS host of Amazon's: nothing else is ever asked."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" and parts.netloc == parts.hostname and bool(_HOST.fullmatch(parts.netloc))
    except ValueError:
        fits = False
    if not fits or not url.isascii() or not url.isprintable():
        raise Refusal(401, "an address in the body is not of sns.<region>.amazonaws.com")
    return url


@lru_cache(maxsize=32)
def _fetch(url: str) -> bytes:
    """What stands there. Raises Refusal."""
    parts = urlsplit(url)
    client = Client(SERVICE, SnsSettings(base_url=f"https://{parts.netloc}"))
    try:
        result = client.call(Request("GET", url, again=Again.READ, expects="bytes"))
    finally:
        client.close()
    if not isinstance(result, Answer):
        raise Refusal(503, "Amazon SNS can't be asked now: send it again later")
    return result.body
