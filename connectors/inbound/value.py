"""One value of a mapping: where it stands in what came, and what is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, GetJsonSchemaHandler, WithJsonSchema, WrapValidator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connectors.forms.submission import NO, YES
from connectors.forms.text import Unfit, one_line
from connectors.inbound.expression import Expression, column, expression
from connectors.inbound.money import whole_units
from offswitch.policy.plain import western
from offswitch.policy.values import Section, Zone, checked, likely, refuse

_TEXT = WithJsonSchema({"type": "string"})
Path = Annotated[Expression, checked(expression), WithJsonSchema({"type": "string", "examples": ["form_response.answers[0].email"]})]
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def written_text(value: Any) -> str:
    """A text as it stands."""
    if not isinstance(value, str):
        raise refuse("is a list or section", "write one value")
    return value


Text = Annotated[str, checked(written_text), _TEXT]


def conversion(value: Any) -> str:
    """The name of a conversion, or a date's pattern."""
    text = written_text(value)
    if text in CONVERSIONS or _is_pattern(text):
        return text
    raise refuse(f"is {text[:40]}", f"{likely(text, CONVERSIONS)}; or a date's pattern such as %d/%m/%Y %H:%M:%S")


Conversion = Annotated[
    str,
    checked(conversion),
    WithJsonSchema(
        {
            "type": "string",
            "examples": ["text", "lower", "upper", "number", "minor_units", "yes_no", "iso", "unix", "unix_ms", "%d/%m/%Y %H:%M:%S"],
        }
    ),
]


def decimals(value: Any) -> int:
    """How many decimals a currency is counted with."""
    if value not in ("0", "2", "3"):
        raise refuse(f"is {value}", "write 0, 2 or 3")
    return int(value)


Digits = Annotated[int, checked(decimals), WithJsonSchema({"enum": ["0", "2", "3", 0, 2, 3]})]


class Value(Section):
    """Where a value stands, and what is made of it."""

    from_: Path | None = Field(default=None, alias="from")
    """Where it stands, as a JMESPath expression."""

    column: Text | None = None
    """The column or question of exactly this name, instead of an expression."""

    value: Text | None = None
    """Always this text, instead of an expression."""

    as_: Conversion | None = Field(default=None, alias="as")
    """What is made of it: text, lower, upper, number, minor_units, yes_no, iso, unix, unix_ms, or the pattern of a date."""

    currency: Path | None = None
    """For minor_units: where the currency stands."""

    digits: dict[str, Digits] = Field(default_factory=dict)
    """For minor_units: the decimals of currencies that this provider counts in a way of its own."""

    zone: Zone | None = None
    """The time zone of times that name none."""

    map: dict[str, Text] = Field(default_factory=dict)
    """The sender's word and ours for it. A word that is not here stays as it is."""

    @model_validator(mode="after")
    def _one_place(self) -> Value:
        if sum(one is not None for one in (self.from_, self.column, self.value)) != 1:
            raise refuse("says where it stands in no way, or in two", "write one of from, column and value")
        if (self.as_ == "minor_units") != (self.currency is not None):
            raise refuse("has minor_units without a currency, or the other way round", "write both as and currency")
        return self

    def of(self, found: Any) -> Any:
        """The value in one event, None where there is none. Raises Unfit."""
        if self.value is not None:
            return self.value
        place = self.from_ if self.from_ is not None else column(str(self.column))
        value = place.of(found)
        if value is None or value == "":
            return None
        if self.map and isinstance(value, str | int | bool):
            value = self.map.get(_word(value), value)
        return self._made(value, found)

    def _made(self, value: Any, found: Any) -> Any:
        if self.as_ is None:
            return value
        if self.as_ == "minor_units":
            return whole_units(value, self.currency.of(found) if self.currency else None, self.digits)
        made = CONVERSIONS[self.as_](value) if self.as_ in CONVERSIONS else _by_pattern(value, self.as_)
        if isinstance(made, datetime):
            return _in_zone(made, self.zone).isoformat()
        return made


class _ShortForm:
    """An expression alone stands for a section that has only `from`."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["form_response.answers[0].email"]}, handler(schema)]}


def _short_form(value: Any, whole: Callable[[Any], Value]) -> Value:
    return whole(value) if isinstance(value, dict) else Value.model_construct(from_=expression(value))


Where = Annotated[Value, WrapValidator(_short_form), _ShortForm()]


def _word(value: str | int) -> str:
    """A sender's word as the key of a map; true and false as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(value: Any) -> str:
    """Text; several values with commas between."""
    if isinstance(value, list):
        return ", ".join(_line(one) for one in value if one is not None)
    if isinstance(value, Mapping):
        raise Unfit("an object stands where text is wanted")
    return _word(value) if isinstance(value, str | int) else str(value)


def _number(value: Any) -> int | float:
    """A number; a text that spells one, in any digits, with commas between thousands."""
    text = western(str(value)).replace(",", "").strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not NUMBER.fullmatch(text) or len(text) > 30:
        raise Unfit("a text stands where a number is wanted")
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _yes_no(value: Any) -> bool:
    """A clear yes or no."""
    word = one_line(_line(value)).lower()
    if word not in YES | NO:
        raise Unfit("what stands where yes or no is wanted is neither")
    return word in YES


def _iso(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(one_line(value)) if isinstance(value, str) else _unfit_time()
    except ValueError:
        return _unfit_time()


def _unix(value: Any, parts: int = 1) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _unfit_time()
    try:
        return datetime.fromtimestamp(float(Decimal(str(value)) / parts), UTC)
    except (ValueError, ArithmeticError, OSError):
        return _unfit_time()


def _unfit_time() -> datetime:
    raise Unfit("what stands where a time is wanted is none")


def _by_pattern(value: Any, pattern: str) -> datetime:
    try:
        return datetime.strptime(one_line(str(value)), pattern)  # noqa: DTZ007 - the zone stands in the file
    except ValueError:
        return _unfit_time()


def _in_zone(at: datetime, zone: str | None) -> datetime:
    return at if at.tzinfo is not None or zone is None else at.replace(tzinfo=ZoneInfo(zone))


CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "text": _line,
    "lower": lambda value: _line(value).lower(),
    "upper": lambda value: _line(value).upper(),
    "number": _number,
    "minor_units": _number,
    "yes_no": _yes_no,
    "iso": _iso,
    "unix": _unix,
    "unix_ms": lambda value: _unix(value, 1000),
}


def _is_pattern(text: str) -> bool:
    """Does a date come through it unharmed?"""
    sample = datetime(2026, 11, 22, 13, 5, 9, tzinfo=UTC)
    try:
        return "%" in text and datetime.strptime(sample.strftime(text), text).date() == sample.date()  # noqa: DTZ007
    except ValueError:
        return False
