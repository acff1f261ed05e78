"""The rig of the engine's tests, here too."""

from __future__ import annotations

from tests.act.conftest import rig_of

__all__ = ["rig_of"]
