"""Every kind of signature, made by the provider's own code where there is some, else by the standard library as documented."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hubspot.utils.signature import Signature as HubSpotSignature
from standardwebhooks import Webhook

from offswitch.model.post import Post

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BASE64 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TEXT = "a-secret-of-the-provider"
SENDGRID = generate_private_key(SECP256R1())
SENDGRID_PUBLIC = b64encode(SENDGRID.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
HUBSPOT_URL = "https://mail.bayan.example/hooks/forms"
BODY = json.dumps({"id": "e-1", "email": "sara@example.com", "name": "سارة"}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Sender:
    """Signs a body at a time with its secret."""

    secret: str
    headers: Callable[[bytes, datetime, str], Mapping[str, str]]
    url: str = ""

    def post(self, body: bytes = BODY, at: datetime = NOW, secret: str = "") -> Post:
        return Post(body, self.headers(body, at, secret or self.secret))


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _standard(prefix: str) -> Callable[[bytes, datetime, str], Mapping[str, str]]:
    def headers(body: bytes, at: datetime, secret: str) -> Mapping[str, str]:
        signed = Webhook(secret).sign("msg_1", at, body.decode())
        return {f"{prefix}-id": "msg_1", f"{prefix}-timestamp": _seconds(at), f"{prefix}-signature": signed}

    return headers


def _stripe(body: bytes, at: datetime, secret: str) -> Mapping[str, str]:
    stamp = _seconds(at)
    return {"stripe-signature": f"t={stamp},v1={stripe.WebhookSignature._compute_signature(f'{stamp}.{body.decode()}', secret)},v0=00"}


def _hubspot(body: bytes, at: datetime, secret: str) -> Mapping[str, str]:
    stamp = str(int(at.timestamp() * 1000))
    signed = HubSpotSignature.get_signature(secret, body.decode(), "v3", HUBSPOT_URL, "POST", stamp)
    return {"x-hubspot-signature-v3": signed, "x-hubspot-request-timestamp": stamp}


def _sendgrid(body: bytes, at: datetime, _secret: str) -> Mapping[str, str]:
    signed = b64encode(SENDGRID.sign(_seconds(at).encode() + body, ECDSA(SHA256()))).decode()
    name = "x-twilio-email-event-webhook"
    return {f"{name}-signature": signed, f"{name}-timestamp": _seconds(at)}


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, "sha256")


def _zendesk(body: bytes, at: datetime, secret: str) -> Mapping[str, str]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = "x-zendesk-webhook-signature"
    return {name: b64encode(_mac(secret, stamp.encode() + body)).decode(), f"{name}-timestamp": stamp}


def _chatwoot(body: bytes, at: datetime, secret: str) -> Mapping[str, str]:
    signed = _mac(secret, f"{_seconds(at)}.".encode() + body).hex()
    return {"x-chatwoot-signature": f"sha256={signed}", "x-chatwoot-timestamp": _seconds(at)}


SENDERS: Mapping[str, Sender] = {
    "standard-webhooks": Sender(BASE64, _standard("webhook")),
    "svix": Sender(BASE64, _standard("svix")),
    "resend": Sender(BASE64, _standard("svix")),
    "google": Sender(BASE64, _standard("webhook")),
    "stripe": Sender("whsec_test_secret", _stripe),
    "hubspot": Sender(TEXT, _hubspot, HUBSPOT_URL),
    "sendgrid": Sender(SENDGRID_PUBLIC, _sendgrid),
    "typeform": Sender(TEXT, lambda body, _, secret: {"typeform-signature": "sha256=" + b64encode(_mac(secret, body)).decode()}),
    "tally": Sender(TEXT, lambda body, _, secret: {"tally-signature": b64encode(_mac(secret, body)).decode()}),
    "calcom": Sender(TEXT, lambda body, _, secret: {"x-cal-signature-256": _mac(secret, body).hex()}),
    "zendesk": Sender(TEXT, _zendesk),
    "chatwoot": Sender(TEXT, _chatwoot),
}
TIMED = ("standard-webhooks", "svix", "stripe", "hubspot", "sendgrid", "zendesk", "chatwoot")


def mailgun(at: datetime = NOW, token: str = "t-1", secret: str = TEXT, event: object = "delivered") -> bytes:
    """A body that carries its own signature, of the time and the token alone."""
    signed = _mac(secret, f"{_seconds(at)}{token}".encode()).hex()
    return json.dumps(
        {"signature": {"timestamp": _seconds(at), "token": token, "signature": signed}, "event-data": {"event": event}}
    ).encode()
