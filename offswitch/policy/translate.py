"""From what the schema finds wrong to a place in the file and words for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from offswitch.errors import ConfigError, Problem
from offswitch.policy.node import Listing, Node, Scalar, Table
from offswitch.policy.plain import short
from offswitch.policy.values import likely

M = TypeVar("M", bound=BaseModel)
Loc: TypeAlias = Sequence[str | int]

_KEY = "[key]"  # pydantic's mark for "the key itself"
_SHAPES = {
    "model_type": ("must be a section", "put its keys in the lines below, indented"),
    "dict_type": ("must be a section", "put its keys in the lines below, indented"),
    "tuple_type": ("must be a list", "write [one, two]"),
    "too_short": ("is empty", "write at least one, or take the key out"),
}


def validated(kind: type[M], node: Node, path: str) -> M:
    """The node as a model. Raises ConfigError with all problems and their places."""
    if not isinstance(node, Table):
        raise ConfigError(Problem(path, node.line, node.column, "has no keys", "write `key: value`"))
    try:
        return kind.model_validate(_data(node))
    except ValidationError as error:
        errors = error.errors(include_url=False)
        problems = [_problem(found, kind, node, path) for found in errors if found["type"] != "too_short" or _is_empty(node, found["loc"])]
        raise ConfigError(*sorted(problems, key=lambda problem: (problem.line, problem.column))) from error


def problem_at(node: Node, loc: Loc, path: str, what: str, fix: str, within: int = 0) -> Problem:
    """A problem with the value at `loc`, `within` so many characters, or with the section it is missing from."""
    place = list(_walk(node, loc))[-1]
    return Problem(path, place.line, place.column + _offset(place, within), f"{_label(loc)} {what}", fix)


def _is_empty(node: Node, loc: Loc) -> bool:
    """A list of nothing but mistakes is not called empty besides."""
    return not list(_walk(node, loc))[-1].value


def _offset(place: Node, within: int) -> int:
    """How far a mistake stands from where its text begins in the file; 0 where the file writes the text in another way."""
    if not isinstance(place, Scalar):
        return 0
    around = place.end - place.start - len(place.value)  # nothing, or two quotes; escapes and blocks make it more
    return within + around // 2 if within and around == 2 * place.quoted and "\n" not in place.value else 0


def _data(node: Node) -> Any:
    if isinstance(node, Table):
        return {key: _data(value) for key, value in node.value.items()}
    return node.value if isinstance(node, Scalar) else [_data(item) for item in node.value]


def _problem(found: ErrorDetails, kind: type[BaseModel], root: Table, path: str) -> Problem:
    loc, sort = found["loc"], found["type"]
    if sort == "missing":
        return problem_at(root, loc, path, "is missing", f"add the line `{loc[-1]}: ...`")
    if sort == "extra_forbidden":
        return _unknown(loc, kind, root, path)
    place = list(_walk(root, loc))[-1]
    if isinstance(place, Scalar) and not place.quoted and place.value in ("", "~", "null"):
        return problem_at(root, loc, path, "has no value", "write one, or take the line out")
    if sort == "policy":
        said = found["ctx"]
        return problem_at(root, (*loc, *said["at"]), path, said["what"], said["fix"], said["within"])
    if sort in _SHAPES:
        return problem_at(root, loc, path, *_SHAPES[sort])
    return problem_at(root, loc, path, f"is not right: {found['msg']}", "")


def _unknown(loc: Loc, kind: type[BaseModel], root: Table, path: str) -> Problem:
    place = list(_walk(root, [*loc, _KEY]))[-1]
    where = f" in {_label(loc[:-1])}" if len(loc) > 1 else ""
    return Problem(path, place.line, place.column, f"unknown key {short(str(loc[-1]))}{where}", likely(str(loc[-1]), _keys(kind, loc[:-1])))


def _label(loc: Loc) -> str:
    """`steps.greet.switch`, `rollout.steps[2]`, or which section's key it is."""
    if loc[-1] == _KEY:
        return f"a key of {_label(loc[:-2])}"
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _walk(node: Node, loc: Loc) -> Iterator[Node]:
    """The nodes along the way; a missing one ends it at the key of its section."""
    yield node
    key: Node = node
    for part in loc:
        if part == _KEY:
            yield key
            return
        if isinstance(node, Table) and part in node.value:
            key, node = node.keys[str(part)], node.value[str(part)]
        elif isinstance(node, Listing) and isinstance(part, int) and part < len(node.value):
            key = node = node.value[part]
        else:
            yield key
            return
        yield node


def _keys(kind: Any, loc: Loc) -> list[str]:
    """The keys that a section may have."""
    for part in loc:
        if isclass(kind) and issubclass(kind, BaseModel):
            kind = {_written(name, field): field for name, field in kind.model_fields.items()}[str(part)].annotation
        else:
            kind = get_args(kind)[1 if isinstance(part, str) else 0]
        kind = _bare(kind)
    return [_written(name, field) for name, field in kind.model_fields.items()]


def _written(name: str, field: FieldInfo) -> str:
    """A key as it stands in the file: `from` is no name in Python."""
    return field.alias or name


def _bare(kind: Any) -> Any:
    """A type without Annotated and without None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(arg for arg in get_args(kind) if arg is not NoneType)
    return kind
