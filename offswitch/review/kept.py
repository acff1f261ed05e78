"""A plan as it is kept, to be compared with another one later. It names nobody: contacts are ids."""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from offswitch.errors import ConfigError, Problem, Refused
from offswitch.policy.approvals import Subject
from offswitch.review.plan import PlanOfWork

SCHEMA = "offswitch.kept_plan/1"
KEPT = 20  # plans of one flow
APPROVED = "approved"  # what `diff` calls the plan that was approved last


@dataclass(frozen=True, slots=True)
class Text:
    """A message in one language as it reads, with made-up values: the same in two plans while the text is."""

    subject: str
    text: str
    purpose: str


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """`texts` by `message.language`, `steps` the source of each step, `counts` of decisions by what they are.

    `approved`: an approval covered it when it was made. `recipients` are in the file, and only read when they are asked for.
    """

    path: Path
    flow: str
    digest: str
    made: str
    subject: Subject
    texts: Mapping[str, Text]
    steps: Mapping[str, str]
    counts: Mapping[str, int]
    warnings: tuple[str, ...]
    approved: bool

    def recipients(self) -> Iterator[tuple[str, str]]:
        """Who would get which message: contact and message, in order."""
        with _opened(self.path) as file:
            file.readline()
            for line in file:
                contact, _, message = line.rstrip("\n").partition("\t")
                yield contact, message


def keep(path: Path, plan: PlanOfWork, subject: Subject, texts: Mapping[str, Text], steps: Mapping[str, str]) -> None:
    """Write a plan to a file, all of it or nothing."""
    counts: dict[str, int] = {}
    for key, count in plan.counts.items():
        counts[key.what.value] = counts.get(key.what.value, 0) + count
    head = {
        "schema": SCHEMA,
        "flow": plan.flow,
        "digest": plan.digest,
        "made": plan.made.isoformat(),
        "subject": {"code": subject.code, "texts": subject.texts, "policy": dict(subject.policy)},
        "texts": {name: asdict(text) for name, text in texts.items()},
        "steps": dict(steps),
        "counts": counts,
        "warnings": [str(one) for one in plan.warnings],
        "approved": bool(plan.approved and plan.approved.valid),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with gzip.open(draft, "wt", encoding="utf-8", compresslevel=3) as file:
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        file.writelines(f"{contact}\t{message}\n" for contact, message in plan.roll.recipients())
    draft.replace(path)


def load(path: Path) -> KeptPlan:
    """A plan from its file. Raises ConfigError for a file that is none."""
    try:
        with _opened(path) as file:
            head: dict[str, Any] = json.loads(file.readline())
        known = head["schema"] == SCHEMA
        subject, texts = Subject(**head["subject"]), {name: Text(**text) for name, text in head["texts"].items()}
        rest = (head["steps"], head["counts"], tuple(head["warnings"]), head["approved"])
        plan = KeptPlan(path, head["flow"], head["digest"], head["made"], subject, texts, *rest)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise _no_plan(path) from error
    if not known:
        raise _no_plan(path)
    return plan


def _no_plan(path: Path) -> ConfigError:
    fix = "give a digest that `offswitch plan` showed here, or a file that `offswitch plan --out` wrote"
    return ConfigError(Problem(str(path), 0, 0, "can't be read as a plan", fix))


def folder_of(home: Path, flow: str) -> Path:
    """Where the plans of a flow are kept."""
    return home / "plans" / flow


def path_of(home: Path, flow: str, digest: str) -> Path:
    """Where one plan is kept."""
    return folder_of(home, flow) / f"{digest}.plan"


def approved_path(home: Path, flow: str) -> Path:
    """Where the plan is kept that was approved last, as it was then."""
    return folder_of(home, flow) / f"{APPROVED}.plan"


def approve_kept(home: Path, flow: str, digest: str) -> None:
    """Keep this plan as the approved one."""
    kept, approved = path_of(home, flow, digest), approved_path(home, flow)
    draft = approved.with_name(f".{approved.name}.part")
    if kept.exists():
        shutil.copyfile(kept, draft)
        draft.replace(approved)


def tidy(home: Path, flow: str) -> None:
    """Take away all but the newest plans and the approved one."""
    plans = [path for path in folder_of(home, flow).glob("*.plan") if path.stem != APPROVED]
    for path in sorted(plans, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        path.unlink()


def find(home: Path, name: str, flow: str = "*") -> Path:
    """The file of the plan that is meant: a file, a digest that was planned here, or its beginning; of one flow also `approved`."""
    if Path(name).is_file():
        return Path(name)
    found = sorted(path for path in (home / "plans").glob(f"{flow}/*.plan") if path.stem.startswith(name)) if name else []
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{name} is the beginning of {len(found)} plans: {', '.join(path.stem for path in found)}")
    if name == APPROVED:
        raise Refused(f"no approved plan of {flow} is kept here: it was approved elsewhere, or never")
    raise Refused(f"no plan {name!r} is kept here, and no file has this name: make one with `offswitch plan FLOW`")


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8")
