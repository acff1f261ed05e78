"""Writing what people answered into a section of a policy file: every other byte, comment and line ending stays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from offswitch.errors import ConfigError, Problem
from offswitch.policy.edit import values_of
from offswitch.policy.node import Node, Table
from offswitch.policy.strict import parse

Words: TypeAlias = Mapping[str, str | Sequence[str]]
Item: TypeAlias = Words | Sequence[Words]
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._+-]*")
_EMPTY = re.compile(r"\{\s*\}")
_INDENT = 2


def with_items(text: str, path: str, section: str, items: Mapping[str, Item]) -> str:
    """The same text, in which these keys of a section say something new. Raises ConfigError with what to do by hand.

    A section that there is not comes before the last key: that one stays the last, so that a file that was cut off is noticed.
    """
    root = parse(text, path)
    assert isinstance(root, Table)
    end = "\r\n" if "\r\n" in text else "\n"
    text += "" if text.endswith("\n") else end
    node = root.value.get(section)
    if node is None:
        at = _above(text, list(root.keys.values())[-1].start)
        changed = text[:at] + _written(section, items, end) + end + text[at:]
    elif isinstance(node, Table) and not node.flow:
        changed = _each(text, root, section, items, end)
    elif isinstance(node, Table) and (braces := _EMPTY.match(text, node.start)):
        line = _line_end(text, braces.end())
        head = text[: braces.start()].rstrip(" ") + text[braces.end() : line]
        changed = head + _written(section, items, end).removeprefix(f"{section}:{end}") + text[line:]
    else:
        raise _by_hand(path, section, node)
    if values_of(parse(changed, path)) != _expected(root, section, items):
        raise _by_hand(path, section, node or root)
    return changed


def _each(text: str, root: Table, section: str, items: Mapping[str, Item], end: str) -> str:
    """One item after the other; the last places first, so that those before stay where they are."""
    node = root.value[section]
    assert isinstance(node, Table)
    column = next(iter(node.keys.values())).column - 1
    later = [key.start for key in root.keys.values() if key.start > node.start]
    close = _content_end(text, _line_start(text, min(later)) if later else len(text))
    new = "".join(_lines(name, item, column, end) for name, item in items.items() if name not in node.keys)
    changes = [(close, close, new)] if new else []
    for name in items.keys() & node.keys.keys():
        begin = _line_start(text, node.keys[name].start)
        following = [key.start for key in node.keys.values() if key.start > node.keys[name].start]
        stop = _content_end(text, _line_start(text, min(following))) if following else close
        changes.append((begin, stop, _lines(name, items[name], column, end)))
    for begin, stop, words in sorted(changes, reverse=True):
        text = text[:begin] + words + text[stop:]
    return text


def _written(section: str, items: Mapping[str, Item], end: str) -> str:
    return f"{section}:{end}" + "".join(_lines(name, item, _INDENT, end) for name, item in items.items())


def _lines(name: str, item: Item, column: int, end: str) -> str:
    """A key with its section, or with its list, one thing a line."""
    if isinstance(item, Mapping):
        inner = [f"{key}: {_value(value)}" for key, value in item.items()]
    else:
        inner = ["- {" + ", ".join(f"{key}: {_value(value)}" for key, value in one.items()) + "}" for one in item]
    blanks = " " * (column + _INDENT)
    return " " * column + f"{name}:{end}" + "".join(f"{blanks}{line}{end}" for line in inner)


def _value(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _expected(root: Table, section: str, items: Mapping[str, Item]) -> object:
    before = values_of(root)
    assert isinstance(before, dict)
    return {**before, section: {**(before.get(section) or {}), **{name: _plain(item) for name, item in items.items()}}}


def _plain(item: Item | str | Sequence[str]) -> object:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        return {key: _plain(value) for key, value in item.items()}
    return [_plain(one) for one in item]


def _above(text: str, start: int) -> int:
    """Where a key begins, with the comment that stands right above it."""
    at = _line_start(text, start)
    while at and text[_line_start(text, at - 1) : at].lstrip(" ").startswith("#"):
        at = _line_start(text, at - 1)
    return at


def _content_end(text: str, stop: int) -> int:
    """The end of the last line before `stop` that says something: blank lines and comments belong to what follows."""
    while stop:
        begin = _line_start(text, stop - 1)
        line = text[begin:stop].strip()
        if line and not line.startswith("#"):
            return stop
        stop = begin
    return stop


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _by_hand(path: str, section: str, node: Node) -> ConfigError:
    what = f"{section} can't be written without touching something else"
    return ConfigError(Problem(path, node.line, node.column, what, f"write {section}: with each of its keys in a line of its own"))
