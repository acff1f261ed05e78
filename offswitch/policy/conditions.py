"""A condition that a marketer writes: one CEL expression over typed facts, compiled once, answered yes, no or unknown."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol

from offswitch.policy.expression import Tree, Wrong, facts_in, tree_of
from offswitch.policy.inference import check_condition
from offswitch.policy.values import checked, refuse
from offswitch.policy.vocabulary import Kind, Vocabulary


class Holds(NamedTuple):
    """`yes` None: it can't be told, because the facts in `unknown` are not known. That is never a no."""

    yes: bool | None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Conditions are equal when their texts are. `written` is what stands in the file, where that is shorter."""

    text: str
    tree: Tree = field(compare=False, repr=False)
    written: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.written or self.text

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts it looks at."""
        return facts_in(self.tree)


class _Program(Protocol):
    def execute(self, context: Mapping[str, Any]) -> Any: ...


_PARENTS = ("contact", "score", "count", "entry", "lead")
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_FUNCTIONS = {
    "days": lambda number: timedelta(days=number),
    "hours": lambda number: timedelta(hours=number),
    "date": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
}
# One ordinary and two extreme values of each kind.
_SAMPLES: Mapping[Kind, tuple[Any, Any, Any]] = {
    Kind.TEXT: ("SA", "\u200f", "نص " * 1000),
    Kind.WHOLE: (1, -1_000_000_000, 1_000_000_000),
    Kind.NUMBER: (0.5, -1e15, 1e15),
    Kind.YES_NO: (True, False, False),
    Kind.DATE: (datetime(2026, 2, 28, 12, tzinfo=UTC), _EARLIEST, _LATEST),
    Kind.SPAN: (timedelta(days=3), timedelta(0), timedelta(days=36_600)),
    Kind.TEXTS: (["ready"], [], ["ready"] * 50),
}
_FAILS = (KeyError, RuntimeError, ValueError, TypeError, ArithmeticError)  # an unknown field, an unknown name, no sense, no end


def condition(value: Any) -> Condition:
    """A condition such as `contact.country == "SA"`. Whether its facts exist is for `check` to say."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise refuse("is a list or section", "write one condition, in quotes: \"contact.country == 'SA'\"")
    try:
        return Condition(value, _tree(value))
    except Wrong as wrong:
        raise refuse(wrong.what, wrong.fix, within=wrong.at) from wrong


def audience(value: Any) -> Condition:
    """A condition, or the name of a segment, which is short for `segment == "name"`."""
    name = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]{0,62}", name) or name in ("true", "false"):
        return condition(value)
    text = f'segment == "{name}"'
    return Condition(text, _tree(text), name)


def check(one: Condition, words: Vocabulary) -> None:
    """Raise Wrong for a name, type or function that there is not. Looked at once for each text and vocabulary."""
    wrong = _mistake(one, words)
    if wrong is not None:
        raise Wrong(wrong.at, wrong.what, wrong.fix)


@lru_cache(maxsize=4096)
def _mistake(one: Condition, words: Vocabulary) -> Wrong | None:
    try:
        check_condition(one.tree, words)
        _try_out(one, words)
    except Wrong as wrong:
        return wrong.with_traceback(None)
    return None


def _try_out(one: Condition, words: Vocabulary) -> None:
    """CEL has the last word, on typed samples."""
    kinds = {name: words.type_of(name).kind for name in one.facts}
    for turn in range(3):
        facts = {name: _SAMPLES[kind][turn] for name, kind in kinds.items()}
        try:
            answer: object = _program(one.text).execute(_context(facts))
        except OverflowError:  # a sum beyond all numbers is not known, for this person
            continue
        except _FAILS as error:
            raise Wrong(0, f"can't be worked out: {str(error).splitlines()[0]}", "write it in a simpler way") from error
        if not isinstance(answer, bool):
            raise Wrong(0, "is neither yes nor no", "compare it with something")


def holds(one: Condition, facts: Mapping[str, Any]) -> Holds:
    """The answer for one person, by those facts that are known. What is not known makes it unknown only where it matters."""
    try:
        answer: object = _program(one.text).execute(_context(facts))
    except _FAILS:
        missing = sorted(one.facts - facts.keys())
        return Holds(None, f"not known: {', '.join(missing) or str(one)}")
    return Holds(answer is True)


def first(conditions: Iterable[tuple[str, Condition]], facts: Mapping[str, Any], otherwise: str) -> tuple[str, str]:
    """The name of the first that holds, or `otherwise`; nothing, and why, when one before it can't be told."""
    for name, one in conditions:
        answer = holds(one, facts)
        if answer.yes is None:
            return "", answer.unknown
        if answer.yes:
            return name, ""
    return otherwise, ""


def _context(facts: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {**_FUNCTIONS, **{name: {} for name in _PARENTS}}
    for name, value in facts.items():
        parent, dot, child = name.partition(".")
        if dot:
            nested[parent][child] = value
        else:
            nested[name] = value
    return nested


@lru_cache(maxsize=4096)
def _tree(text: str) -> Tree:
    return tree_of(text)


@lru_cache(maxsize=4096)
def _program(text: str) -> _Program:
    """Raises ValueError for what CEL doesn't read."""
    program: _Program = _cel().compile(text)
    return program


@lru_cache(maxsize=1)
def _cel() -> Any:
    """The compiled part of the library alone: its package also loads a command line, a third of a second for every `off`."""
    package = importlib.util.find_spec("cel")
    assert package is not None
    assert package.submodule_search_locations is not None
    place = next(
        path for folder in package.submodule_search_locations for path in sorted(Path(folder).glob("cel.*")) if path.suffix != ".pyi"
    )
    spec = importlib.util.spec_from_file_location("cel.cel", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ConditionText = Annotated[Condition, checked(condition)]
AudienceText = Annotated[Condition, checked(audience)]
