"""How instants, spans and small structures are kept, alike in every database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Text, TypeDecorator
from sqlalchemy.engine import Dialect

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """As the database keeps it."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """As the program has it."""
        return None if value is None else moment(value)


class Span(TypeDecorator[timedelta]):
    """A length of time, as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """As the database keeps it."""
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """As the program has it."""
        return None if value is None else timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A small structure, as JSON text that people can read in the database. Empty ones take no room."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """As the database keeps it."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """As the program has it."""
        return json.loads(value) if value else {}
