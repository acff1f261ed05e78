"""A person. The id is ours, never changes and never comes from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Contact:
    """`email` is as the person wrote it; `fields` holds what else is known (tier, company …)."""

    id: str
    email: str = ""
    name: str = ""
    language: str = ""
    country: str = ""
    zone: str = ""
    phone: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """A column or an extra field, whichever bears the name."""
        if name != "fields" and name in self.__slots__:
            return getattr(self, name) or default
        return self.fields.get(name, default)
