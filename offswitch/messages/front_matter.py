"""The head of a message file: what it is for, what the reader gets, how much it asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from offswitch.errors import ConfigError, Problem
from offswitch.messages.amount import variables_in
from offswitch.policy.human import slip
from offswitch.policy.node import Node, Scalar, Table
from offswitch.policy.strict import parse

PURPOSES = ("service", "marketing")
ASKS = ("0", "1", "2", "3", "4")
KEYS = ("subject", "preheader", "purpose", "value", "ask", "decides", "amount", "currency", "proof", "fallback")
_HEAD = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class Front:
    """`purpose` is service or marketing; `ask` goes from 0 (nothing) to 4 (buy now); `decides` names a class that people decide.

    `amount` is how much money that decision is about: "500 SAR", or the variable that holds it, with `currency` where that is a
    mere number. `value` says what the reader gets, `proof` what stands behind what the text promises. `fallback` maps a variable
    to the text that stands for it when it is empty.
    """

    subject: str
    purpose: str
    value: str
    ask: int
    preheader: str = ""
    decides: str = ""
    fallback: Mapping[str, str] = field(default_factory=dict)
    line: int = 1
    amount: str = ""
    currency: str = ""
    decides_at: tuple[int, int] = (1, 1)
    proof: str = ""

    @property
    def kind(self) -> tuple[str, int, str, str, str]:
        """What rules go by; the same in every language."""
        return self.purpose, self.ask, self.decides, self.amount, self.currency

    @property
    def money_in(self) -> tuple[str, ...]:
        """The variables that the amount and its currency are in."""
        return variables_in(self.amount, self.currency)


def split(text: str, path: str) -> tuple[Front, str, int]:
    """The head, the body, and how many lines stand before the body. Raises ConfigError with every problem found."""
    head = _HEAD.match(text)
    if head is None:
        fix = "begin with --- , then subject:, purpose:, value: and ask:, then --- and the text"
        raise ConfigError(Problem(path, 1, 1, "has no front matter", fix))
    tree = parse("\n" + head[1], path)
    return _Reader(tree, path).front(), text[head.end() :], text.count("\n", 0, head.end())


class _Reader:
    """Reads one head and gathers what is wrong with it."""

    def __init__(self, tree: Node, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.table: Mapping[str, Node] = tree.value if isinstance(tree, Table) else {}
        if not isinstance(tree, Table):
            self._wrong(tree, "front matter is `key: value` lines")
            return
        for key, place in tree.keys.items():
            if key not in KEYS:
                self._wrong(place, f"unknown key {key!r}", _meant(key, KEYS))

    def front(self) -> Front:
        fields: dict[str, Any] = {
            "subject": self._text("subject", needed=True),
            "purpose": self._one_of("purpose", PURPOSES),
            "value": self._text("value", needed=True, why="what does the reader get from this message?"),
            "ask": int(self._one_of("ask", ASKS) or 0),
            "preheader": self._text("preheader"),
            "decides": self._decides(),
            "amount": self._money("amount"),
            "currency": self._money("currency"),
            "proof": self._text("proof"),
            "fallback": self._fallback(),
        }
        if self.problems:
            raise ConfigError(*self.problems)
        head = self.table.get("decides", self.table["subject"])
        return Front(**fields, line=self.table["subject"].line, decides_at=(head.line, head.column))

    def _decides(self) -> str:
        """A class of ours, or a word that some policy declares; which words those are is known only there."""
        value = self._text("decides")
        if value and (wrong := slip(value)):
            self._wrong(self.table["decides"], f"'decides' can't be {value!r}", wrong)
            return ""
        return value

    def _money(self, key: str) -> str:
        value = self._text(key)
        if value and "decides" not in self.table:
            self._wrong(self.table[key], f"{key!r} without 'decides'", "say which decision the amount is about, such as `decides: offer`")
        elif any(not _VARIABLE.fullmatch(name) for name in variables_in(value)):
            fix = "write 500 SAR, or the variable that holds it" if key == "amount" else "write SAR, or the variable that holds it"
            self._wrong(self.table[key], f"{key!r} can't be {value!r}", fix)
        return value

    def _text(self, key: str, *, needed: bool = False, why: str = "") -> str:
        node = self.table.get(key)
        if node is None:
            if needed:
                self.problems.append(Problem(self.path, 1, 1, f"{key!r} is missing", why or f"add a line `{key}: …`"))
            return ""
        if not isinstance(node, Scalar):
            self._wrong(node, f"{key!r} is one text", "put it on one line, in quotes where it holds a colon")
            return ""
        if needed and not node.value.strip():
            self._wrong(node, f"{key!r} is empty", why)
        return node.value.strip()

    def _one_of(self, key: str, words: tuple[str, ...], *, needed: bool = True) -> str:
        value = self._text(key, needed=needed, why=f"one of {', '.join(words)}")
        if value and value not in words:
            self._wrong(self.table[key], f"{key!r} can't be {value!r}", _meant(value, words))
            return ""
        return value

    def _fallback(self) -> dict[str, str]:
        node = self.table.get("fallback")
        if node is None:
            return {}
        if not isinstance(node, Table):
            self._wrong(node, "'fallback' maps variables to texts", "write `fallback: {first_name: friend}`")
            return {}
        found: dict[str, str] = {}
        for key, value in node.value.items():
            if not _VARIABLE.fullmatch(key):
                self._wrong(node.keys[key], f"{key!r} is no variable", "such as first_name or event.project")
            elif not isinstance(value, Scalar) or "{" in value.value:
                self._wrong(value, f"the fallback of {key!r} is plain text", "without variables of its own")
            else:
                found[key] = value.value
        return found

    def _wrong(self, node: Node, what: str, fix: str = "") -> None:
        self.problems.append(Problem(self.path, node.line, node.column, what, fix))


def _meant(word: str, words: tuple[str, ...]) -> str:
    near = get_close_matches(word, words, 1)
    return f"did you mean {near[0]!r}?" if near else f"one of {', '.join(words)}"
