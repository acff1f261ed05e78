"""The step graph of a journey, read from its source, and what is wrong with it before anybody enters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta

from offswitch.errors import Problem
from offswitch.journey.journey import Journey
from offswitch.journey.node import Node, called, literal, node_of
from offswitch.journey.source import Source, source_of

# A step is a pure function of its facts. What these give differs from call to call.
_IMPURE = ("time.", "random.", "secrets.", "uuid.", "os.", "socket.", "subprocess.", "datetime.date.today")
_CLOCKS = tuple(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today"))


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
    def first_day(self) -> int:
        """The most steps with a message or a hand-over that one newcomer can come to within 24 hours, one after the other."""

        def most(name: str, spent: timedelta, before: frozenset[str]) -> int:
            node = self.nodes.get(name)
            if node is None or spent >= timedelta(days=1) or name in before:
                return 0
            here = bool(node.sends or node.hand_overs)
            return here + max((most(step, spent + wait, before | {name}) for step, wait in node.onward), default=0)

        return max(most(self.first, timedelta(0), frozenset()), 1)

    @property
    def messages(self) -> tuple[str, ...]:
        """Every message of the journey, once, in written order."""
        return tuple(dict.fromkeys(message for node in self.nodes.values() for message in node.sends))


def graph_of(journey: Journey) -> Graph:
    """Read the journey's module. Nothing is run."""
    source = source_of(journey)
    nodes = {name: node_of(journey, source, function) for name, function in source.steps.items()}
    return Graph(journey.name, source.path, journey.first.name, nodes)


def variables_of(journey: Journey) -> dict[str, frozenset[str]]:
    """What each message of a journey is given: the values of its `send()` and the fields of the trigger as `event.…`."""
    source = source_of(journey)
    given: dict[str, set[str]] = {}
    for function in source.functions.values():
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if called(call, source) == "send" and call.args:
                given.setdefault(literal(call.args[0]), set()).update(word.arg for word in call.keywords if word.arg)
    event = {f"event.{field.name}" for field in fields(journey.starts_on) if field.name not in ("id", "at")}
    return {message: frozenset(names | event) - {"channel"} for message, names in given.items()}


def updates_of(journey: Journey) -> list[tuple[str, str, int, int]]:
    """Every field that a journey writes to the CRM: its name, and the file, line and column where it does."""
    source = source_of(journey)
    calls = [node for function in source.functions.values() for node in ast.walk(function) if isinstance(node, ast.Call)]
    words = [word for call in calls if called(call, source) == "update" for word in call.keywords if word.arg]
    return list(dict.fromkeys((str(word.arg), source.path, word.lineno, word.col_offset + 1) for word in words))


def reachable_messages(graph: Graph, step: str) -> frozenset[str]:
    """The messages that may still be sent from this step on."""
    return frozenset(message for name in graph.after(step) for message in graph.nodes[name].sends)


def check(journey: Journey, asks: Mapping[str, int] | None = None) -> list[Problem]:
    """Every problem with file, line and column, in the order of the file. `asks` is the ask level of each message."""
    source = source_of(journey)
    graph = graph_of(journey)
    problems = [
        *_aim(journey, source),
        *_unreachable(graph),
        *_unclear(graph),
        *_unbounded(journey, graph),
        *_impure(source),
        *_two_calls(source, asks or {}),
    ]
    return sorted(problems, key=lambda problem: (problem.line, problem.column, problem.what))


def _aim(journey: Journey, source: Source) -> Iterator[Problem]:
    if journey.goal is None and not journey.exits:
        place = source.journey_call
        line, column = (place.lineno, place.col_offset + 1) if place else (1, 1)
        yield Problem(source.path, line, column, f"{journey.name} has no goal", "name the event that it is for: goal=…")


def _unreachable(graph: Graph) -> Iterator[Problem]:
    reached = graph.after(graph.first)
    for node in graph.nodes.values():
        if node.name not in reached:
            what = f"no step leads to {node.name!r}"
            yield Problem(graph.path, node.line, node.column, what, f"{graph.first!r} is the first step; name this one in a then=")


def _unclear(graph: Graph) -> Iterator[Problem]:
    for node in graph.nodes.values():
        for name, line, column in node.others:
            yield Problem(graph.path, line, column, f"{name} is a step of another journey", "a plan leads to steps of its own journey")
        for what, line, column in node.unclear:
            yield Problem(graph.path, line, column, what, "write names, so that everybody can read what may happen")


def _unbounded(journey: Journey, graph: Graph) -> Iterator[Problem]:
    """Every circle needs an end: a time after which the journey gives up, or a step in it that counts its visits."""
    if journey.give_up_after is not None:
        return
    free = {name: node for name, node in graph.nodes.items() if not node.counts}
    told: set[str] = set()
    for name, node in free.items():
        circle = {other for other in _ahead(free, name) if name in _ahead(free, other)}
        if circle and not circle & told:
            told |= circle
            what = f"{' and '.join(step for step in free if step in circle)} can go round without an end"
            yield Problem(graph.path, node.line, node.column, what, "set give_up_after=, or look at lead.visit")


def _ahead(nodes: Mapping[str, Node], start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for name in nodes[ahead.pop()].then:
            if name in nodes and name not in found:
                found.add(name)
                ahead.append(name)
    return found


def _impure(source: Source) -> Iterator[Problem]:
    told: set[tuple[int, int]] = set()
    for step in source.steps.values():
        for node in (node for body in source.bodies(step) for node in ast.walk(body)):
            if not isinstance(node, ast.Call) or (node.lineno, node.col_offset) in told:
                continue
            name = source.dotted(node.func)
            if name.startswith((*_IMPURE, *_CLOCKS)) or (isinstance(node.func, ast.Name) and node.func.id in ("open", "input")):
                told.add((node.lineno, node.col_offset))
                fix = "the time is lead.now" if name.startswith(("time.", "datetime.")) else "a step decides from its facts alone"
                yield Problem(source.path, node.lineno, node.col_offset + 1, f"a step calls {ast.unparse(node.func)}()", fix)


def _two_calls(source: Source, asks: Mapping[str, int]) -> Iterator[Problem]:
    for step in source.steps.values():
        for plan in (node for node in ast.walk(step) if isinstance(node, ast.Call) and called(node, source) == "Plan"):
            sent = [message for message in _literals(plan, source) if asks.get(message, 0) > 0]
            if len(sent) > 1:
                what = f"two calls to action in one plan: {' and '.join(sent)}"
                yield Problem(source.path, plan.lineno, plan.col_offset + 1, what, "ask for one thing at a time")


def _literals(plan: ast.Call, source: Source) -> Iterator[str]:
    for arg in plan.args:
        if isinstance(arg, ast.Call) and called(arg, source) == "send" and arg.args and isinstance(arg.args[0], ast.Constant):
            yield str(arg.args[0].value)
