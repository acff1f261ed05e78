"""The small part of Jinja2 that a text may use: values, filters, conditions. No loops, calls, imports or attributes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date  # noqa: N812 - the filter is called `date`
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, NoReturn
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from jinja2 import Undefined, UndefinedError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from offswitch.messages.values import Fields

# Every construct here takes time and room in proportion to the text and its values, so no text can run away.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Add, nodes.Sub, nodes.Concat,
    nodes.Filter, nodes.Test, nodes.Tuple, nodes.List,
)  # fmt: skip
_TESTS = ("defined", "undefined")
_NAMES = {nodes.For: "a loop", nodes.Call: "a call", nodes.Mul: "*", nodes.Pow: "**", nodes.Mod: "%", nodes.Getitem: "[ ]"}


class Absent(Undefined):
    """A value that nobody knows: it may be asked for in a condition, never printed."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None) -> None:
        owner = obj.name if isinstance(obj, Fields) else str(obj._undefined_name) if isinstance(obj, Absent) else ""  # noqa: SLF001
        path = f"{owner}.{name}" if owner else name
        super().__init__(hint or path, obj, path)

    def __str__(self) -> str:
        raise UndefinedError(self._undefined_message)

    def __len__(self) -> int:
        raise UndefinedError(self._undefined_message)

    def __iter__(self) -> Iterator[Any]:
        raise UndefinedError(self._undefined_message)


class Sandbox(SandboxedEnvironment):
    """Second wall behind `forbidden()`: attributes only of `Fields`, nothing is callable, no operator that multiplies."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"*", "**", "%", "/", "//"})  # type: ignore[misc]

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=Absent, finalize=_printable, cache_size=0)
        self.globals.clear()
        self.filters = {name: _FILTERS.get(name) or self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of `contact`, `event` or a mapping among the values."""
        found = obj.read(attribute) if isinstance(obj, Fields) else None
        return self.undefined(obj=obj, name=attribute) if found is None else found

    def getitem(self, obj: Any, argument: str | Any) -> NoReturn:
        """Never: a text reads fields with a dot."""
        raise SecurityError("a text reads fields with a dot, not with [ ]")

    def is_safe_callable(self, obj: Any) -> bool:
        """Never."""
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> NoReturn:
        """Never: what multiplies can fill the memory."""
        raise SecurityError(f"a text can't use {operator}")


def forbidden(tree: nodes.Template) -> list[tuple[int, str]]:
    """Line and name of everything in a text that goes beyond values, filters and conditions."""
    found: list[tuple[int, str]] = []
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            found.append((node.lineno, f"there is no filter {node.name!r}: use one of {', '.join(FILTERS[:-2])}"))
        elif isinstance(node, nodes.Test) and node.name not in _TESTS:
            found.append((node.lineno, f"there is no test {node.name!r}: use `is defined`"))
        elif not isinstance(node, (*_ALLOWED, nodes.Keyword)):
            name = _NAMES.get(type(node), type(node).__name__.lower())
            found.append((node.lineno, f"a text can't use {name}: only values, filters and if"))
    return found


def _printable(value: Any) -> Any:
    """Yes-or-no values, lists and groups of fields are for conditions and filters; printed, they would show code."""
    if isinstance(value, bool | list | Fields):
        raise TypeError(f"a text can't print a {type(value).__name__.lower()}")
    return value


def _number(context: Context, value: float) -> str:
    return format_decimal(value, locale=_locale(context))


@lru_cache(maxsize=4096)
def _amount(value: float, currency: str, locale: Locale) -> str:
    return format_currency(value, currency, "#,##0.## ¤¤¤", locale=locale, currency_digits=False)


def _money(context: Context, value: float, currency: str) -> str:
    """`250 Saudi riyals`, in the language of the text."""
    return _amount(value, str(currency), _locale(context))


def _date(context: Context, value: str | Date) -> str:
    """`5 November 2026`, in the language of the text, from a date or an ISO 8601 text."""
    day = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(day, Date):
        raise TypeError("date needs a date")
    return format_date(day, "long", locale=_locale(context))


def _listed(context: Context, value: list[str]) -> str:
    """`a, b and c`, in the language of the text."""
    if not isinstance(value, list):
        raise TypeError("listed needs a list")
    return format_list([str(item) for item in value], locale=_locale(context))


def _web_url(value: object) -> str:
    """An address as it is, if it is one that a reader may safely follow."""
    url = str(value)
    if not url.startswith(("https://", "http://", "mailto:", "tel:")) or not url.isprintable() or " " in url:
        raise ValueError("not a web address")
    return url


def _url_part(value: object) -> str:
    return quote(str(value), safe="")


def _locale(context: Context) -> Locale:
    return _locale_of(str(context.parent["language"]))


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse("en_GB" if language == "en" else language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


FILTERS = ("default", "lower", "upper", "capitalize", "trim", "number", "money", "date", "listed", "web_url", "url_part")
_FILTERS: dict[str, Any] = {
    "number": pass_context(_number),
    "money": pass_context(_money),
    "date": pass_context(_date),
    "listed": pass_context(_listed),
    "web_url": _web_url,
    "url_part": _url_part,
}
HTML = Sandbox(autoescape=True)
TEXT = Sandbox(autoescape=False)
