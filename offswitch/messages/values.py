"""What a text may say about a person: values cleaned of everything that could trick a reader or a mail header."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_NAME = 60
LONGEST_VALUE = 4_000

# Soft hyphen, zero-width space, marks and overrides of writing direction (Unicode TR 9), BOM, tags, lone surrogates.
# Joiners (U+200C, U+200D) stay: Persian words and emoji need them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HIDDEN = re.compile("[\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")
_NOT_A_NAME = re.compile(r"@|://|\{\{|\{%|\}\}|%\}|\bwww\.|\.(?:com|org|net|info|io|co|ru|xyz|me|shop|site|online|link)\b", re.IGNORECASE)

_BOUND_TO_NEXT = frozenset(("abd", "abdul", "abdel", "abdal", "abu", "abou", "umm", "um", "ibn", "bin", "bint"))
_BOUND_TO_NEXT |= frozenset(("عبد", "أبو", "ابو", "أبا", "أم", "ام", "ابن", "بنت"))
_BOUND_TO_FIRST = frozenset(("الدين", "الله", "الإسلام", "الرحمن", "الزهراء"))
_OF_THE_FAITH = ("al-din", "ad-din", "ed-din", "el-din", "ud-din", "eddin", "uddin")


def clean(text: str) -> str:
    """One line of text without control, zero-width and bidirectional override characters."""
    if text.isprintable():
        return text.strip()
    return _SPACES.sub(" ", _HIDDEN.sub("", _CONTROL.sub(" ", text))).strip()


def called(name: str) -> str:
    """The name that a text may use, or "" when it is an address, a link, code, without letters or too long to be one."""
    name = clean(name)
    if len(name) > LONGEST_NAME or _NOT_A_NAME.search(name) or not any(map(str.isalpha, name)):
        return ""
    return name


def given(name: str) -> str:
    """How a person is spoken to: the first word, with compounds such as "Abd al-Rahman", "أبو بكر", "نور الدين" kept whole.

    A name that begins with a title or an initial ("Dr. …", "د. …") is kept as it is.
    """
    words = name.split()
    if len(words) < 2 or words[0].endswith(".") or len(words[0]) == 1:
        return name
    if words[0].endswith((",", "،")):
        return " ".join(words[1:])
    first, second = words[0], words[1]
    if first.casefold() in _BOUND_TO_NEXT:
        joined = second.casefold() in ("al", "el") and len(words) > 2
        return " ".join(words[: 3 if joined else 2])
    if second in _BOUND_TO_FIRST or second.casefold().startswith(_OF_THE_FAITH):
        return f"{first} {second}"
    return first


class Fields:
    """Named values that a text reads with a dot, cleaned when they are read. Nothing else of the object can be reached."""

    __slots__ = ("_fallback", "_get", "name")

    def __init__(self, name: str, get: Callable[[str], Any], fallback: Mapping[str, str]) -> None:
        self.name = name
        self._get = get
        self._fallback = fallback

    def read(self, field: str) -> Any:
        """The cleaned value, its fallback, or None when there is neither."""
        path = f"{self.name}.{field}"
        found = presentable(self._get(field), path, self._fallback)
        return self._fallback.get(path) if found is None else found


def presentable(value: Any, name: str, fallback: Mapping[str, str]) -> Any:
    """A value as a text may print it; None for what is empty or too long to belong into a message."""
    if isinstance(value, str):
        text = clean(value)
        return text if 0 < len(text) <= LONGEST_VALUE else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return Fields(name, value.get, fallback)
    if isinstance(value, list | tuple):
        return [presentable(item, name, fallback) for item in value] or None
    return value
