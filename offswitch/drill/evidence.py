"""Writes down that a drill was made: the evidence that readiness and `status` go by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from offswitch.policy.drilled import path_of

if TYPE_CHECKING:
    from offswitch.drill.result import Found


def save_evidence(policies: Path, found: Found) -> Path:
    """Write it, all of it or nothing, over the one before."""
    path = path_of(policies, found.flow)
    path.parent.mkdir(parents=True, exist_ok=True)
    subject = found.subject
    lines = {
        "drilled": found.at.isoformat(timespec="seconds"),
        "by": found.by,
        "passed": "yes" if found.passed else "no",
        "digest": subject.digest if subject else "",
        "code": subject.code if subject else "",
        "texts": subject.texts if subject else "",
        "seed": found.seed,
        "population": found.population,
        "quick": "yes" if found.quick else "no",
        "runs": found.runs,
        "kills": found.deaths,
        "boundaries": f"{found.boundaries - len(found.missed)} of {found.boundaries}",
        "checks": sum(found.checks.values()),
        "violations": len(found.violations),
        "again": found.again,
    }
    text = "# Written by `offswitch drill`: evidence that this flow survives being switched off and killed.\n"
    draft = path.with_suffix(".tmp")
    draft.write_text(text + "".join(f'{key}: "{value}"\n' for key, value in lines.items()), encoding="utf-8")
    draft.replace(path)
    return path
