"""The send-once key as a tag, where a provider takes only some letters; its events show it again."""

from __future__ import annotations

from hashlib import sha256
from string import ascii_letters, digits
from urllib.parse import unquote

from offswitch.model.entry import shown

_PLAIN = frozenset(ascii_letters + digits + "-")
_BYTES = {byte: f"_{byte:02X}" for byte in range(256) if chr(byte) not in _PLAIN}


def tag(key: str, most: int) -> str:
    """The key of letters, digits, "_" and "-" alone: every other byte as "_" and two hex digits. "_2F" is a "/"."""
    return short(shown(key).encode("utf-8", "replace").decode("latin-1").translate(_BYTES), most)


def shown_by(tag: str) -> str:
    """The key as it is shown, from its tag."""
    return unquote(tag.replace("_", "%"))


def short(text: str, most: int) -> str:
    """The text; one of more than `most` letters ends with its digest instead."""
    return text if len(text) <= most else text[: most - 33] + "-" + sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
