"""Is a post from whom it says? One verifier for every row of the table: raw bytes, constant time, any of several secrets."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.forms.strict_json import DEEPER, parse_text
from connectors.forms.text import Unfit
from connectors.inbound.scheme import FIVE_MINUTES, STANDARD, Scheme
from offswitch.model.post import Believed, Post
from offswitch.model.refusal import Refusal

MOST = 20  # signatures that are looked at in one post
SHORTEST = {"base64": 24, "text": 8}  # bytes of a secret: Standard Webhooks says 24, providers give as few as 8
# What HubSpot decodes in the address before it signs it; everything else stays as it came.
_HUBSPOT = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_PART = re.compile(r"\{(id|timestamp|method|url|body)\}")


def verify(scheme: Scheme, post: Post, secrets: Sequence[str], now: datetime, url: str = "") -> Believed:
    """The post's id, which is the same when the sender tries again. Raises Refusal.

    `url` is the address as the provider knows it, where that is signed too. Whoever has no id of his own for a post gets the
    digest of its body.
    """
    given = [secret for secret in secrets if secret]
    if not given:
        raise Refusal(503, "no webhook secret is set here, so nothing can be believed")
    keys = [_key(scheme, secret) for secret in given]
    found = _Places(post)
    _check_presence(scheme, found)
    message_id = _one(found, scheme.id)
    if message_id and (len(message_id) > 200 or not message_id.isprintable()):
        raise Refusal(401, f"{_shown(scheme.id)} is not 1 to 200 printable characters")
    stamp = _one(found, scheme.timestamp)
    if scheme.timestamp:
        check_time(scheme, stamp, now)
    parts = {"id": message_id, "timestamp": stamp, "method": post.method, "url": _address(url, post.query)}
    message = _message(scheme.signed, {name: part.encode() for name, part in parts.items()} | {"body": post.body})
    signatures = [one.removeprefix(scheme.prefix) for one in found.all(scheme.signature, scheme.separator) if one.startswith(scheme.prefix)]
    if not _fits(scheme, keys, message, signatures[:MOST]):
        raise Refusal(401, f"{_shown(scheme.signature)} does not fit" + (" the body" if "{body}" in scheme.signed else ""))
    return Believed(message_id or sha256(post.body).hexdigest()[:32])


def verify_form(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> str:
    """The id of a form that has no source's file: signed as Standard Webhooks 1.0.0 says. Raises Refusal."""
    return verify(STANDARD, Post(body, {name.lower(): value for name, value in headers.items()}), secrets, now).id


def check_time(scheme: Scheme, stamp: str, now: datetime) -> None:
    """Raise Refusal for a time stamp that is too old, or ahead of our clock."""
    sent = _moment(scheme, stamp)
    if not -min(scheme.window, FIVE_MINUTES) <= now - sent <= scheme.window:
        least = f"{scheme.window.total_seconds() / 60:.0f} minutes"
        raise Refusal(401, f"{_shown(scheme.timestamp)} is more than {least} from now")


class _Places:
    """Where a table says that something stands, looked up in one post."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._body: object = None

    def all(self, place: str, separator: str = "") -> list[str]:
        """The texts at a place; none where there is nothing."""
        sort, _, name = place.partition(":")
        if sort == "body":
            return [self._in_body(name)]
        if sort == "query" and name:
            return self._in_query(name)
        if place == "basic":
            return [_basic(self._post.headers.get("authorization", ""))]
        header, _, field = place.partition("#")
        text = self._post.headers.get(header.lower(), "")
        if field:
            pairs = (part.strip().partition("=") for part in text.split(","))
            return [value for key, _, value in pairs if key == field]
        return text.split(separator) if separator else [text]

    def _in_query(self, name: str) -> list[str]:
        try:
            return parse_qs(self._post.query, max_num_fields=50).get(name, [])
        except ValueError:
            raise Refusal(400, "the address has more than 50 fields") from None

    def _in_body(self, path: str) -> str:
        """A text by the names that lead to it."""
        if self._body is None:
            self._body = json_of(self._post.body)
        found = self._body
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def json_of(body: bytes) -> object:
    """The JSON value in a body. Raises Refusal."""
    try:
        return parse_text(body.decode("utf-8-sig"), DEEPER)
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8") from None
    except Unfit as error:
        raise Refusal(400, f"the body {error}") from None


def _check_presence(scheme: Scheme, found: _Places) -> None:
    """What the check needs is all there."""
    needed = [scheme.id if "{id}" in scheme.signed else "", scheme.timestamp, scheme.signature]
    places = list(dict.fromkeys(_shown(place) for place in needed if place))
    if not all(_one(found, place) for place in needed if place):
        names = " and ".join(filter(None, [", ".join(places[:-1]), places[-1]]))
        raise Refusal(401, f"{names} {'are all' if len(places) > 1 else 'is'} needed")


def _one(found: _Places, place: str) -> str:
    return next(iter(found.all(place)), "") if place else ""


def _shown(place: str) -> str:
    """A place as the sender's engineer knows it."""
    if place == "basic":
        return "a user and password in Authorization"
    sort, _, name = place.partition(":")
    return {"body": f"{name} in the body", "query": f"{name} in the address"}.get(sort, place.partition("#")[0])


