"""A small, strict part of YAML: what a person sees is what is read, and everything else is an error with its place.

Only ruamel.yaml's events are used: no constructors, no recursion, no types. What a text means is for the schema to say.

Its reader of YAML 1.2 in Python has the last word, and all the words of every refusal. A text in which nothing is odd is
read by libyaml first, ten times as fast, and believed when nothing at all is wrong with it: there both give one tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, main
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from offswitch.errors import ConfigError, Problem
from offswitch.policy.characters import INVISIBLE, NOWHERE, invisible, name, nowhere
from offswitch.policy.file import LIMIT, read_text
from offswitch.policy.node import Listing, Node, Scalar, Table
from offswitch.policy.plain import ambiguous, next_line_help, odd_key, short, unreadable

DEPTH = 20
_LIBYAML: Any = getattr(main, "CParser", None)  # None where it isn't installed
# What the two readers see differently: invisible characters, lines of blanks, comments behind the | or > of a block, and a
# value right behind the colon of a key in quotes or brackets.
_DIFFERENT = re.compile(INVISIBLE.pattern + r"""|(?m:^[ ]+\r?$)|[|>][-+0-9]*[ ]*\#|["'\]}]:\S""")


def read(path: Path) -> Node:
    """The content of a policy file. Raises ConfigError with every problem found."""
    return parse(read_text(path)[0], str(path))


def parse(text: str, path: str) -> Node:
    """The content of a text that stands at `path`. Raises ConfigError with every problem found."""
    if len(text.encode(errors="surrogatepass")) > LIMIT:
        raise ConfigError(Problem(path, 0, 0, "is larger than 64 KiB", "move long texts into the messages"))
    if text.startswith("\ufeff"):
        raise ConfigError(Problem(path, 1, 1, "begins with a byte-order mark", 'save it as "UTF-8", not as "UTF-8 with BOM"'))
    problems = list(nowhere(text, path))
    if problems:
        raise ConfigError(*problems)
    return believed(text, path) or read_carefully(text, path)


def believed(text: str, path: str) -> Node | None:
    """What the fast reader makes of it, if nothing can be said against that; else None."""
    tree = _Tree(path)
    if _LIBYAML is None or _DIFFERENT.search(text) or _grow(tree, _quick(text)) is not None or tree.problems:
        return None
    return tree.root


def read_carefully(text: str, path: str) -> Node:
    """What the reader of YAML 1.2 makes of it. Raises ConfigError."""
    tree = _Tree(path)
    broken = _grow(tree, YAML(typ="safe", pure=True).parse(text))
    hidden = list(invisible(text, tree.free, path))
    if broken is not None:
        hidden = [problem for problem in hidden if problem.line <= broken.line]
        tree.problems += [] if hidden else [broken]
    problems = sorted([*tree.problems, *hidden], key=lambda problem: (problem.line, problem.column))
    if problems:
        raise ConfigError(*problems)
    if tree.root is None:
        raise ConfigError(Problem(path, 0, 0, "is empty", "an empty policy means nothing, so it stops the flow: restore the file"))
    return tree.root


def _quick(text: str) -> Iterator[Any]:
    reader = _LIBYAML(text)
    while reader.check_event():
        yield reader.get_event()


def _grow(tree: _Tree, events: Iterable[Any]) -> Problem | None:
    """Feed the events to the tree, as far as they come."""
    try:
        for event in events:
            if not tree.take(event):
                break
    except MarkedYAMLError as error:
        return unreadable(error, tree.path)
    except (YAMLError, ValueError, LookupError, OverflowError) as error:
        return Problem(tree.path, 0, 0, f"can't be read as YAML: {error}")
    return None


@dataclass(slots=True)
class _Open:
    """A list or section whose end has not come yet."""

    event: Any
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: list[Node] = field(default_factory=list)
    table: dict[str, Node] = field(default_factory=dict)
    key: Scalar | None = None


