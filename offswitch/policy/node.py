"""What a policy file says, before anybody asks what it means: text, lists and sections, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text, as written; no word and no number means anything yet. Lines and columns count from 1.

    `quoted` also says so of a block (`|`, `>`). `start` and `end` are where it stands in the file, in characters.
    """

    value: str
    line: int
    column: int
    quoted: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    value: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """A section of keys. `keys` holds each key as it was written, `start` where the section begins in the file."""

    value: Mapping[str, Node]
    keys: Mapping[str, Scalar]
    line: int
    column: int
    start: int = 0
    flow: bool = False


Node: TypeAlias = Scalar | Listing | Table
