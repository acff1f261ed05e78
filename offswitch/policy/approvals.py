"""The approval beside a policy: who said yes to exactly what. `policies/approvals/<flow>.yaml`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from offswitch.errors import ConfigError, Problem
from offswitch.policy.node import Scalar, Table
from offswitch.policy.strict import read
from offswitch.policy.strictness import not_looser

ENGINE = 1  # the major version of what a plan means; raising it voids every approval
_KEYS = ("digest", "seal", "by", "requested_by", "on", "samples", "audience", "code", "texts", "policy")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an approval is about: the flow's code, its texts, and the policy that shapes it."""

    code: str
    texts: str
    policy: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Names all of it in twelve characters that people can compare."""
        policy = json.dumps(self.policy, sort_keys=True, ensure_ascii=False)
        return sha256(f"{ENGINE}\x1f{self.code}\x1f{self.texts}\x1f{policy}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes, or two people's to the same, `by` them in their order. `on`: when the first one said so, in ISO 8601.

    `audience`: for how many people, as the plan showed; 0 where it showed nobody, or nobody counted.
    """

    subject: Subject
    by: str
    requested_by: str
    on: str
    samples: int
    audience: int = 0

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who said yes, each once."""
        return tuple(dict.fromkeys(self.by.split(", ")))

    @property
    def at(self) -> datetime:
        """When; a day without a time begins at midnight UTC. Raises ValueError for what is no date."""
        said = datetime.fromisoformat(self.on)
        return said if said.tzinfo else said.replace(tzinfo=UTC)

    @property
    def seal(self) -> str:
        """Names who said yes, when and to what, so that none of it is changed by a slip of the hand. It proves nobody's identity."""
        said = (self.subject.digest, self.by, self.requested_by, self.on, str(self.samples), str(self.audience))
        return sha256("\x1f".join(said).encode()).hexdigest()[:12]

    def objection(self, now: Subject) -> str:
        """Why this approval doesn't cover what is there now, or "". Changes in a stricter direction stay approved."""
        changed = [name for name in ("code", "texts") if getattr(self.subject, name) != getattr(now, name)]
        changed += not_looser(dict(self.subject.policy), dict(now.policy))
        return f"changed since approval: {', '.join(changed)}" if changed else ""


def path_of(folder: Path, flow: str) -> Path:
    """Where the approval of a flow lies."""
    return folder / "approvals" / f"{flow}.yaml"


def load_approval(folder: Path, flow: str) -> Approval | None:
    """The approval, or None where there is none. Raises ConfigError for one that was tampered with."""
    path = path_of(folder, flow)
    if not path.exists():
        return None
    table = read(path)
    texts = {key: node.value for key, node in table.value.items() if isinstance(node, Scalar)} if isinstance(table, Table) else {}
    if set(texts) != set(_KEYS):
        raise ConfigError(Problem(str(path), 1, 1, "is not an approval", "approve the plan again: `offswitch approve`"))
    try:
        subject = Subject(texts["code"], texts["texts"], json.loads(texts["policy"]))
        counts = int(texts["samples"]), int(texts["audience"])
        approval = Approval(subject, texts["by"], texts["requested_by"], texts["on"], *counts)
        _ = approval.at  # a date that nobody can read never ends
    except ValueError as error:
        raise ConfigError(Problem(str(path), 1, 1, "is not an approval", "approve the plan again")) from error
    for what, is_there in (("digest", subject.digest), ("seal", approval.seal)):
        if is_there != texts[what]:
            raise ConfigError(Problem(str(path), 1, 1, f"was changed by hand: its {what} doesn't fit", "approve the plan again"))
    return approval


def save_approval(folder: Path, flow: str, approval: Approval) -> Path:
    """Write the approval, all of it or nothing."""
    path = path_of(folder, flow)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Written by `offswitch approve`. A change in here, or in what it covers, voids it.",
        f'digest: "{approval.subject.digest}"',
        f'seal: "{approval.seal}"',
        f"by: {approval.by}",
        f"requested_by: {approval.requested_by}",
        f'on: "{approval.on}"',
        f'samples: "{approval.samples}"',
        f'audience: "{approval.audience}"',
        f'code: "{approval.subject.code}"',
        f'texts: "{approval.subject.texts}"',
        "policy: |",
        *(f"  {line}" for line in json.dumps(approval.subject.policy, indent=1, sort_keys=True, ensure_ascii=False).splitlines()),
    ]
    draft = path.with_suffix(".tmp")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(path)
    return path
