"""Which way each key of a policy is stricter. A change that way needs no new approval; any other change does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from offswitch.policy.experiments import fewer_trials
from offswitch.policy.launch import growth, mass
from offswitch.policy.values import cap, duration, percent, quiet_hours

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


def _longer(old: str, new: str) -> bool:
    return duration(new) >= duration(old)


def _more(old: int, new: int) -> bool:
    return new >= old


def _larger(old: str, new: str) -> bool:
    return percent(new) >= percent(old)


def _not_any_more(old: str, new: str) -> bool:
    return (old, new) == ("yes", "no")


def _lower_ceilings(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Each old ceiling is still there, and no higher."""
    return all(metric in new and percent(new[metric]) <= percent(share) for metric, share in old.items())


def _back_too(old: str, new: str) -> bool:
    """Held in either case, and a step back besides."""
    return (old, new) == ("hold", "step_back")


def _superset(old: list[str], new: list[str]) -> bool:
    return set(old) <= set(new)


def _subset(old: list[str], new: list[str]) -> bool:
    return set(new) <= set(old)


def _fewer_lines(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """A line that is not needed any more is taken out; who should stand there after all is held."""
    return all(old.get(step) == where for step, where in new.items())


def _more_facts(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Each fact must still be known, and may be no older."""
    return all(name in new and (not age or (bool(new[name]) and _shorter(age, new[name]))) for name, age in old.items())


def _more_fields(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    return all(new.get(name) == kind for name, kind in old.items())


def _asks_less(old: Mapping[str, int], new: Mapping[str, int]) -> bool:
    return old.keys() == new.keys() and all(new[stage] <= most for stage, most in old.items())


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


def _asks_more(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """At least as many runs, as straight a path, and evidence no older. Nothing asked before: anything is more."""
    ways: Mapping[str, Callable[[Any, Any], bool]] = {
        "manual_runs": _more,
        "stability": _larger,
        "expires": _shorter,
        "drill_max_age": _shorter,
    }
    return not old or (bool(new) and all(holds(old[key], new[key]) for key, holds in ways.items()))


def _taken_back(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return not new


def _smaller_mass(old: str, new: str) -> bool:
    was, now = mass(old), mass(new)
    return now.count <= was.count and now.window >= was.window


def _less_growth(old: str, new: str) -> bool:
    was, now = growth(old).percent, growth(new).percent
    return was is None or (now is not None and now <= was)


def _sooner(old: str, new: str) -> bool:
    return old == "none" or (new != "none" and _shorter(old, new))


def _slower_if_any(old: str, new: str) -> bool:
    return old == "none" or (new != "none" and _slower(old, new))


def _more_weekends(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> bool:
    """Who rested rests on the same days at least."""
    return all(set(old.get(where, old.get("default", ()))) <= set(new.get(where, new.get("default", ()))) for where in {*old, *new})


def _less_for_silence(old: str, new: str) -> bool:
    """Sooner, with longer pauses, and over sooner."""
    if old == "none" or new == "none":
        return old == "none"
    was, now = ([float(part.rstrip("x")) for part in text.split()] for text in (old, new))
    return now[0] <= was[0] and now[1] >= was[1] and now[2] <= was[2]


STRICTER: Mapping[str, Callable[[Any, Any], bool]] = {
    "limits.per_contact": _caps,
    "company.limits.per_contact": _caps,
    "limits.rate": _slower_if_any,
    "company.limits.rate": _slower_if_any,
    "quiet_hours": _quieter,
    "weekends": _more_weekends,
    "blackouts": _superset,
    "company.blackouts": _superset,
    "occasions": _superset,
    "silence": _less_for_silence,
    "priority": _fewer,
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
    "mass": _smaller_mass,
    "approved_for": _shorter,
    "approved_growth": _less_growth,
    "keep": _subset,
    "required_facts": _more_facts,
    "fields": _more_fields,
    "funnel.max_ask": _asks_less,
    "readiness": _asks_more,
    "review": _sooner,
    "overrides": _subset,
    "company.overrides": _subset,
    "experiments": fewer_trials,
    "readiness.waiver": _taken_back,
    "rollout.hold": _longer,
    "rollout.matures_after": _longer,
    "rollout.matured": _larger,
    "rollout.min_matured": _more,
    "rollout.by_itself": _not_any_more,
    "rollout.after": _superset,
    "rollout.stable": _longer,
    "rollout.holdout": _larger,
    "guardrails": _lower_ceilings,
    "guardrails.on_breach": _back_too,
    # These get a line of their own to be switched off; a file that lost the line would switch them on.
    "steps": _superset,
    "channels": _superset,
    "connectors": _superset,
}
