"""Events for any journey, made from the journey itself: which kinds it listens to, and data that its steps ask about."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from random import Random
from typing import Any

from offswitch.events import DiagnosticCompleted
from offswitch.journey.graph import graph_of
from offswitch.journey.journey import Journey
from offswitch.model.event import KINDS, Event
from offswitch.policy.schema import ScoringPolicy


@dataclass(frozen=True, slots=True)
class Asked:
    """What a flow's source compares with: its numbers, and for each contact field the words that it looks for."""

    numbers: tuple[float, ...]
    words: Mapping[str, tuple[str, ...]]


def asked_of(journey: Journey) -> Asked:
    """Read from the module, so that both sides of every comparison get people."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(journey.first.decide) or journey.first.decide))
    numbers = {
        float(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    }
    words: dict[str, tuple[str, ...]] = {}
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Compare)):
        name = _field_of(node.left)
        texts = [part.value for other in node.comparators for part in ast.walk(other) if isinstance(part, ast.Constant)]
        if name and (found := tuple(text for text in texts if isinstance(text, str))):
            words[name] = (*words.get(name, ()), *found)
    return Asked(tuple(sorted(numbers)), words)


def _field_of(node: ast.expr) -> str:
    """`tier` of `lead.contact.get("tier")`, of `lead.value("tier")` and of `gift.tier`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "value") and node.args:
        first = node.args[0]
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return node.attr if isinstance(node, ast.Attribute) else ""


def waits_for(journey: Journey) -> tuple[str, ...]:
    """The kinds that end a wait early somewhere in the journey, sorted."""
    nodes = graph_of(journey).nodes.values()
    names = {name for node in nodes for name in node.waits_for}
    return tuple(sorted(kind for kind, cls in KINDS.items() if cls.__name__ in names or kind in names))


def payload(
    cls: type[Event], dice: Random, at: datetime, *, asked: Asked, subject: str, about: str, form: ScoringPolicy | None
) -> dict[str, Any]:
    """Data for an event of this kind by the types of its fields. `subject` goes where the journey is `about` a field."""
    data = {field.name: _value(field.name, str(field.type), dice, at, asked) for field in fields(cls) if field.name not in ("id", "at")}
    if about in data:
        data[about] = subject
    if cls is DiagnosticCompleted and form is not None:
        data["answers"] = _answers(form, dice)
    return data


def _value(name: str, kind: str, dice: Random, at: datetime, asked: Asked) -> Any:
    if "datetime" in kind:
        return (at + timedelta(days=dice.choice((1, 3, 6)))).isoformat()
    if "bool" in kind:
        return dice.random() < 0.5
    if "float" in kind or "int" in kind:
        return dice.choice(sorted({1, 250, *(edge for number in asked.numbers for edge in (int(number), int(number) + 1))}))
    if "Mapping" in kind or "dict" in kind:
        return {}
    words = asked.words.get(name, ())
    return dice.choice((*words, f"{name} of the drill")) if "str" in kind else None


def _answers(form: ScoringPolicy, dice: Random) -> dict[str, str]:
    """Best, middling or worst answers, and sometimes one of them missing: so that every band gets people."""
    mood = dice.choice(("best", "best", "middle", "middle", "worst", "worst", "missing"))
    answers: dict[str, str] = {}
    for name, question in form.questions.items():
        ranked = sorted(question.answers, key=lambda answer, known=question.answers: -known[answer].points)  # type: ignore[misc]
        answers[name] = ranked[{"best": 0, "middle": len(ranked) // 2}.get(mood, -1)]
    if mood == "missing":
        required = [name for name, question in form.questions.items() if question.required]
        answers.pop(dice.choice(required or list(answers)), None)
    return answers
