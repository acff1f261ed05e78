"""Which rules can't object under a policy, whatever the case: nobody asks them while it is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offswitch.policy.schema import Effective, Late

# What a rule, by its name, must find in a policy to have anything to say. Rules that aren't here are always asked.
_NEEDS: Mapping[str, Callable[[Effective], object]] = {
    "ask": lambda policy: policy.facts.max_ask,
    "late": lambda policy: policy.late_then is not Late.SEND,
    "calendar": lambda policy: policy.pace.calendar,
    "quiet_hours": lambda policy: policy.quiet,
    "silence": lambda policy: policy.pace.silence,
    "cap": lambda policy: policy.caps,
    "group": lambda policy: policy.pace.group,
    "priority": lambda policy: policy.caps,
}


def idle(policy: Effective | None) -> frozenset[str]:
    """The names of the rules that needn't be asked. Without a policy all are."""
    return frozenset() if policy is None else frozenset(name for name, needs in _NEEDS.items() if not needs(policy))
