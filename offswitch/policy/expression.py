"""The part of CEL that a marketer's condition may use, read into a tree with the place of every word.

CEL itself evaluates the text; the tree is there to find mistakes while the file is loaded, where CEL would say false at
run time. No loops, no patterns, no functions but a few: what a condition costs is bounded by its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, TypeAlias

from offswitch.policy.plain import short, western

LONGEST = 500  # characters
DEEPEST = 20  # brackets and signs within each other


class Wrong(Exception):
    """A mistake in a condition: where it begins in the text (in characters from 0), what it is, and what to write."""

    def __init__(self, at: int, what: str, fix: str) -> None:
        super().__init__(what)
        self.at, self.what, self.fix = at, what, fix


@dataclass(frozen=True, slots=True)
class Value:
    """A text, a number or yes and no, as written."""

    at: int
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact by its name, such as `contact.country`."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Values:
    """A list in square brackets."""

    at: int
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator such as `&&`. What stands before the dot of a function is its first part."""

    at: int
    name: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = Value | Fact | Values | Call


class _Word(NamedTuple):
    kind: str
    text: str
    at: int


_WORDS = re.compile(
    r"""(?P<blank>\s+)
    | (?P<number>[0-9]+(\.[0-9]+)?)(?![0-9.A-Za-z_])
    | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!+*.,()\[\]-])""",
    re.VERBOSE,
)
_INSTEAD = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "True": "true", "False": "false", "is": "=="}
_ODD = {
    "=": "write == to compare",
    "&": "write && for and",
    "|": "write || for or",
    "“": 'use straight quotes: "',
    "”": 'use straight quotes: "',
    "‘": "use straight quotes: '",
    "’": "use straight quotes: '",
    "«": 'use straight quotes: "',
    "%": "only + - * are known",
    "/": "only + - * are known",
    "?": "write two conditions, with && and ||",
    "{": "only lists in [ ] are known",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


def tree_of(text: str) -> Tree:
    """The condition as a tree. Raises Wrong."""
    if not text.strip():
        raise Wrong(0, "is empty", 'write a condition such as contact.country == "SA"')
    if len(text) > LONGEST:
        raise Wrong(LONGEST, f"is longer than {LONGEST} characters", "make two of it")
    reader = _Reader(_words(text), len(text))
    tree = reader.either()
    if reader.word.kind != "end":
        reader.unexpected()
    return tree


def _words(text: str) -> list[_Word]:
    found, at = [], 0
    while at < len(text):
        match = _WORDS.match(text, at)
        if match is None:
            raise Wrong(at, *_odd(text, at))
        if match.lastgroup != "blank":
            found.append(_Word(str(match.lastgroup), match[0], at))
        at = match.end()
    return [*found, _Word("end", "", at)]


def _odd(text: str, at: int) -> tuple[str, str]:
    letter = text[at]
    if letter in "\"'":
        return "has a quote that is opened and not closed", "close it in the same line; \\ is not known"
    digits = re.match(r"\w+", text[at:])
    if digits and western(digits[0]) != digits[0]:
        return f"has {digits[0]} in other digits than 0 to 9", f"write {western(digits[0])}"
    if digits and letter.isascii() and letter.isdigit():
        return f"has {short(digits[0])}, which is no number", "write a number such as 3 or 2.5; a length of time as days(3) or hours(12)"
    if letter.isalpha():
        return f"has {short(digits[0] if digits else letter)} outside quotes", "put texts in quotes"
    return f"has {short(letter)}, which means nothing here", _ODD.get(letter, "take it out, or put texts in quotes")


class _Reader:
    """Reads word by word, loosest binding first, as CEL does."""

    def __init__(self, words: Sequence[_Word], end: int) -> None:
        self._words = words
        self._next = 0
        self._end = end
        self._depth = 0

    @property
    def word(self) -> _Word:
        return self._words[self._next]

    def unexpected(self) -> NoReturn:
        word = self.word
        if word.kind == "end":
            raise Wrong(word.at, "ends too early", "a value, or a closing bracket, is missing")
        if word.text in _INSTEAD:
            raise Wrong(word.at, f"has {short(word.text)} where a sign is needed", f"write {_INSTEAD[word.text]}")
        raise Wrong(
            word.at, f"has {short(word.text)} where nothing like it can stand", "look for a missing sign, quote or bracket before it"
        )

    def either(self) -> Tree:
        """One or the other."""
        return self._chain(("||",), self._both)

    def _both(self) -> Tree:
        return self._chain(("&&",), self._compared)

    def _compared(self) -> Tree:
        left = self._sum()
        if self.word.text in _COMPARISONS and self.word.kind in ("sign", "name"):
            sign = self._take()
            left = Call(sign.at, sign.text, (left, self._sum()))
            if self.word.text in _COMPARISONS and self.word.kind in ("sign", "name"):
                raise Wrong(self.word.at, f"compares twice in a row with {self.word.text}", "join two comparisons with &&")
        return left

    def _sum(self) -> Tree:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Tree:
        return self._chain(("*",), self._signed)

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Tree]) -> Tree:
        left = part()
        while self.word.kind == "sign" and self.word.text in signs:
            sign = self._take()
            left = Call(sign.at, sign.text, (left, part()))
        return left

    def _signed(self) -> Tree:
        if self.word.kind == "sign" and self.word.text in ("!", "-"):
            sign = self._take()
            with_sign = "not" if sign.text == "!" else "minus"
            return Call(sign.at, with_sign, (self._deeper(self._signed),))
        return self._with_functions(self._single())

    def _single(self) -> Tree:
        word = self.word
        if word.kind == "number":
            self._take()
            if len(word.text) > 15:
                raise Wrong(word.at, f"has {short(word.text)}, which is too large", "write a number of at most 15 digits")
            return Value(word.at, float(word.text) if "." in word.text else int(word.text))
        if word.kind == "text":
            return Value(self._take().at, word.text[1:-1])
        if word.kind == "name" and word.text not in _INSTEAD and word.text != "in":
            return self._named()
        if word.text == "(":
            self._take()
            inside = self._deeper(self.either)
            self._closed(")")
            return inside
        if word.text == "[":
            self._take()
            return Values(word.at, self._list("]"))
        return self.unexpected()

    def _named(self) -> Tree:
        word = self._take()
        if word.text in ("true", "false"):
            return Value(word.at, word.text == "true")
        if self.word.text == "(":
            self._take()
            return Call(word.at, word.text, self._list(")"))
        name = word.text
        while self.word.text == "." and self._after_dot(1).kind == "name" and self._after_dot(2).text != "(":
            self._take()
            name += f".{self._take().text}"
        return Fact(word.at, name)

    def _with_functions(self, tree: Tree) -> Tree:
        while self.word.text == ".":
            self._take()
            if self.word.kind != "name" or self._after_dot(1).text != "(":
                self.unexpected()
            name = self._take()
            self._take()
            tree = Call(name.at, f".{name.text}", (tree, *self._list(")")))
        if self.word.text == "[":
            raise Wrong(self.word.at, "takes something out of a list", 'write "x" in the list, or a fact with a dot: contact.country')
        return tree

    def _list(self, end: str) -> tuple[Tree, ...]:
        items: list[Tree] = []
        while self.word.text != end or items:
            items.append(self._deeper(self.either))
            if self.word.text != ",":
                break
            self._take()
        self._closed(end)
        return tuple(items)

    def _deeper(self, part: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Wrong(self.word.at, f"is nested deeper than {DEEPEST} levels", "make two conditions of it")
        tree = part()
        self._depth -= 1
        return tree

    def _closed(self, end: str) -> None:
        if self.word.text != end or self.word.kind != "sign":
            self.unexpected()
        self._take()

    def _after_dot(self, ahead: int) -> _Word:
        return self._words[min(self._next + ahead, len(self._words) - 1)]

    def _take(self) -> _Word:
        word = self.word
        self._next = min(self._next + 1, len(self._words) - 1)
        return word


def facts_in(tree: Tree) -> frozenset[str]:
    """The names of all facts in it."""
    match tree:
        case Fact(name=name):
            return frozenset({name})
        case Values(items=parts) | Call(parts=parts):
            return frozenset().union(*map(facts_in, parts))
        case _:
            return frozenset()
