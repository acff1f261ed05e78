"""What a drill found: values that are printed, written as JSON or as a page, and kept as evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from offswitch.drill.look import Violation
from offswitch.drill.tally import INVARIANTS
from offswitch.policy.approvals import Subject

SCHEMA = "offswitch.drill/1"
POPULATION, QUICK_POPULATION = 240, 60


def usual(quick: bool) -> int:
    """How many people the large runs have, unless somebody says otherwise."""
    return QUICK_POPULATION if quick else POPULATION


@dataclass(frozen=True, slots=True)
class Found:
    """One flow's result. `missed` are boundaries that no run came to; `ways` how the flow was switched off, each with how often."""

    flow: str
    subject: Subject | None
    seed: int
    population: int
    quick: bool
    ledger: str
    processes: bool
    at: datetime
    by: str
    checks: Counter[str] = field(default_factory=Counter)
    violations: tuple[Violation, ...] = ()
    boundaries: int = 0
    missed: tuple[str, ...] = ()
    ways: Counter[str] = field(default_factory=Counter)
    said: tuple[str, ...] = ()
    runs: int = 0
    deaths: int = 0
    letters: int = 0
    people: int = 0
    loose: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Nothing was broken, and nothing was left out."""
        return not self.violations and not self.missed

    @property
    def broken(self) -> Counter[str]:
        """Violations by invariant."""
        return Counter(one.invariant for one in self.violations)

    @property
    def checked(self) -> tuple[str, ...]:
        """The invariants that were checked, in their order."""
        return tuple(name for name in INVARIANTS if self.checks[name])

    @property
    def again(self) -> str:
        """The line that repeats this drill."""
        words = ["offswitch drill", self.flow, f"--seed {self.seed}"]
        words += [f"--population {self.population}"] if self.population != usual(self.quick) else []
        words += ["--quick"] if self.quick else []
        words += [] if self.processes else ["--no-processes"]
        words += ["--ledger postgres"] if self.ledger == "postgres" else []
        return " ".join(words)

    def to_json(self) -> dict[str, Any]:
        """One flow, as docs/drill.md describes it."""
        return {
            "flow": self.flow,
            "passed": self.passed,
            "at": self.at,
            "by": self.by,
            "digests": {"plan": self.subject.digest, "code": self.subject.code, "texts": self.subject.texts} if self.subject else None,
            "seed": self.seed,
            "population": self.population,
            "quick": self.quick,
            "ledger": self.ledger,
            "processes": self.processes,
            "runs": self.runs,
            "kills": self.deaths,
            "letters": self.letters,
            "raced": self.loose,
            "seconds": round(self.seconds, 1),
            "invariants": [{"name": name, "checks": self.checks[name], "violations": self.broken[name]} for name in self.checked],
            "boundaries": {"all": self.boundaries, "covered": self.boundaries - len(self.missed), "missed": list(self.missed)},
            "switched_off": dict(self.ways),
            "notes": list(self.said),
            "violations": [{"invariant": v.invariant, "what": v.what, "person": v.who, "at": v.at} for v in self.violations],
            "repeat": self.again,
        }


def as_json(found: list[Found]) -> dict[str, Any]:
    """The whole document."""
    return {"schema": SCHEMA, "passed": all(one.passed for one in found), "flows": [one.to_json() for one in found]}
