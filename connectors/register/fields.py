"""Our names of facts beside the names that a customer register gives its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator

_NAME = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """The pairs of a setting such as `stage=lifecyclestage, city`: ours first; one word where both say the same."""

    theirs_by_ours: Mapping[str, str]

    def theirs(self, ours: str) -> str:
        """Where a fact is kept. One that the setting doesn't name bears its own name."""
        return self.theirs_by_ours.get(ours, ours)

    def ours(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The facts that the setting names, from a record as the register has it. What is empty there is absent."""
        return {ours: record[theirs] for ours, theirs in self.theirs_by_ours.items() if record.get(theirs) not in (None, "")}


def fields_of(text: str) -> Fields:
    """A setting, read. Raises ValueError."""
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, _, theirs = (side.strip() for side in part.partition("="))
        theirs = theirs or ours
        if not _NAME.match(ours) or not _NAME.match(theirs):
            raise ValueError("write pairs such as stage=lifecyclestage, city=city: our name, then the register's")
        if ours in pairs or theirs in pairs.values():
            raise ValueError(f"{ours}={theirs}: a name stands here twice")
        pairs[ours] = theirs
    return Fields(pairs)


def _readable(text: str) -> str:
    fields_of(text)
    return text


FieldPairs = Annotated[str, AfterValidator(_readable)]  # what a settings class calls such a setting


def as_text(value: Any) -> str:
    """A value as registers write it: lists with semicolons, truth in lower case, nothing as nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(map(as_text, value))
    return "" if value is None else str(value)


def with_tags(held: str, tags: Any) -> str:
    """The tags that are there and these, each once: tags are added, never taken away."""
    there = [tag for tag in held.split(";") if tag]
    added = [tags] if isinstance(tags, str) else [as_text(tag) for tag in tags or ()]
    return ";".join(dict.fromkeys([*there, *filter(None, added)]))


def names(full: str) -> tuple[str, str]:
    """First and last name of a full one. One word is a last name, for that is what registers can't do without."""
    *first, last = full.split() or [""]
    return " ".join(first), last
