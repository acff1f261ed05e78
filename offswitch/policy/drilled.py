"""The last drill of a flow, as it lies beside the policies: `policies/readiness/drills/<flow>.yaml`. The drill writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from offswitch.errors import ConfigError
from offswitch.policy.approvals import Subject
from offswitch.policy.node import Scalar, Table
from offswitch.policy.strict import read


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill that was made: when, of what, by whom ("": nobody said), and whether it passed. `again` is the command that repeats it."""

    at: datetime
    passed: bool
    digest: str
    again: str
    by: str = ""
    quick: bool = False

    def covers(self, now: Subject | None) -> bool:
        """Was it a drill of exactly what is there now?"""
        return now is not None and now.digest == self.digest


def path_of(policies: Path, flow: str) -> Path:
    """Where the evidence of a flow lies."""
    return policies / "readiness" / "drills" / f"{flow}.yaml"


def last_drill(policies: Path, flow: str) -> Drilled | None:
    """The last drill of a flow; None when there was none, or when its file can't be read: then it counts as none."""
    try:
        table = read(path_of(policies, flow))
        nodes = table.value if isinstance(table, Table) else {}
        said = {key: node.value for key, node in nodes.items() if isinstance(node, Scalar)}
        at = datetime.fromisoformat(said["drilled"])
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return Drilled(at, said["passed"] == "yes", said["digest"], said["again"], said["by"], said["quick"] != "no")
    except (ConfigError, OSError, KeyError, ValueError):
        return None
