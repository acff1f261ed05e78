"""Our change beside what people wrote in the register: what is written, what is kept, what is given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offswitch.act.ports import Change


@dataclass(frozen=True, slots=True)
class Version:
    """A value that a field had: since when, whether it was us who wrote it, and `by` whom as the register names them."""

    value: str
    at: datetime
    ours: bool = False
    by: str = ""


History = Mapping[str, Sequence[Version]]  # the versions of each field, newest first


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write, by field. `kept`: the fields whose value belongs to somebody else."""

    write: Mapping[str, str]
    kept: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """For the receipt: names, never values."""
        return f"kept what somebody else set: {', '.join(self.kept)}" if self.kept else ""


def merge(change: Change, wanted: Mapping[str, str], history: History) -> Merge:
    """The part of a change that may be written now. A field that says the same already is left alone.

    A value that we wrote over one that somebody else had set too late for us to see it is given back.
    """
    write: dict[str, str] = {}
    kept: list[str] = []
    for name, value in wanted.items():
        versions = history.get(name, ())
        now = versions[0].value if versions else ""
        theirs = _theirs(change, name, versions)
        if theirs is not None and now == value != theirs.value and versions[0].ours:
            kept.append(name)
            write[name] = theirs.value
        elif now != value and (theirs is not None or (name in change.yielding and now)):
            kept.append(name)
        elif now != value:
            write[name] = value
    return Merge(write, tuple(kept))


def overwritten(change: Change, wanted: Mapping[str, str], history: History) -> Merge:
    """What has to be given back after we wrote: values set between our look and our write."""
    found = merge(change, wanted, history)
    return Merge({name: found.write[name] for name in found.kept if name in found.write}, found.kept)


def _theirs(change: Change, name: str, versions: Sequence[Version]) -> Version | None:
    """The newest value of somebody else that this change has to leave, wherever in the history it stands."""
    newest = next((version for version in versions if not version.ours), None)
    if newest is None:
        return None
    late = change.decided is not None and newest.at >= change.decided
    return newest if late or (name in change.yielding and newest.value) else None