class _Tree:
    """Builds nodes from events with a stack of its own."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.free: list[tuple[int, int]] = []
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Add one event. False when nothing further can be trusted."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._plain_only(event)
            self._put(self._scalar(event))
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._plain_only(event)
            self._open.append(_Open(event))
            if len(self._open) > DEPTH:
                self._refuse(event, f"is nested deeper than {DEPTH} levels")
                return False
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close()
        elif kind == "AliasEvent":
            self._refuse(event, f"uses an alias (*{event.anchor})", "write the value out")
            self._put(Scalar("", event.start_mark.line + 1, event.start_mark.column + 1))
        elif kind.startswith("Document"):
            return self._document(event, kind)
        return True

    def _document(self, event: Any, kind: str) -> bool:
        if kind == "DocumentEndEvent":
            if event.explicit:
                self._refuse(event, "ends before the file does (...)", "take the line out: nothing below it would count")
            return not event.explicit
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "holds a second document", "a policy is one document: take the --- out")
        elif event.version or event.tags:
            self._refuse(event, "has a YAML directive", "take the line with % out")
        return self._documents == 1

    def _plain_only(self, event: Any) -> None:
        if event.anchor:
            self._refuse(event, f"has an anchor (&{event.anchor})", "write the value out where it is needed")
        if event.tag:
            self._refuse(event, f"has a tag ({event.tag})", "take it out, or put the text in quotes")

    def _scalar(self, event: Any) -> Scalar:
        begin, end = event.start_mark, event.end_mark
        scalar = Scalar(event.value, begin.line + 1, begin.column + 1, bool(event.style), begin.index, end.index)
        if scalar.quoted:
            self.free.append((begin.index, end.index))
        hidden = NOWHERE.search(event.value)
        if hidden:
            self._refuse(event, f"holds {name(hidden[0])}", "take it out")
        elif not scalar.quoted and begin.line != end.line and event.value:
            self._refuse(event, "goes on in the next line", next_line_help(event.value))
        return scalar

    def _put(self, node: Node) -> None:
        """Place a finished node: as the root, in a list, as a key or as the value of one."""
        if not self._open:
            self.root = node
            if isinstance(node, Scalar):
                self._value(node)
                self._at(node, f"has no keys, only {short(node.value)}", "write `key: value`, with a blank after the colon")
            return
        top = self._open[-1]
        if type(top.event).__name__ == "SequenceStartEvent":
            top.values.append(node)
            self._value(node)
        elif top.key is None:
            top.key = self._key(node, top)
        else:
            if isinstance(node, Scalar) and not (node.value or node.quoted):  # stands where its key ends
                node = Scalar("", top.key.line, top.key.column, start=top.key.end, end=top.key.end)
            top.table[top.key.value] = node
            top.key = None
            self._value(node)

    def _key(self, node: Node, top: _Open) -> Scalar:
        if not isinstance(node, Scalar):
            self._at(node, "has a list or section as a key", "keys are words; put { } and [ ] after a colon")
            return Scalar(f"\0{len(top.keys)}", node.line, node.column)
        before = top.keys.get(node.value)
        if before is not None:
            self._at(node, f"has the key {short(node.value)} twice", f"the first one is in line {before.line}, column {before.column}")
        elif node.value == "<<" and not node.quoted:
            self._at(node, "uses a merge key (<<)", "write the keys out")
        elif odd := odd_key(node.value):
            self._at(node, odd, "keys are written in plain English letters")
        top.keys.setdefault(node.value, node)
        return node

    def _value(self, node: Node) -> None:
        if isinstance(node, Scalar) and not node.quoted and (trouble := ambiguous(node.value)):
            self._at(node, *trouble)

    def _close(self) -> None:
        top = self._open.pop()
        mark = top.event.start_mark
        place = mark.line + 1, mark.column + 1
        if type(top.event).__name__ == "SequenceStartEvent":
            self._put(Listing(tuple(top.values), *place))
        else:
            self._put(Table(top.table, top.keys, *place, mark.index, bool(top.event.flow_style)))

    def _refuse(self, event: Any, what: str, fix: str = "") -> None:
        mark = event.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, what, fix))

    def _at(self, node: Node, what: str, fix: str = "") -> None:
        self.problems.append(Problem(self.path, node.line, node.column, what, fix))
