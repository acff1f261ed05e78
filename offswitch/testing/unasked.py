"""Policies in which nobody asks whether a flow is ready: for a copy that shows or tests something else."""

from __future__ import annotations

import re
from pathlib import Path

_SECTION = re.compile(r"(?m)^readiness:.*\n(?:(?:[ \t].*)?\n)*")


def ask_nothing(policies: Path) -> None:
    """Take the section `readiness:` out of every file of this folder; comments stay."""
    for path in policies.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if (without := _SECTION.sub("", text)) != text:
            path.write_text(without, encoding="utf-8")
