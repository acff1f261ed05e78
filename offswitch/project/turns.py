"""Whose turn it is: a flow of a later tier waits until those of earlier ones have been stable for a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from offswitch.errors import ConfigError
from offswitch.ledger.base import Book
from offswitch.policy.load import load_flow
from offswitch.policy.schema import CompanyPolicy, FlowPolicy, Rollout, Switch
from offswitch.policy.values import written


def turn(book: Book, folder: Path, company: CompanyPolicy, flow: str, rollout: Rollout, now: datetime) -> str:
    """What this flow still waits for, or "". A flow whose file can't be read any more is not stable."""
    if rollout.tier is None and not rollout.after:
        return ""
    for name in sorted({*rollout.after, *(path.stem for path in folder.glob("*.yaml"))} - {flow}):
        try:
            other = load_flow(folder, name, company)
        except ConfigError:
            other = None
        if name in rollout.after or _earlier(book, name, other, rollout.tier):
            for lack in _lacks(book, name, other, rollout.stable, now):
                return f"waits for {name}: {lack}"
    return ""


def unsteady(book: Book, flow: str, policy: FlowPolicy, now: datetime) -> str:
    """Why a flow is not stable yet, or "": on, on its last step, and no stop of it for a while."""
    return next(_lacks(book, flow, policy, policy.rollout.stable, now), "")


def _earlier(book: Book, name: str, other: FlowPolicy | None, tier: int | None) -> bool:
    """Is it of an earlier tier? Other files of the folder are no flows; a flow's own file may be broken now."""
    if tier is None:
        return False
    return book.history.last_policy(name) is not None if other is None else (other.rollout.tier or tier) < tier


def _lacks(book: Book, name: str, other: FlowPolicy | None, stable: timedelta, now: datetime) -> Iterator[str]:
    """Why a flow is not stable yet."""
    if other is None:
        yield "its policy can't be read"
        return
    steps, at = len(other.rollout.steps), book.history.rung(name)
    if other.switch is not Switch.ON:
        yield "it is off"
    if at < steps - 1:
        yield f"it is on step {at + 1} of {steps}"
    if any(period.whole for period in book.stops.periods_since(name, now - stable)):
        yield f"it was off in the last {written(stable)}"
    since = book.history.rung_since(name) or book.history.first_run(name)
    if since is None or now - since < stable:
        yield f"less than {written(stable)} on its last step"
