"""What strangers typed: cleaned of what nobody can see, and kept within limits."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

LINE = 2_000  # characters of one value
MESSAGE = 20_000  # characters of the field `message`
NAME = 100  # characters of a field's name
DEPTH = 8  # levels, the submission itself counted
FIELDS = 200  # values in one submission, at all levels
LARGEST = 2**63 - 1  # what every database keeps as a whole number

# Bidirectional marks, embeddings and isolates, and the byte-order mark: they make one text look like another. Joiners
# (U+200C, U+200D) stay: Persian and emoji are written with them.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


class Unfit(Exception):
    """A value that can't be taken; the message says which and why."""


def clean(text: str) -> str:
    r"""NFC, line breaks as \n, without control and bidirectional characters, without space around it."""
    text = _BREAK.sub("\n", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def one_line(text: str) -> str:
    """Cleaned, with every run of white space as one space."""
    return " ".join(clean(text).split())


def clean_value(value: Any, where: str, depth: int = 1) -> Any:
    """A JSON value, cleaned at all levels. Raises Unfit with the path of the value that can't be taken."""
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, Mapping):
        return _mapping(value, where, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        _check_depth(where, depth)
        return [clean_value(item, f"{where}[{place}]", depth + 1) for place, item in enumerate(value)]
    return _plain(value, where)


def count(value: Any) -> int:
    """How many values there are at all levels."""
    if isinstance(value, Mapping):
        return sum(count(item) for item in value.values()) + len(value)
    return sum(count(item) for item in value) + len(value) if isinstance(value, list) else 0


def _text(value: str, where: str) -> str:
    cleaned = clean(value)
    most = MESSAGE if where.rpartition(".")[2] == "message" else LINE
    if len(cleaned) > most:
        raise Unfit(f"{where} is longer than {most:,} characters")
    return cleaned


def _mapping(value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
    _check_depth(where, depth)
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = one_line(str(key))
        path = f"{where}.{name}" if where else name
        if not name:
            raise Unfit(f"{where or 'the form'} has a field without a name")
        if len(name) > NAME:
            raise Unfit(f"{where or 'the form'} has a field whose name is longer than {NAME} characters")
        if name in found:
            raise Unfit(f"{path} is given twice")
        found[name] = clean_value(item, path, depth + 1)
    return found


def _check_depth(where: str, depth: int) -> None:
    if depth > DEPTH:
        raise Unfit(f"{where[:60]} is nested deeper than {DEPTH} levels")


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int | float):
        raise Unfit(f"{where} is not a number that can be kept")
    raise Unfit(f"{where} is a {type(value).__name__}, not text, a number, yes or no, a list or an object")
