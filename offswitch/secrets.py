"""Secrets that are kept elsewhere: a setting may name a Prefect block instead of holding the secret itself."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

PREFIX = "prefect:"


def reveal(value: str) -> str:
    """The secret itself: of `prefect:NAME` what the Prefect Secret block NAME holds. Raises ConfigError."""
    if not value.startswith(PREFIX):
        return value
    found: str = _blocks().secret(value.removeprefix(PREFIX))
    return found


def block_values(prefix: str, name: str) -> Mapping[str, Any]:
    """What the connector block of this name holds for the settings with this prefix. Raises ConfigError."""
    found: Mapping[str, Any] = _blocks().values(prefix, name)
    return found


def _blocks() -> Any:
    """Found by name, and only when a setting asks for it: the engine runs without Prefect."""
    return importlib.import_module("offswitch.orchestrate.blocks")
