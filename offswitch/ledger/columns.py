"""How instants, spans and small structures are kept, alike in every database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Text, TypeDecorator
from sqlalchemy.engine import Dialect

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def micros(moment: datetime) -> int:
    """UTC microseconds since 1970. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone can't be kept")
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The instant that `micros` wrote."""
    return _EPOCH + timedelta(microseconds=value)


class Moment(TypeDecorator[datetime]):
    """An instant, as UTC microseconds."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """From Python to the database: one plain call for each value, as there are many."""
        return _micros_or_null

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        """From the database to Python."""
        return _moment_or_none


class Span(TypeDecorator[timedelta]):
    """A length of time, as microseconds."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[timedelta | None], int | None]:
        """From Python to the database."""
        return _span_to_micros

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], timedelta | None]:
        """From the database to Python."""
        return _span_from_micros


class Word(TypeDecorator[str]):
    """A text that is mostly empty: then it takes no room, and rows from before the column was there are as they were."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """From Python to the database."""
        return _word_or_null

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str]:
        """From the database to Python."""
        return _word_or_empty


class Json(TypeDecorator[Any]):
    """A small structure, as JSON text that people can read in the database. Empty ones take no room."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """From Python to the database."""
        return _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        """From the database to Python."""
        return _from_text


def _micros_or_null(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def _moment_or_none(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def _span_to_micros(value: timedelta | None) -> int | None:
    return None if value is None else value // _MICROSECOND


def _span_from_micros(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(microseconds=value)


def _word_or_null(value: str | None) -> str | None:
    return value or None


def _word_or_empty(value: str | None) -> str:
    return value or ""


def _to_text(value: Any) -> str | None:
    return _encode(value) if value else None


def _from_text(value: str | None) -> Any:
    return json.loads(value) if value else {}
