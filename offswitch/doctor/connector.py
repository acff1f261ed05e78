"""A connector in use: it asks its other side harmless questions, and says what came of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from offswitch.doctor.clock import apart
from offswitch.gate.permit import uptime
from offswitch.model.finding import Finding, Level
from offswitch.project.catalogue import Entry

_LATELY = 900.0  # seconds: an older word about the provider's clock says nothing of now


def of_connector(entry: Entry) -> Iterator[Finding]:
    """Credentials, permissions, limits, as far as the other side tells; and its clock. Raises ConfigError."""
    about = f"{entry.kind} connector {entry.name}"
    made: Any = importlib.import_module(f"connectors.{entry.kind}.{entry.name}").connect()
    ask = getattr(made, "diagnose", None)
    if ask is None:
        yield Finding(about, Level.UNKNOWN, "this connector can't be asked how it is", "send a test: offswitch send-test")
        return
    try:
        yield from ask()
    finally:
        made.close()
    yield from _of_clock(entry)


def _of_clock(entry: Entry) -> Iterator[Finding]:
    """As heard in the provider's answers."""
    state = importlib.import_module("connectors.http.traffic").states().get(entry.service) if entry.service else None
    if state is not None and state.heard and uptime() - state.heard < _LATELY:
        yield apart(f"the clock of {entry.service}", state.ahead)