def _basic(header: str) -> str:
    """`user:password` of an Authorization header."""
    sort, _, coded = header.partition(" ")
    try:
        return b64decode(coded, validate=True).decode() if sort.lower() == "basic" else ""
    except ValueError:
        return ""


def _message(signed: str, parts: Mapping[str, bytes]) -> bytes:
    """The bytes that were signed."""
    pieces = _PART.split(signed)
    return b"".join(parts[piece] if place % 2 else piece.encode() for place, piece in enumerate(pieces))


def _address(url: str, query: str) -> str:
    """The whole address that HubSpot called, decoded as it does before it signs."""
    whole = url if "?" in url or not query else f"{url}?{query}"
    return _HUBSPOT.sub(lambda match: chr(int(match[1], 16)), whole)


def _moment(scheme: Scheme, stamp: str) -> datetime:
    try:
        if scheme.unit == "iso":
            found = datetime.fromisoformat(stamp)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        digits = stamp if stamp.isascii() and stamp.isdigit() and len(stamp) <= 14 else ""
        return datetime.fromtimestamp(int(digits) / (1000 if scheme.unit == "milliseconds" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        wanted = "a time" if scheme.unit == "iso" else f"a number of {scheme.unit}"
        raise Refusal(401, f"{_shown(scheme.timestamp)} is not {wanted}") from None


Key = bytes | EllipticCurvePublicKey


def _key(scheme: Scheme, secret: str) -> Key:
    """A secret as the algorithm needs it. Raises Refusal: it is our own set-up that is wrong."""
    if scheme.key == "public key":
        return _public_key(secret)
    if scheme.key == "text":
        key = secret.encode()
    else:
        text = secret.removeprefix("whsec_").rstrip("=")
        try:
            key = b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError as error:
            raise Refusal(503, "a webhook secret here is not base64") from error
    if len(key) < SHORTEST[scheme.key]:
        raise Refusal(503, f"a webhook secret here is shorter than {SHORTEST[scheme.key]} bytes")
    return key


def _public_key(secret: str) -> EllipticCurvePublicKey:
    text = "".join(line for line in secret.splitlines() if not line.startswith("-----"))
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except ValueError as error:
        raise Refusal(503, "a webhook secret here is not a public key in base64") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Refusal(503, "a webhook secret here is not a public key on P-256")
    return key


def _fits(scheme: Scheme, keys: Sequence[Key], message: bytes, signatures: Sequence[str]) -> bool:
    """Does any signature fit any key? Every pair is compared, so that the time it takes tells nothing."""
    given = [signature.encode(errors="replace") for signature in signatures]
    expected = [_expected(scheme, key, message) for key in keys if isinstance(key, bytes)]
    signed = sum(_is_signed_by(key, message, one) for key in keys if not isinstance(key, bytes) for one in given)
    return bool(signed + sum(hmac.compare_digest(one, other) for one in expected for other in given))


def _expected(scheme: Scheme, key: bytes, message: bytes) -> bytes:
    if scheme.algorithm == "equal":
        return key
    digest = hmac.digest(key, message, scheme.algorithm.removeprefix("hmac-"))
    return digest.hex().encode() if scheme.encoding == "hex" else b64encode(digest)


def _is_signed_by(key: EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(b64decode(signature, validate=True), message, ECDSA(SHA256()))
    except (InvalidSignature, NotBase64, ValueError):
        return False
    return True
