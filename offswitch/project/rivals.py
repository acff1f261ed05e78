"""Which other flows may want the same person: read from their files, and only where one of them says a priority or a group."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import ConfigError
from offswitch.gate.rival import Rival
from offswitch.ledger.base import Book
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.load import OTHERS
from offswitch.policy.pace import Pace
from offswitch.policy.schema import Switch
from offswitch.policy.strict import read
from offswitch.policy.translate import validated
from offswitch.project.files import kept_policies, version_of

_SAID = re.compile(rb"priority|exclusive_group")


class _File(NamedTuple):
    """One version of a flow's file: what was read from it holds until there is another."""

    path: str
    version: tuple[int, int, int] | None


def rivals(book: Book, folder: Path, flow: str, pace: Pace) -> tuple[Rival, ...]:
    """In order of their names. None where all have the same priority and this flow is in no group."""
    files = dict(_files(folder))
    if not any(map(_speaks, files.values())):
        return ()
    others = {name: policy for name, file in files.items() if name != flow and (policy := _in_force(book, name, file)) is not None}
    ranked = any(policy.priority != pace.priority for policy in others.values())
    still = (Switch.OFF, Switch.DRY_RUN)
    found = (
        Rival(name, policy.priority, bool(pace.group) and policy.exclusive_group == pace.group, policy.switch not in still)
        for name, policy in sorted(others.items())
    )
    return tuple(rival for rival in found if ranked or rival.grouped)


def _files(folder: Path) -> Iterator[tuple[str, _File]]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - looked at in every window, and five times as fast
    except OSError:
        return
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if dot and ending == "yaml" and stem not in OTHERS:
            path = f"{folder}/{name}"
            yield stem, _File(path, version_of(path))


@lru_cache(maxsize=1024)
def _speaks(file: _File) -> bool:
    """Does its text hold one of the keys?"""
    try:
        return _SAID.search(Path(file.path).read_bytes()) is not None
    except OSError:
        return False


@lru_cache(maxsize=1024)
def _read(file: _File) -> FlowPolicy | None:
    try:
        return validated(FlowPolicy, read(Path(file.path)), file.path)
    except ConfigError:
        return None


def _in_force(book: Book, name: str, file: _File) -> FlowPolicy | None:
    """What the file says, or while it is broken what it said last."""
    policy = _read(file)
    if policy is not None:
        return policy
    last = book.history.last_policy(name)
    return None if last is None else _kept(last.policy, name)


@lru_cache(maxsize=64)
def _kept(text: str, name: str) -> FlowPolicy:
    return kept_policies(text, name)[1]
