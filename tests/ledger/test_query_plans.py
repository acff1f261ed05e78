"""The hot queries use their indexes: a ledger with a million rows answers like one with a hundred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from offswitch.ledger.base import Book
from offswitch.ledger.open import open_ledger
from offswitch.ledger.shadow_book import ShadowBook
from offswitch.ledger.tables import metadata

SCANS = tuple(f"SCAN {table}" for table in metadata.tables)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUERIES: dict[str, Callable[[Any], object]] = {
    "claim": lambda book: book.entries.claim("welcome", NOW, 1, 500, None),
    "due_now": lambda book: book.entries.due_now("welcome", NOW),
    "pending": lambda book: book.entries.pending("welcome", NOW),
    "overdue": lambda book: book.entries.overdue("welcome", NOW),
    "sent": lambda book: book.effects.sent(["a", "b"], NOW),
    "unanswered": lambda book: book.effects.unanswered(["a", "b"], ["message.replied"]),
    "beside": lambda book: book.entries.beside(["retarget"], ["a", "b"]),
    "queued": lambda book: book.effects.queued("welcome", 200),
    "unknown": lambda book: book.effects.unknown("welcome"),
    "under": lambda book: book.effects.under(7),
    "of_entries": lambda book: book.effects.of_entries(["a", "b"]),
    "at_steps": lambda book: book.effects.at_steps(["a", "b"], ["confirm"]),
    "lapsed": lambda book: book.leases.lapsed("welcome", NOW),
    "unseen": lambda book: book.events.unseen("welcome"),
    "last_run": lambda book: book.history.last_run("welcome"),
    "last_review": lambda book: book.reviews.last("welcome", NOW),
    "lasting": lambda book: book.lifts.lasting("welcome"),
    "sends": lambda book: book.evidence.sends("welcome", NOW),
    "shadow_page": lambda book: ShadowBook(book, "welcome").entries.page("welcome", None, 500, NOW),
    "shadow_messages": lambda book: ShadowBook(book, "welcome").effects.sent(["a", "b"], NOW),
    "shadow_steps": lambda book: book.shadow.at_steps(["a", "b"], ["confirm"]),
    "shadow_people": lambda book: book.shadow.people("welcome", NOW, "", 500),
    "shadow_about": lambda book: book.shadow.about("welcome", ["a", "b"], NOW),
    "followed": lambda book: book.evidence.followed("welcome", "message.complained", NOW),
    "consent": lambda book: book.consent.of(["a", "b"]),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_hot_query_searches_by_an_index(tmp_path: Path, name: str) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    seen: list[tuple[str, object]] = []
    with ledger.write() as book:
        event.listen(book.connection, "before_cursor_execute", lambda _c, _k, statement, values, _x, _m: seen.append((statement, values)))
        QUERIES[name](book)
        plans = [plan_of(book, statement, values) for statement, values in list(seen) if statement.startswith("SELECT")]
    ledger.close()
    assert plans
    assert not [plan for plan in plans for step in plan if step.startswith(SCANS)], plans


@pytest.mark.parametrize("flow", ["", "welcome"])
def test_a_rate_reads_messages_by_their_tokens_and_batches_from_the_newest_back(tmp_path: Path, flow: str) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    seen: list[tuple[str, object]] = []
    with ledger.read() as book:
        event.listen(book.connection, "before_cursor_execute", lambda _c, _k, statement, values, _x, _m: seen.append((statement, values)))
        book.effects.begun(NOW, flow)
        plan = plan_of(book, *seen[0])
    ledger.close()
    assert plan == ["SEARCH effects USING INDEX effects_token (token>?)", "SCALAR SUBQUERY 1", "SCAN leases"]
    assert "ORDER BY leases.token DESC\n LIMIT" in seen[0][0]


def plan_of(book: Book, statement: str, values: object) -> list[str]:
    driver: Any = book.connection.connection.driver_connection
    rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row[3] for row in rows]
