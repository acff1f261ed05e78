"""The step graph of a journey, read from its source: what may be sent where, and where one may go from there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple, TypeVar

from offswitch.journey.journey import Journey
from offswitch.journey.source import Function, Named, Source, assigned, source_of

T = TypeVar("T")
_LEADS_ON = ("then", "outcomes", "or_when", "overdue")


@dataclass(frozen=True, slots=True)
class Node:
    """One step. Lines and columns count from 1. `others` names steps of other journeys, which no entry can reach.

    `unclear` are places where the source doesn't show what is sent or where it leads; `counts` whether it reads `visit`.
    """

    name: str
    line: int
    column: int
    sends: tuple[str, ...]
    then: tuple[str, ...]
    finishes: tuple[str, ...]
    hand_overs: tuple[str, ...]
    waits_for: tuple[str, ...]
    others: tuple[tuple[str, int, int], ...]
    unclear: tuple[tuple[str, int, int], ...]
    counts: bool

    @property
    def may_finish(self) -> bool:
        """Can the journey end here?"""
        return bool(self.finishes)


@dataclass(frozen=True, slots=True)
class Graph:
    """All steps of a journey, in the order they are written. `first` is where everybody starts."""

    journey: str
    path: str
    first: str
    nodes: Mapping[str, Node]

    def after(self, step: str) -> frozenset[str]:
        """The steps that can come from here on, this one included."""
        found: set[str] = set()
        ahead = [step]
        while ahead:
            name = ahead.pop()
            if name in self.nodes and name not in found:
                found.add(name)
                ahead += self.nodes[name].then
        return frozenset(found)

    @property
    def messages(self) -> tuple[str, ...]:
        """Every message of the journey, once, in written order."""
        return tuple(dict.fromkeys(message for node in self.nodes.values() for message in node.sends))


def graph_of(journey: Journey) -> Graph:
    """Read the journey's module. Nothing is run."""
    source = source_of(journey)
    nodes = {name: _Reader(journey, source, function).node() for name, function in source.steps.items()}
    return Graph(journey.name, source.path, journey.first.name, nodes)


def variables_of(journey: Journey) -> dict[str, frozenset[str]]:
    """What each message of a journey is given: the values of its `send()` and the fields of the trigger as `event.…`."""
    source = source_of(journey)
    given: dict[str, set[str]] = {}
    for function in source.functions.values():
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if _called(call, source) == "send" and call.args:
                given.setdefault(_title(call.args[0]), set()).update(word.arg for word in call.keywords if word.arg)
    event = {f"event.{field.name}" for field in fields(journey.starts_on) if field.name not in ("id", "at")}
    return {message: frozenset(names | event) - {"channel"} for message, names in given.items()}


def reachable_messages(graph: Graph, step: str) -> frozenset[str]:
    """The messages that may still be sent from this step on."""
    return frozenset(message for name in graph.after(step) for message in graph.nodes[name].sends)


class _Place(NamedTuple):
    """Something that an expression may stand for, and where it is written."""

    kind: str  # step, other, finish
    name: str
    line: int
    column: int


class _Reader:
    """Reads what one step may decide, helpers of the module included."""

    def __init__(self, journey: Journey, source: Source, function: Function) -> None:
        self.journey = journey
        self.source = source
        self.function = function
        self.bodies = [*source.bodies(function)]
        self.unclear: list[tuple[str, int, int]] = []

    def node(self) -> Node:
        said: dict[str, list[str]] = {"send": [], "hand_over": [], "finish": []}
        events: list[str] = []
        ahead: list[_Place] = []
        for body in self.bodies:
            local = assigned(body.body)
            for call in (node for node in ast.walk(body) if isinstance(node, ast.Call)):
                name = _called(call, self.source)
                if name in said and (name != "send" or self._named(call)):
                    said[name] += [_title(arg) for arg in call.args[:1]]
                if name in ("Plan", "hand_over"):
                    events += _events(call)
                    ahead += self._leads_on(call, local)
        return Node(
            self.function.name,
            self.function.lineno,
            self.function.col_offset + 1,
            sends=_once(said["send"]),
            then=_once(place.name for place in ahead if place.kind == "step"),
            finishes=_once([*(place.name for place in ahead if place.kind == "finish"), *said["finish"]]),
            hand_overs=_once(said["hand_over"]),
            waits_for=_once(events),
            others=_once((place.name, place.line, place.column) for place in ahead if place.kind == "other"),
            unclear=_once(self.unclear),
            counts=any(isinstance(node, ast.Attribute) and node.attr == "visit" for body in self.bodies for node in ast.walk(body)),
        )

    def _named(self, call: ast.Call) -> bool:
        message = call.args[0] if call.args else None
        if isinstance(message, ast.Constant) and isinstance(message.value, str):
            return True
        self.unclear.append(("send() takes the name of a message, written out", call.lineno, call.col_offset + 1))
        return False

    def _leads_on(self, call: ast.Call, local: Named) -> Iterator[_Place]:
        """Every step or end that an argument of a plan or hand-over may stand for."""
        for keyword in (keyword for keyword in call.keywords if keyword.arg in _LEADS_ON):
            if isinstance(keyword.value, ast.Constant):
                continue
            values = keyword.value.values if isinstance(keyword.value, ast.Dict) else [keyword.value]
            for value in values:
                found = [*self._places(value, local, frozenset())]
                yield from found
                if not found:
                    what = f"can't be read as a step: {ast.unparse(value)[:60]}"
                    self.unclear.append((what, value.lineno, value.col_offset + 1))

    def _places(self, value: ast.expr, local: Named, seen: frozenset[str]) -> Iterator[_Place]:
        """Both sides of a condition count, and what variables, tables and helpers of the module hold."""
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and _called(node, self.source) == "finish":
                yield from (_Place("finish", _title(arg), node.lineno, node.col_offset + 1) for arg in node.args[:1])
            elif isinstance(node, ast.Attribute | ast.Name):
                step = self.source.step_of(node)
                if step is None and isinstance(node, ast.Name) and node.id not in seen:
                    yield from self._held(node.id, local, seen | {node.id})
                elif step is not None:
                    own = step.journey == self.journey.name
                    name = step.name if own else f"{step.journey}.{step.name}"
                    yield _Place("step" if own else "other", name, node.lineno, node.col_offset + 1)

    def _held(self, name: str, local: Named, seen: frozenset[str]) -> Iterator[_Place]:
        helper = self.source.functions.get(name)
        if helper is not None:
            inner = assigned(helper.body)
            for part in ast.walk(helper):
                if isinstance(part, ast.Return) and part.value is not None:
                    yield from self._places(part.value, inner, seen)
            return
        for value in (*local.get(name, ()), *self.source.named.get(name, ())):
            yield from self._places(value, local, seen)


def _events(call: ast.Call) -> Iterator[str]:
    """The kinds of event that end a wait early."""
    for keyword in call.keywords:
        if keyword.arg == "or_when" and isinstance(keyword.value, ast.Dict):
            yield from (ast.unparse(key) for key in keyword.value.keys if key is not None)


def _called(call: ast.Call, source: Source) -> str:
    """The bare name of one of our own constructors, under whatever name it was imported."""
    name = source.dotted(call.func).rpartition(".")
    return name[2] if name[0].startswith("offswitch") else ""


def _title(node: ast.expr) -> str:
    """A literal as it is; of an f-string the parts that are known."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return "…"


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
