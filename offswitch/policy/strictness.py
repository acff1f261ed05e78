"""Which way each key of a policy is stricter. A change that way needs no new approval; any other change does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from offswitch.policy.values import cap, duration, quiet_hours

DAY = 24 * 60


def not_looser(approved: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys that changed in a direction that is not stricter. Empty: what was approved still holds.

    Both are what `canonical` returns.
    """
    keys = [*approved, *(key for key in now if key not in approved)]
    return [key for key in keys if not _holds(key, approved, now)]


def _holds(key: str, approved: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    if key not in approved or key not in now:
        return False
    return bool(approved[key] == now[key]) or (key in STRICTER and STRICTER[key](approved[key], now[key]))


def _fewer(old: int, new: int) -> bool:
    return new <= old


def _shorter(old: str, new: str) -> bool:
    return duration(new) <= duration(old)


def _superset(old: list[str], new: list[str]) -> bool:
    return set(old) <= set(new)


def _fewer_lines(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """A line that is not needed any more is taken out; who should stand there after all is held."""
    return all(old.get(step) == where for step, where in new.items())


def _caps(old: list[str], new: list[str]) -> bool:
    """Each old cap still holds, by one that allows no more in no shorter a window."""
    caps = [cap(text) for text in new]
    return all(any(one.count <= was.count and one.window >= was.window for one in caps) for was in map(cap, old))


def _quieter(old: str, new: str) -> bool:
    """The new window holds the old one."""
    if old == "none" or new == "none":
        return old == "none"
    was, is_ = quiet_hours(old), quiet_hours(new)
    before = _minutes(is_.start, was.start)
    return before + _minutes(was.start, was.end) <= _minutes(is_.start, is_.end)


def _minutes(start: time, end: time) -> int:
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % DAY


def _instead_of_send(old: str, new: str) -> bool:
    return old == "send" and new != "send"


def _later_admission(old: str, new: str) -> bool:
    """`ignore` is no stricter than the others: it loses people, so somebody has to agree to it."""
    order = ("admit", "admit_if_fresh", "worklist")
    return new in order and old in order and order.index(new) >= order.index(old)


def _slower(old: str, new: str) -> bool:
    return _caps([old], [new])


STRICTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "limits.per_contact": _caps,
    "company.limits.per_contact": _caps,
    "quiet_hours": _quieter,
    "late.after": _shorter,
    "late.then": _instead_of_send,
    "max_defer": _shorter,
    "held_max": _shorter,
    "unapproved_after": _shorter,
    "inflow": _later_admission,
    "inflow.admit_if_fresh": _shorter,
    "on_resume.without_asking": _fewer,
    "on_resume.second_person_above": _fewer,
    "on_resume.release": _slower,
    "removed_steps": _fewer_lines,
    "humans_decide": _superset,
    # These get a line of their own to be switched off; a file that lost the line would switch them on.
    "steps": _superset,
    "channels": _superset,
    "connectors": _superset,
}
