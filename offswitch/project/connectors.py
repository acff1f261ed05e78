"""Finds connectors by name: `connectors/<kind>/<name>.py`. Nothing imports them otherwise."""

from __future__ import annotations

import importlib
from typing import Any

from offswitch.errors import ConfigError, Problem, Refused


def connector(kind: str, name: str) -> Any:
    """The connector of this kind and name, imported and connected when it is first used for more than its name."""
    if not name.isidentifier():
        raise Refused(f"{name!r} can't be the name of a connector: correct OFFSWITCH_{kind.upper()}")
    return _Later(kind, name)


class _Later:
    def __init__(self, kind: str, name: str) -> None:
        self.name = name
        self._kind = kind
        self._real: Any = None

    def __getattr__(self, attribute: str) -> Any:
        if self._real is None:
            self._real = _module(self._kind, self.name).connect()
        return getattr(self._real, attribute)

    def close(self) -> None:
        """Let go, if there is anything to let go of."""
        if self._real is not None:
            self._real.close()


def _module(kind: str, name: str) -> Any:
    try:
        return importlib.import_module(f"connectors.{kind}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"connectors.{kind}.{name}":
            raise
        what = f"there is no {kind} connector called {name!r}"
        raise ConfigError(Problem(f"connectors/{kind}/{name}.py", 0, 0, what, f"correct OFFSWITCH_{kind.upper()}")) from error
