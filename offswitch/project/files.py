"""What the files of one flow say at this moment: policy, company, approval, texts. Read anew only when a file has changed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from offswitch.errors import ConfigError
from offswitch.failpoints import reach
from offswitch.journey.code import code_digest
from offswitch.journey.journey import Journey
from offswitch.messages.library import Library
from offswitch.policy.approvals import Approval, Subject, load_approval, path_of
from offswitch.policy.effective import UNSORTED
from offswitch.policy.file import read_text
from offswitch.policy.funnel import FunnelPolicy
from offswitch.policy.load import FUNNEL, SCORING, SEGMENTS, load_company, load_flow, salted, sorting_for
from offswitch.policy.schema import CompanyPolicy, FlowPolicy, canonical
from offswitch.policy.segments import SegmentsPolicy
from offswitch.policy.sorting import Sorting
from offswitch.policy.strict import parse
from offswitch.policy.translate import validated

M = TypeVar("M", bound=BaseModel)
SAVING = timedelta(seconds=10)  # a save in progress looks broken for a moment


@dataclass(frozen=True, slots=True)
class Said:
    """What the files say. `trouble` is the first problem, `changed` when the newest of the digested files was saved.

    `kept` is the text of a valid policy and its company's, as the ledger keeps it for the day when the file is broken.
    """

    company: CompanyPolicy | None = None
    policy: FlowPolicy | None = None
    subject: Subject | None = None
    approval: Approval | None = None
    trouble: str = ""
    unapproved: str = ""
    changed: datetime = datetime.fromtimestamp(0, UTC)
    kept: str = ""
    sorting: Sorting = UNSORTED

    @property
    def revision(self) -> str:
        """Names the valid policy, switches included."""
        return sha256(self.kept.encode()).hexdigest()[:12] if self.kept else ""


def kept_policies(kept: str, flow: str) -> tuple[CompanyPolicy, FlowPolicy, Sorting]:
    """The policies that the ledger keeps for the day when a file is broken."""
    texts: dict[str, str] = json.loads(kept)

    def one(kind: type[M], key: str, name: str) -> M:
        return validated(kind, parse(texts[key], f"{name}.yaml"), f"{name}.yaml")

    company = one(CompanyPolicy, "company", "company")
    segments = one(SegmentsPolicy, SEGMENTS, SEGMENTS) if SEGMENTS in texts else None
    funnel = one(FunnelPolicy, FUNNEL, FUNNEL) if FUNNEL in texts else None
    return company, salted(one(FlowPolicy, "flow", flow), flow), Sorting(company.fields, None, segments, funnel)


class Files:
    """The files of one flow. `stamps` is what `objection` compares: cheap, and different after any save."""

    def __init__(self, journey: Journey, policies: Path, library: Library) -> None:
        self.journey = journey
        self.policies = policies
        self.library = library
        self.watched = (str(policies / f"{journey.name}.yaml"), str(policies / "company.yaml"), str(path_of(policies, journey.name)))
        self._besides = tuple(str(policies / f"{name}.yaml") for name in (SCORING, SEGMENTS, FUNNEL))
        self._seen: tuple[object, ...] | None = None
        self._said = Said()
        self._code = code_digest(journey)

    def stamps(self) -> tuple[object, ...]:
        """The versions of policy, company and approval."""
        return tuple(version_of(path) for path in self.watched)

    def said(self) -> Said:
        """What they say now."""
        texts = self.library.folder / self.journey.name
        seen = (*self.stamps(), *map(version_of, self._besides), *(version_of(path.path) for path in _entries(texts)))
        if seen != self._seen:
            self._said = self._read()
            reach("in policy")
            self._seen = seen
        return self._said

    def _read(self) -> Said:
        name = self.journey.name
        company: CompanyPolicy | None = None
        try:
            company = load_company(self.policies)
            policy = load_flow(self.policies, name, company)
            sorting = sorting_for(policy, self.policies, company)
        except ConfigError as error:
            return Said(company=company, trouble=str(error.problems[0]), changed=self._changed())
        subject = Subject(self._code, self.library.digest(name), canonical(policy, company, sorting))
        approval, unapproved = self._approval(subject)
        return Said(company, policy, subject, approval, "", unapproved, self._changed(), self._kept(), sorting)

    def _approval(self, subject: Subject) -> tuple[Approval | None, str]:
        name = self.journey.name
        try:
            approval = load_approval(self.policies, name)
        except ConfigError as error:
            return None, str(error.problems[0])
        if approval is None:
            return None, f"not approved yet: see `offswitch plan {name}`"
        return approval, approval.objection(subject)

    def _kept(self) -> str:
        paths = {**dict(zip(("flow", "company"), self.watched, strict=False)), SEGMENTS: self._besides[1], FUNNEL: self._besides[2]}
        texts = {name: read_text(Path(path))[0] for name, path in paths.items() if name in ("flow", "company") or version_of(path)}
        return json.dumps(texts, ensure_ascii=False)

    def _changed(self) -> datetime:
        """When the newest of these files was saved; a file that is gone counts by its folder."""
        texts = self.library.folder / self.journey.name
        besides = [path for path in self._besides[1:] if version_of(path)]
        times = [_saved(Path(path)) for path in (*self.watched[:2], *besides)] + [entry.stat().st_mtime for entry in _entries(texts)]
        return datetime.fromtimestamp(max(times, default=0.0), UTC)


def version_of(path: str) -> tuple[int, int, int] | None:
    """Which version of a file this is; None when there is none."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - looked at before every effect, and twice as fast
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_ino, seen.st_size


def _saved(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return path.parent.stat().st_mtime if path.parent.is_dir() else 0.0


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted((entry for entry in os.scandir(folder) if entry.name.endswith(".md")), key=lambda entry: entry.name)
    except OSError:
        return []
