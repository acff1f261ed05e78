"""Where in a provider's JSON something stands: JMESPath, compiled when the file is read, so that a typo is found there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import jmespath
from jmespath import exceptions, functions
from jmespath.parser import ParsedResult

from connectors.forms.strict_json import DEEPER, parse_text
from connectors.forms.text import Unfit
from connectors.letters.key_tag import shown_by
from offswitch.policy.values import likely, refuse

LONGEST = 1_000  # characters of one expression


class _Functions(functions.Functions):
    """What JMESPath lacks and providers need."""

    @functions.signature({"types": ["string", "null"]})
    def _func_from_json(self, text: str | None) -> Any:
        """The JSON within a text (Jotform's rawRequest, an SNS Message)."""
        return None if text is None else parse_text(text, DEEPER)

    @functions.signature({"types": ["string", "null"]})
    def _func_shown_by(self, tag: str | None) -> str | None:
        """The send-once key that a tag shows (Resend, SES)."""
        return None if tag is None else shown_by(tag)

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_seconds(self, since: str | None, until: str | None) -> float | None:
        """From one ISO time to another."""
        try:
            return (datetime.fromisoformat(until or "") - datetime.fromisoformat(since or "")).total_seconds()
        except (ValueError, TypeError):
            return None

    @functions.signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        """In small letters."""
        return None if text is None else text.lower()

    @functions.signature({"types": ["array", "null"]}, {"types": ["object"]})
    def _func_each_with(self, several: list[Any] | None, outer: Mapping[str, Any]) -> list[Any] | None:
        """Every object of a list with what stands outside of it and belongs to each (SES: one bounce, several recipients)."""
        return None if several is None else [{**one, **outer} if isinstance(one, Mapping) else one for one in several]

    @functions.signature({"types": ["object", "null"]})
    def _func_chosen(self, question: Mapping[str, Any] | None) -> list[str] | None:
        """What was chosen, in the words of the options that a question's `value` names (Tally)."""
        value = (question or {}).get("value")
        options = (question or {}).get("options")
        if value is None:
            return None
        known = options if isinstance(options, list) else []
        words = {str(one.get("id")): str(one.get("text")) for one in known if isinstance(one, Mapping)}
        return [words.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value])]


_OPTIONS = jmespath.Options(custom_functions=_Functions())
FUNCTIONS: Mapping[str, Mapping[str, Any]] = _Functions.FUNCTION_TABLE


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, ready to be asked."""

    text: str
    parsed: ParsedResult = field(repr=False, compare=False)

    def of(self, found: Any) -> Any:
        """What stands there, None where nothing does. Raises Unfit."""
        try:
            return self.parsed.search(found, options=_OPTIONS)
        except (ValueError, TypeError, ArithmeticError):  # jmespath's own are ValueErrors; 'x' < `5` and the like are Python's
            raise Unfit(f"{self.text[:80]} can't be read from what came") from None
        except RecursionError:
            raise Unfit(f"{self.text[:80]} is too deep") from None


@cache
def column(name: str) -> Expression:
    """The field of exactly this name."""
    return expression(f'"{name}"' if '"' not in name and "\\" not in name else _quoted(name))


def expression(value: Any) -> Expression:
    """An expression from a file. Its error points at the character where it goes wrong."""
    if not isinstance(value, str):
        raise refuse("is a list", "write one expression such as answers[0].email")
    if len(value) > LONGEST:
        raise refuse(f"is longer than {LONGEST:,} characters", "take the parts one by one")
    try:
        parsed = jmespath.compile(value)
    except exceptions.JMESPathError as error:
        raise refuse("is no JMESPath expression", _why(error), within=_place(error)) from error
    for name, given in _calls(parsed.parsed):
        if name not in FUNCTIONS:
            raise refuse(f"asks for the function {name}", likely(name, FUNCTIONS), within=max(value.find(f"{name}("), 0))
        wanted = FUNCTIONS[name]["signature"]
        several = bool(wanted and wanted[-1].get("variadic"))
        if given < len(wanted) or (given > len(wanted) and not several):
            fix = f"it takes {len(wanted)}{' or more' if several else ''}"
            raise refuse(f"gives {name} {given} arguments", fix, within=max(value.find(f"{name}("), 0))
    return Expression(value, parsed)


def _calls(tree: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Every function that is called, with the number of its arguments."""
    if tree.get("type") == "function_expression":
        yield str(tree["value"]), len(tree["children"])
    for child in tree.get("children", ()):
        if isinstance(child, Mapping):
            yield from _calls(child)


def _place(error: exceptions.JMESPathError) -> int:
    found = getattr(error, "lex_position", None)
    return found if isinstance(found, int) else 0


def _why(error: exceptions.JMESPathError) -> str:
    if isinstance(error, exceptions.IncompleteExpressionError):
        return "it ends too early: is a bracket or a quote left open?"
    if isinstance(error, exceptions.EmptyExpressionError):
        return "write one such as answers[0].email"
    token = getattr(error, "token_value", "")
    return f"{str(token)[:40]!r} can't stand there; a name with blanks is written as column: the name" if token else "a quote is left open"


def _quoted(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)
