"""Unquoted words that YAML readers understand differently, and YAML's own complaints in words that help."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from offswitch.errors import Problem
from offswitch.policy.characters import name

_KEY = re.compile(r"[!-~]([ -~]{0,98}[!-~])?")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(\s*[-–]\s*[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*\s*(%|[a-z])?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
_SIGNS = {"٪": "%", "٫": ".", "٬": ","}
_HELP = (
    ("mapping values are not allowed", "look for a colon inside a value: such a value needs quotes; or for a wrong indent"),
    ("could not find expected ':'", "every line needs `key: value`, with a blank after the colon"),
    ("scanning a quoted scalar", "a quote is opened and not closed"),
    ("parsing a flow", "a bracket or brace is opened and not closed"),
    ("expected <block end>", "lines of one section begin in the same column"),
    ("cannot start any token", "put the value in quotes"),
    ("scanning an alias", "a value that begins with * needs quotes"),
    ("scanning an anchor", "a value that begins with & needs quotes"),
    ("scanning a directive", "a line may not begin with %"),
)


def western(text: str) -> str:
    """The same text with the digits 0 to 9 and with %, whatever digits it was written in."""
    if text.isascii():
        return text
    return "".join(str(int(letter)) if letter.isdecimal() else _SIGNS.get(letter, letter) for letter in text)


def ambiguous(value: str) -> tuple[str, str] | None:
    """What is wrong with an unquoted value, and what to write; None for an ordinary one."""
    plain = western(value)
    if plain != value and (_TIME.fullmatch(plain) or _NUMBER.fullmatch(plain)):
        return f"has {value} in other digits than 0 to 9", f"write {plain}"
    if _TIME.fullmatch(value):
        return f"has the unquoted time {value}", f'put it in quotes: "{value}"'
    if _NOT_A_NUMBER.fullmatch(value):
        return f"has {value}, which is no number", "write a number"
    return None


def next_line_help(value: str) -> str:
    """What to do about an unquoted value of several lines."""
    if re.match(r"\w+:\S", value):
        return "write `key: value`, with a blank after the colon"
    return "use | for a text of several lines; keys of one section begin in the same column"


def odd_key(key: str) -> str:
    """What is wrong with a key that is not plain ASCII text, or ""."""
    if _KEY.fullmatch(key):
        return ""
    odd = next((letter for letter in key if not " " <= letter <= "~"), "")
    if odd:
        return f"has the key {short(key)} with {name(odd)}"
    return f"has the key {short(key)}, which is too long or empty"


def short(text: str) -> str:
    """A value as it is shown in an error: one line, in quotes, at most 60 characters, nothing invisible."""
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return f"'{shown if len(shown) <= 60 else shown[:57] + '...'}'"


def unreadable(error: MarkedYAMLError, path: str) -> Problem:
    """YAML's complaint with its place, in words for people."""
    context, problem = error.context or "", error.problem or "it is not YAML"
    opened = error.context_mark if "scanning a quoted" in context or "parsing a flow" in context else None
    mark = opened or error.problem_mark or error.context_mark
    fix = next((help_ for words, help_ in _HELP if words in problem or words in context), "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(path, line, column, f"can't be read as YAML: {problem}", fix)
