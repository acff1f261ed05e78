"""Is a webhook from whom it says? Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from standardwebhooks import Webhook

from offswitch.model.refusal import Refusal

WINDOW = timedelta(seconds=300)  # the specification's advice, before and after now
SHORTEST = 24  # bytes of a secret, by the specification


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> str:
    """The webhook's id, which is the same when the sender tries again. Raises Refusal.

    `body` is what arrived, byte for byte. Any of several secrets will do, so that they can be changed without a gap.
    The library signs; the clock and the comparison are ours, since it reads the host's clock and stops at the first
    header that it can't split.
    """
    webhooks = [_webhook(secret) for secret in secrets if secret]
    if not webhooks:
        raise Refusal(503, "no webhook secret is set here, so nothing can be believed")
    found = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, signatures = (found.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (message_id and stamp and signatures):
        raise Refusal(401, "webhook-id, webhook-timestamp and webhook-signature are all needed")
    if len(message_id) > 200 or not message_id.isprintable():
        raise Refusal(401, "webhook-id is not 1 to 200 printable characters")
    sent = _moment(stamp)
    if abs(now - sent) > WINDOW:
        raise Refusal(401, "webhook-timestamp is more than 5 minutes from now")
    expected = [webhook.sign(message_id, sent, _text(body)).encode() for webhook in webhooks]
    given = [signature.encode(errors="replace") for signature in signatures.split(" ")]
    # Every pair is compared, so that the time it takes tells nothing.
    if not sum(compare_digest(one, other) for one in expected for other in given):
        raise Refusal(401, "webhook-signature does not fit the body")
    return message_id


def _webhook(secret: str) -> Webhook:
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise Refusal(503, "a webhook secret here is not base64") from error
    if len(key) < SHORTEST:
        raise Refusal(503, f"a webhook secret here is shorter than {SHORTEST} bytes")
    return Webhook(key)


def _moment(stamp: str) -> datetime:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        raise Refusal(401, "webhook-timestamp is not a number of seconds")
    return datetime.fromtimestamp(int(stamp), UTC)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, "the body is not UTF-8") from error
