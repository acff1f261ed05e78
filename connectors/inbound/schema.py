"""The keys of a source's file, for editors and for the page about them."""

from __future__ import annotations

from pathlib import Path

from connectors.inbound.source_file import SourceFile
from offswitch.policy.editor import schema_text
from offswitch.policy.reference import sections

BEGIN, END = "<!-- keys: made by `offswitch schema`, don't edit -->", "<!-- /keys -->"


def written(folder: Path) -> Path:
    """Write `schema.json` beside the sources."""
    path = folder / "schema.json"
    path.write_text(schema_text(SourceFile), encoding="utf-8")
    return path


def page(text: str) -> str:
    """The page with the tables of all keys as they are now, between its two marks."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{sections(SourceFile)}\n{END}{tail}"
