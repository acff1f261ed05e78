"""The last drill of each flow, kept beside the policies: what readiness and `status` go by. `policies/readiness/drills/<flow>.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offswitch.errors import ConfigError
from offswitch.policy.approvals import Subject
from offswitch.policy.node import Scalar, Table
from offswitch.policy.strict import read

if TYPE_CHECKING:
    from offswitch.drill.result import Found


@dataclass(frozen=True, slots=True)
class Evidence:
    """A drill that was made: when, of what, and whether it passed."""

    at: datetime
    passed: bool
    digest: str
    again: str

    def covers(self, now: Subject | None) -> bool:
        """Was it a drill of exactly what is there now?"""
        return now is not None and now.digest == self.digest


def path_of(policies: Path, flow: str) -> Path:
    """Where the evidence of a flow lies."""
    return policies / "readiness" / "drills" / f"{flow}.yaml"


def save_evidence(policies: Path, found: Found) -> Path:
    """Write it, all of it or nothing, over the one before."""
    path = path_of(policies, found.flow)
    path.parent.mkdir(parents=True, exist_ok=True)
    subject = found.subject
    lines = {
        "drilled": found.at.isoformat(timespec="seconds"),
        "by": found.by or "nobody said",
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


def load_evidence(policies: Path, flow: str) -> Evidence | None:
    """The last drill of a flow; None when there was none, or when its file can't be read: then it counts as none."""
    try:
        table = read(path_of(policies, flow))
        nodes = table.value if isinstance(table, Table) else {}
        said = {key: node.value for key, node in nodes.items() if isinstance(node, Scalar)}
        return Evidence(datetime.fromisoformat(said["drilled"]), said["passed"] == "yes", said["digest"], said["again"])
    except (ConfigError, OSError, KeyError, ValueError):
        return None
