"""What intake needs of `connectors/inbound`, found by name: sources that a file declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from offswitch.errors import ConfigError, Problem
from offswitch.intake.forms import SOURCE
from offswitch.model.post import Believed, Brought, Post
from offswitch.model.submission import Reject, Submission


class Shown(NamedTuple):
    """What one event of a sample becomes: our fields as (name, what came, what is taken), and what is odd about it."""

    taken: str
    fields: Sequence[tuple[str, Any, Any]]
    notes: Sequence[str]


class Source(Protocol):
    """A declared source."""

    @property
    def name(self) -> str:
        """As in `sources/<name>.yaml`."""
        ...

    @property
    def about(self) -> str:
        """What comes from here, in a line."""
        ...

    @property
    def signature(self) -> str:
        """The kind of its signature."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of event that it may bring."""
        ...

    def verify(self, post: Post, secrets: Sequence[str], now: datetime) -> Believed:
        """Who sent it is proven. Raises Refusal."""
        ...

    def read(self, post: Post, id: str, now: datetime, known_kinds: Collection[str]) -> Brought:
        """The events of a post. Raises Refusal for a body that can't be read at all."""
        ...

    def rows(self, path: str | Path, *, now: datetime, default_kind: str, known_kinds: Collection[str]) -> Iterator[Submission | Reject]:
        """The rows of a file. Raises ConfigError for what spoils the whole file."""
        ...

    def show(self, path: str | Path, *, now: datetime, known_kinds: Collection[str]) -> Iterator[Shown]:
        """What a sample becomes: a body, or a file of rows. Raises ConfigError."""
        ...


def source_of(folder: Path, name: str) -> Source | None:
    """The source of this name as its file says now, None where it has no file. Raises ConfigError."""
    if not SOURCE.fullmatch(name) or not folder.is_dir():
        return None
    found: Source | None = import_module("connectors.inbound.source").load(folder, name)
    return found


def sources_in(folder: Path) -> tuple[list[Source], list[Problem]]:
    """Every declared source, and what is wrong with the others."""
    found: list[Source] = []
    problems: list[Problem] = []
    for path in sorted([*folder.glob("*.y*ml")]):
        if path.suffix != ".yaml" or not SOURCE.fullmatch(path.stem):
            fix = "call it <source>.yaml, in small letters, digits and _"
            problems.append(Problem(str(path), 0, 0, "is not read, because of its name", fix))
            continue
        try:
            source = source_of(folder, path.stem)
        except ConfigError as error:
            problems += error.problems
        else:
            found += [source] if source else []
    return found, problems


def write_schema(folder: Path) -> Path:
    """Write the schema of sources beside them, for editors."""
    written: Path = import_module("connectors.inbound.schema").written(folder)
    return written


def keys_in(page: str) -> str:
    """A page with the tables of all keys as they are now."""
    renewed: str = import_module("connectors.inbound.schema").page(page)
    return renewed


def secrets_of(source: str, environment: Mapping[str, str]) -> list[str]:
    """OFFSWITCH_HOOK_SECRET_<SOURCE>, and of OFFSWITCH_HOOK_SECRETS_<SOURCE> each word, while a secret is being changed."""
    name = source.upper()
    one, several = (environment.get(f"OFFSWITCH_HOOK_{kind}_{name}", "") for kind in ("SECRET", "SECRETS"))
    return [*one.split(), *several.split()]
