"""What was reached before. Only shares of a bare bound are compared: they hold on other machines, times do not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.measure import Row

FILE = Path(__file__).with_name("committed.json")
LEAST = 0.5  # of the committed share: noise halves nothing, a lost idea does

Shares = Mapping[str, Mapping[str, float]]


def shares(results: Mapping[str, Sequence[Row]]) -> dict[str, dict[str, float]]:
    """Each case's share of its bound, by benchmark and case."""
    found = {name: {row.name: round(row.of_bound, 3) for row in rows if row.of_bound is not None} for name, rows in results.items()}
    return {name: cases for name, cases in found.items() if cases}


def losses(before: Mapping[str, float], rows: Sequence[Row]) -> Iterator[str]:
    """Every case of one benchmark that fell below half of its committed share, is gone, or breaks its promise."""
    now = {row.name: row.of_bound for row in rows if row.of_bound is not None}
    for name, share in before.items():
        if name not in now:
            yield f"{name}: committed, but not measured any more"
        elif now[name] < share * LEAST:
            yield f"{name}: {now[name]:.2f} of its bound; committed {share:.2f}, at least {share * LEAST:.2f} wanted"
    for row in rows:
        if row.at_most is not None and max(row.figures) > row.at_most:
            yield f"{row.name}: {max(row.figures):g} {row.unit}, never more than {row.at_most:g} promised"


def read(path: Path = FILE) -> dict[str, dict[str, float]]:
    """The committed shares."""
    found: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))["of_bound"]
    return found


def write(machine: Mapping[str, str], now: Shares, path: Path = FILE) -> None:
    """Commit to these shares; those of benchmarks that did not run stay."""
    kept = read(path) if path.exists() else {}
    path.write_text(json.dumps({"machine": machine, "of_bound": {**kept, **now}}, indent=1) + "\n", encoding="utf-8")
