"""DKIM (RFC 6376, RFC 8301, RFC 8463): the public keys of a domain. By DNS answers alone."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from offswitch.doctor.answers import Answers

STRONG, LEAST = 2048, 1024  # bits of an RSA key


@dataclass(frozen=True, slots=True)
class Key:
    """A record at a selector. `bits` of an RSA key, 0 for Ed25519; `wrong` says why it can't be used."""

    selector: str
    bits: int = 0
    wrong: str = ""
    testing: bool = False


def keys(domain: str, selectors: Iterable[str], answers: Answers) -> list[Key]:
    """The keys that are published. Raises NotAnswered."""
    found = []
    for selector in dict.fromkeys(selectors):
        texts = answers.ask(f"{selector}._domainkey.{domain}", "TXT")
        found += [key_of(selector, text) for text in texts if "p=" in text.replace(" ", "")]
    return found


def key_of(selector: str, text: str) -> Key:
    """What one record says."""
    tags = {name.strip(): value for name, equals, value in (part.partition("=") for part in text.split(";")) if equals}
    testing = "y" in [flag.strip() for flag in tags.get("t", "").split(":")]
    packed = "".join(tags.get("p", "").split())
    if tags.get("v", "DKIM1").strip() != "DKIM1":
        return Key(selector, wrong="the record has another version than DKIM1")
    if not packed:
        return Key(selector, wrong="the key is revoked: p= is empty")
    try:
        raw = base64.b64decode(packed, validate=True)
        if tags.get("k", "rsa").strip() == "ed25519":
            return Key(selector, wrong="" if len(raw) == 32 else "this is no Ed25519 key", testing=testing)
        loaded = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return Key(selector, wrong="the key can't be read: was it cut when it was copied?")
    if not isinstance(loaded, RSAPublicKey):
        return Key(selector, wrong="this is no RSA key")
    weak = f"the key has {loaded.key_size} bits: receivers ignore less than {LEAST}" if loaded.key_size < LEAST else ""
    return Key(selector, loaded.key_size, weak, testing)
