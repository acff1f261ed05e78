"""The connectors that this project has: found by their files, known by their classes, and none of them connected."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from offswitch.model.receipt import Guarantee

KINDS = ("email", "crm")
PROMISES = {
    Guarantee.NATIVE_KEY: "once: the provider drops a second try",
    Guarantee.NATURAL_UPSERT: "once: the same write twice is one",
    Guarantee.LOOK_UP: "once: in doubt it can be asked whether a try arrived",
    Guarantee.NONE: "at most once: what is in doubt waits for a person",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting: its name in the environment, and what it is when nobody sets it."""

    name: str
    secret: bool
    required: bool
    default: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One connector file. `about`: what it says of its settings. `service`: its name in the shared traffic, "" without HTTP.

    `trouble`: why it can't be imported.
    """

    kind: str
    name: str
    guarantee: Guarantee = Guarantee.NONE
    limits: str = ""
    settings: type[BaseSettings] | None = field(default=None, repr=False)
    service: str = ""
    about: str = field(default="", repr=False)
    trouble: str = ""

    @property
    def prefix(self) -> str:
        """How its variables begin."""
        return str(self.settings.model_config.get("env_prefix", "")) if self.settings else ""

    @property
    def variables(self) -> list[Variable]:
        """Its settings, in their order."""
        fields = self.settings.model_fields if self.settings else {}
        return [_variable(self.prefix + name.upper(), one.annotation, one.is_required(), one.default) for name, one in fields.items()]

    def missing(self, environment: Mapping[str, str]) -> list[str]:
        """The variables that it can't do without and that are not set; none where a Prefect block is named, which may hold them."""
        if environment.get(f"{self.prefix}BLOCK"):
            return []
        return [one.name for one in self.variables if one.required and not environment.get(one.name)]


def catalogue(*kinds: str) -> list[Entry]:
    """Every connector of these kinds, by default of all, in the order of their names."""
    return [entry for kind in kinds or KINDS for entry in _of(kind)]


def _of(kind: str) -> Iterator[Entry]:
    folder = importlib.import_module(f"connectors.{kind}")
    for found in pkgutil.iter_modules(folder.__path__):
        try:
            yield _entry(kind, found.name, importlib.import_module(f"connectors.{kind}.{found.name}"))
        except ModuleNotFoundError as error:
            yield Entry(kind, found.name, trouble=f"it needs the package {error.name}: install it")
        except Exception as error:  # noqa: BLE001 - one broken file must not hide the others
            yield Entry(kind, found.name, trouble=f"its file can't be read: {type(error).__name__}")


def _entry(kind: str, name: str, module: ModuleType) -> Entry:
    made = get_type_hints(module.connect)["return"]
    service = getattr(getattr(module, "SERVICE", None), "name", "")
    settings = settings_of(module)
    about = (settings.__doc__ if settings else module.connect.__doc__) or ""
    return Entry(kind, name, made.guarantee, getattr(made, "limits", ""), settings, service, about)


def settings_of(module: ModuleType) -> type[BaseSettings] | None:
    """The settings class that a connector's file makes or takes from beside it."""
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, BaseSettings)]
    return next((one for one in found if one.model_config.get("env_prefix")), None)


def _variable(name: str, kind: Any, required: bool, default: Any) -> Variable:
    secret = kind is SecretStr
    empty = required or secret or default is None
    return Variable(name, secret, required, "" if empty else str(default).lower() if isinstance(default, bool) else str(default))
