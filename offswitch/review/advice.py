"""What a careful colleague would say of a journey as it is written: nothing here is forbidden, and nobody is stopped by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from offswitch.errors import Problem
from offswitch.journey.graph import Graph
from offswitch.messages.front_matter import Front

WEEK = timedelta(days=7)
MANY = 4  # messages in a week
MUCH = 3  # from this level on a message asks for money or for a promise
SOON = timedelta(days=3)


def advice(graph: Graph, fronts: Mapping[str, Front]) -> tuple[Problem, ...]:
    """In the order of the file."""
    found = (*_crowded(graph, fronts), *_asks(graph, fronts))
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.what)))


def _crowded(graph: Graph, fronts: Mapping[str, Front]) -> Iterator[Problem]:
    """The first step from which on somebody may get too many within seven days."""
    for name, node in graph.nodes.items():
        most = _most(graph, fronts, name, WEEK, frozenset())
        if most >= MANY:
            what = f"up to {most} messages in seven days, from step {name!r} on"
            yield Problem(graph.path, node.line, node.column, what, "leave more time between them; `limits` may put some off")
            return


def _most(graph: Graph, fronts: Mapping[str, Front], name: str, left: timedelta, before: frozenset[str]) -> int:
    node = graph.nodes.get(name)
    if node is None or left <= timedelta(0) or name in before:
        return 0
    here = sum(message in fronts and fronts[message].purpose == "marketing" for message in node.sends[:1])
    onward = (_most(graph, fronts, step, left - wait, before | {name}) for step, wait in node.onward)
    return here + max(onward, default=0)


def _asks(graph: Graph, fronts: Mapping[str, Front]) -> Iterator[Problem]:
    """A message that asks for much too early, or with nothing behind it."""
    for name, after in _earliest(graph).items():
        node = graph.nodes[name]
        for message in node.sends:
            front = fronts.get(message)
            ask = front.ask if front else 0
            if front and ask >= MUCH and not front.proof:
                what = f"{message!r} asks for much (level {ask} of 4) and names nothing that stands behind it"
                yield Problem(graph.path, node.line, node.column, what, "write `proof:` in its head: a page, or a figure with its source")
            if ask >= MUCH and after < SOON:
                what = f"{message!r} asks for much (level {ask} of 4) as early as {_told(after)} after the beginning"
                yield Problem(graph.path, node.line, node.column, what, "give something first, or ask for less")


def _earliest(graph: Graph) -> dict[str, timedelta]:
    """After how long a newcomer can be at each step."""
    found = {graph.first: timedelta(0)}
    ahead = [graph.first]
    while ahead:
        name = ahead.pop(0)
        for step, wait in graph.nodes[name].onward if name in graph.nodes else ():
            after = found[name] + wait
            if step in graph.nodes and after < found.get(step, timedelta.max):
                found[step] = after
                ahead.append(step)
    return found


def _told(after: timedelta) -> str:
    hours = round(after.total_seconds() / 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"
