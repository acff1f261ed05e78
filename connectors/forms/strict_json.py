"""JSON from strangers, read strictly (RFC 8259): what two readers could understand in two ways is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from connectors.forms.text import DEPTH, Unfit
from offswitch.model.refusal import Refusal

LARGEST_BODY = 1024 * 1024  # bytes
_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
DEEPER = 32  # levels of a provider's JSON: a declared source takes out of it what it needs
_DIGITS = 20  # a longer whole number fits no database


def parse_json(body: bytes) -> Mapping[str, Any] | Refusal:
    """The object in a webhook's body, or the answer for its sender: 413 too large, 400 no JSON, 422 no object."""
    if len(body) > LARGEST_BODY:
        return Refusal(413, "the body is larger than 1 MiB")
    try:
        found = parse_text(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Refusal(400, "the body is not UTF-8")
    except Unfit as error:
        return Refusal(400, f"the body {error}")
    return found if isinstance(found, dict) else Refusal(422, "the body is not a JSON object")


def parse_text(text: str, depth: int = DEPTH) -> Any:
    """One JSON value of at most so many levels. Raises Unfit, with a message that goes on from "the body" or "the row"."""
    if not text.strip():
        raise Unfit("is empty")
    check_depth(text, depth)
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        raise Unfit(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Unfit("has half a character (a lone surrogate) in a text") from None
    return found


def check_depth(text: str, most: int = DEPTH) -> None:
    """Raise Unfit where brackets stand deeper than `most`, before any parser recurses into them."""
    depth, quoted = 0, False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == '"':
            quoted = not quoted
        elif not quoted and mark in "[{":
            depth += 1
            if depth > most:
                raise Unfit(f"is nested deeper than {most} levels")
        elif not quoted and mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Unfit(f"gives {twice[:60]!r} twice")
    return found


def _constant(word: str) -> NoReturn:
    raise Unfit(f"has {word}, which is no number")


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Unfit("has a number that is too large")
    return number


def _int(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise Unfit("has a number that is too large")
    return int(digits)
