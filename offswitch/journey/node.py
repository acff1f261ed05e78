"""One step as its source shows it: what it may send, where it may lead, what it leaves unclear."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeVar

from offswitch.journey.journey import Journey
from offswitch.journey.source import Function, Named, Source, assigned
from offswitch.model.plan import days, hours, minutes

T = TypeVar("T")
_LEADS_ON = ("then", "outcomes", "or_when", "overdue")
_BY_ITSELF = ("then", "outcomes")  # what happens without anything unforeseen
_UNITS: Mapping[str, Callable[[float], timedelta]] = {"minutes": minutes, "hours": hours, "days": days}


@dataclass(frozen=True, slots=True)
class Node:
    """One step. Lines and columns count from 1. `others` names steps of other journeys, which no entry can reach.

    `unclear` are places where the source doesn't show what is sent or where it leads; `counts` whether it reads `visit`.
    `onward` are the steps that follow when nothing unforeseen happens, each with the shortest wait that is written for it.
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
    onward: tuple[tuple[str, timedelta], ...] = ()

    @property
    def may_finish(self) -> bool:
        """Can the journey end here?"""
        return bool(self.finishes)


def node_of(journey: Journey, source: Source, function: Function) -> Node:
    """Read one step, with the helpers of the module that it calls."""
    return _Reader(journey, source, function).node()


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
        onward: list[tuple[str, timedelta]] = []
        for body in self.bodies:
            local = assigned(body.body)
            for call in (node for node in ast.walk(body) if isinstance(node, ast.Call)):
                name = called(call, self.source)
                if name in said and (name != "send" or self._named(call)):
                    said[name] += [literal(arg) for arg in call.args[:1]]
                if name in ("Plan", "hand_over"):
                    events += _events(call)
                    ahead += self._leads_on(call, local)
                    onward += [(name, _wait(call, self.source)) for name in self._by_itself(call, local)]
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
            onward=_once(onward),
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

    def _by_itself(self, call: ast.Call, local: Named) -> Iterator[str]:
        for keyword in (keyword for keyword in call.keywords if keyword.arg in _BY_ITSELF):
            values = keyword.value.values if isinstance(keyword.value, ast.Dict) else [keyword.value]
            yield from (place.name for value in values for place in self._places(value, local, frozenset()) if place.kind == "step")

    def _places(self, value: ast.expr, local: Named, seen: frozenset[str]) -> Iterator[_Place]:
        """Both sides of a condition count, and what variables, tables and helpers of the module hold."""
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and called(node, self.source) == "finish":
                yield from (_Place("finish", literal(arg), node.lineno, node.col_offset + 1) for arg in node.args[:1])
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


def _wait(call: ast.Call, source: Source) -> timedelta:
    """The shortest time until the next step; none where the source doesn't show one. A hand-over takes until it is due."""
    until_due = _shortest(call, "due", source, days(1)) if called(call, source) == "hand_over" else timedelta(0)
    return until_due + _shortest(call, "after", source, timedelta(0))


def _shortest(call: ast.Call, word: str, source: Source, default: timedelta) -> timedelta:
    """The shortest length of time that an argument may be."""
    said = next((keyword.value for keyword in call.keywords if keyword.arg == word), None)
    if said is None:
        return default
    found = [
        _UNITS[called(node, source)](float(node.args[0].value))
        for node in ast.walk(said)
        if isinstance(node, ast.Call) and called(node, source) in _UNITS and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, int | float)
    ]
    return min(found, default=timedelta(0))


def called(call: ast.Call, source: Source) -> str:
    """The bare name of one of our own constructors, under whatever name it was imported."""
    name = source.dotted(call.func).rpartition(".")
    return name[2] if name[0].startswith("offswitch") else ""


def literal(node: ast.expr) -> str:
    """A literal as it is; of an f-string the parts that are known."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return "…"


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
