"""Figures as people read them, and as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench.measure import Row

SCHEMA = "offswitch.bench/1"


def table(name: str, title: str, rows: Sequence[Row]) -> str:
    """One benchmark, at most 80 columns wide."""
    lines = [f"\n{name}: {title}", f"  {'':<41}{'median':>11}  {'lowest-highest':<15}{'of bound':>9}"]
    for row in rows:
        spread = f"{_number(min(row.figures))}-{_number(max(row.figures))}" if len(row.figures) > 1 else ""
        of_bound = "" if row.of_bound is None else f"{row.of_bound:.2f}"
        lines.append(f"  {row.name:<41}{_number(row.median):>11}  {spread:<15}{of_bound:>9}")
        lines += [f"    {row.unit}" + (f"; aim {row.aim}" if row.aim else "")]
    return "\n".join(lines)


def document(machine: Mapping[str, str], results: Mapping[str, Sequence[Row]]) -> str:
    """Everything that was measured."""
    benches = {name: [_row(row) for row in rows] for name, rows in results.items()}
    return json.dumps({"schema": SCHEMA, "machine": machine, "benches": benches}, ensure_ascii=False, indent=1)


def _row(row: Row) -> dict[str, Any]:
    same: dict[str, Any] = {"name": row.name, "unit": row.unit, "median": row.median, "of_bound": row.of_bound, "aim": row.aim}
    return {**same, "runs": len(row.figures), "lowest": min(row.figures), "highest": max(row.figures)}


def _number(figure: float) -> str:
    if figure >= 100_000:
        return f"{figure / 1000:,.0f}k"
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.3g}"
