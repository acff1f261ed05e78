"""What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date by the provider's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 86_400.0  # seconds: daily limits are the longest that providers have; more is a mistake of theirs


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, at most a day; None when the provider asks for nothing, or for nothing that can be read."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdecimal():
        return min(float(told[:9]), LONGEST)
    until = _date(told)
    if until is None:
        return None
    since = _date(headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
