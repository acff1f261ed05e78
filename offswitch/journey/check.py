"""What is wrong with a journey, found in its source before anybody enters it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from offswitch.errors import Problem
from offswitch.journey.graph import Graph, graph_of
from offswitch.journey.journey import Journey
from offswitch.journey.source import Source, source_of

# A step is a pure function of its facts. What these give differs from call to call.
_IMPURE = ("time.", "random.", "secrets.", "uuid.", "os.", "socket.", "subprocess.", "datetime.date.today")
_CLOCKS = tuple(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today"))


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


def _ahead(nodes: Mapping[str, object], start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for name in getattr(nodes[ahead.pop()], "then", ()):
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
        for plan in (node for node in ast.walk(step) if isinstance(node, ast.Call) and source.dotted(node.func).endswith(".Plan")):
            sent = [message for message in _literals(plan, source) if asks.get(message, 0) > 0]
            if len(sent) > 1:
                what = f"two calls to action in one plan: {' and '.join(sent)}"
                yield Problem(source.path, plan.lineno, plan.col_offset + 1, what, "ask for one thing at a time")


def _literals(plan: ast.Call, source: Source) -> Iterator[str]:
    for arg in plan.args:
        if isinstance(arg, ast.Call) and source.dotted(arg.func).endswith(".send") and arg.args and isinstance(arg.args[0], ast.Constant):
            yield str(arg.args[0].value)
