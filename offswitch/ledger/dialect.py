"""The database's own words, such as upserts: loaded for the database that is open, and for no other."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def dialect_of(name: str) -> ModuleType:
    """SQLAlchemy's module for a dialect, with its `insert`. Loading one that is not needed costs every command 50 ms."""
    return import_module(f"sqlalchemy.dialects.{name}")
