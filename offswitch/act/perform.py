"""Hand reserved effects to their connector, one permit each, and note every outcome at once."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from offswitch.act.desk import FAILURES, PERMIT_SECONDS, RETRY_AFTER, Desk
from offswitch.act.ports import Crm, Mailer, Order
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved
from offswitch.errors import ConfigError
from offswitch.failpoints import reach
from offswitch.gate.permit import Permit, grant
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome, Receipt


def perform(desk: Desk, reserved: Sequence[Reserved], token: int, since: float, report: Report) -> list[tuple[Reserved, Receipt]]:
    """Every effect with its receipt. A connector that breaks down in the middle leaves the truth to the marks."""
    results: list[tuple[Reserved, Receipt]] = []
    for kinds, connector in (((Kind.SEND,), desk.mailer), ((Kind.UPDATE, Kind.NOTE, Kind.TASK), desk.crm)):
        orders = [one for one in reserved if one.action.kind in kinds]
        if orders:
            results += _perform(desk, connector, orders, token, since, report)
    return results


def _perform(
    desk: Desk, connector: Mailer | Crm, reserved: Sequence[Reserved], token: int, since: float, report: Report
) -> list[tuple[Reserved, Receipt]]:
    orders: list[Order[Any]] = [Order(_permit(desk, one, token, since), one.payload) for one in reserved]
    results: list[tuple[Reserved, Receipt]] = []
    health = desk.health_of(connector.name)
    receipts: Iterator[Receipt] = iter(())
    try:
        receipts = connector.perform(orders)
        for one, receipt in zip(reserved, receipts, strict=True):
            reach("after accept", where_of(one))
            _same(one, receipt)
            desk.marks.ended(one.effect.slot or 0, receipt.outcome)
            results.append((one, receipt))
            _feel(desk, connector.name, receipt, one.effect.tries, report)
    except Exception as error:  # noqa: BLE001 - a faulty connector may not take the pass, or other flows, with it
        health.failures, health.reason = FAILURES, f"{connector.name} {_in_words(error)}"
        report.notice(f"connector {connector.name}", health.reason)
        _end(receipts)
        rest = reserved[len(results) :]
        results += [(one, Receipt(one.effect.key, desk.marks.outcome(one.effect.slot or 0), health.reason)) for one in rest]
    return results


def _in_words(error: Exception) -> str:
    """What people wrote into settings names nobody; what another error says may."""
    if isinstance(error, ConfigError):
        return f"can't be used: {'; '.join(map(str, error.problems))}"
    return f"broke down: {type(error).__name__}"


def _end(receipts: Iterator[Receipt]) -> None:
    """A connector that works on several orders at once first finishes those that it has begun; only then marks tell the truth."""
    if isinstance(receipts, Generator):
        with suppress(Exception):
            receipts.close()


def where_of(one: Reserved) -> str:
    """Flow, step, visit and action, without the person."""
    effect = one.effect
    return f"{effect.flow}/{effect.step}/{effect.visit}/{effect.action}"


def _same(one: Reserved, receipt: Receipt) -> None:
    if receipt.key != one.effect.key:
        raise LookupError("a receipt for another effect")


def _permit(desk: Desk, one: Reserved, token: int, since: float) -> Permit:
    return grant(
        one.effect.key,
        where=where_of(one),
        recipient=one.recipient,
        digest=one.payload.digest,
        token=token,
        guard=desk.switchboard,
        mark=desk.marks,
        index=one.effect.slot or 0,
        seconds=PERMIT_SECONDS,
        since=since,
    )


def _feel(desk: Desk, name: str, receipt: Receipt, tries: int, report: Report) -> None:
    health = desk.health_of(name)
    if receipt.outcome is Outcome.BROKEN:
        health.failures = FAILURES
    elif receipt.outcome is Outcome.RETRY:
        health.failures += 1
    elif receipt.outcome is Outcome.PERFORMED:
        health.failures = 0
        return
    else:
        return
    health.reason = f"{name}: {receipt.reason}"
    health.until = receipt.retry_at or _later(desk.clock.now(), tries)
    if health.down:
        report.notice(f"connector {name}", f"{health.reason}; its work is held")


def retry_at(receipt: Receipt, tries: int, now: datetime) -> datetime:
    """When an effect that surely did not happen may be tried again."""
    return receipt.retry_at or _later(now, tries)


def _later(now: datetime, tries: int) -> datetime:
    return now + RETRY_AFTER[min(tries, len(RETRY_AFTER) - 1)]
