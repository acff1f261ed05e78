"""What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date by the provider's own clock; and what stands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 86_400.0  # seconds: daily limits are the longest that providers have; more is a mistake of theirs
_EPOCH = 1e9  # more is an instant and no length of time


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, at most a day; None when the provider asks for nothing, or for nothing that can be read."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdecimal():
        return min(float(told[:9]), LONGEST)
    until = date_of(told)
    if until is None:
        return None
    since = date_of(headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST)


def limit_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until a used up limit is full again, at most a day; None when the provider doesn't tell.

    `X-RateLimit-Reset` is an instant in epoch seconds where it is large (SendGrid), else seconds, as `RateLimit-Reset` is.
    """
    told = (headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset", "")).strip()
    if not told.isascii() or not told.isdecimal():
        return None
    value = float(told[:12])
    since = (date_of(headers.get("date", "")) or now).timestamp() if value > _EPOCH else 0.0
    return min(max(value - since, 0.0), LONGEST)


def date_of(text: str) -> datetime | None:
    """A date as HTTP writes it; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
