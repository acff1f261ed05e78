"""Something that happened. Kinds are frozen dataclasses, registered by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event has. Fields of a kind are its payload; a missing payload field takes its default.

    `answer`: does the person show by it that they listen? Not by a bounce or a complaint, nor by what others do.
    """

    kind: ClassVar[str] = ""
    answer: ClassVar[bool] = True
    id: str
    at: datetime

    def payload(self) -> dict[str, Any]:
        """The fields of this kind alone."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("id", "at")}


E = TypeVar("E", bound=Event)
KINDS: dict[str, type[Event]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def event(name: str) -> Callable[[type[E]], type[E]]:
    """Register a kind of event under a dotted name, such as `form.submitted`.

    Two classes for one name are refused, unless the same module is loaded again.
    """

    def register(cls: type[E]) -> type[E]:
        known = KINDS.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"two kinds of event are called {name!r}: {known.__qualname__} and {cls.__qualname__}")
        frozen = dataclass(frozen=True, kw_only=True)(cls)
        frozen.kind = name
        KINDS[name] = frozen
        return frozen

    return register


def answers() -> tuple[str, ...]:
    """The kinds of event by which somebody shows that they listen, a project's own among them."""
    return tuple(sorted(kind for kind, cls in KINDS.items() if cls.answer))


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as the ledger keeps it: the kind by name, the payload as it came."""

    id: str
    kind: str
    at: datetime
    contact_id: str
    data: Mapping[str, Any]
    source: str = ""
    received: datetime = datetime.fromtimestamp(0, UTC)

    def typed(self, cls: type[E]) -> E:
        """This event as its own class. Raises ValueError when the payload doesn't fit."""
        names = {f.name for f in fields(cls)} - {"id", "at"}
        payload = {name: value for name, value in self.data.items() if name in names}
        typed: E = _adapter(cls).validate_python({**payload, "id": self.id, "at": self.at})
        return typed


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(cls: type[Event]) -> TypeAdapter[Any]:
    if cls.kind not in _ADAPTERS:
        from pydantic import TypeAdapter

        _ADAPTERS[cls.kind] = TypeAdapter(cls)
    return _ADAPTERS[cls.kind]
