"""As much of SOQL as a stand-in for Salesforce has to understand: one object, one sub-query, conditions, an order and a limit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_TOKEN = re.compile(r"""\s*('(?:\\.|[^'\\])*'|\d{4}-[\d:.T-]+Z|\d+|!=|>=|[(),=>]|[\w.]+)""")
Row = Mapping[str, Any]
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Query:
    columns: list[str]
    source: str
    where: Test
    order: list[str]
    limit: int
    with_history: bool


def parse(text: str) -> Query:
    plain = re.sub(r"\(SELECT .*? FROM Histories .*?\)", "Histories", text)
    found = re.fullmatch(r"SELECT (.+?) FROM (\w+) WHERE (.+?)(?: ORDER BY (.+?))?(?: LIMIT (\d+))?", plain, re.DOTALL)
    if found is None:
        raise ValueError(f"this is no SOQL: {text}")
    columns = found[1].split(", ")
    tokens = _TOKEN.findall(found[3])
    test = _either(tokens)
    if tokens:
        raise ValueError(f"what is {tokens[0]}?")
    order = found[4].split(", ") if found[4] else []
    return Query([one for one in columns if one != "Histories"], found[2], test, order, int(found[5] or 2000), "Histories" in columns)


def _either(tokens: list[str]) -> Test:
    tests = [_both(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        tests.append(_both(tokens))
    return lambda row: any(test(row) for test in tests)


def _both(tokens: list[str]) -> Test:
    tests = [_one(tokens)]
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        tests.append(_one(tokens))
    return lambda row: all(test(row) for test in tests)


def _one(tokens: list[str]) -> Test:
    if tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens)
        tokens.pop(0)
        return inner
    name, how = tokens.pop(0), tokens.pop(0)
    if how == "IN":
        values = [_folded(one) for one in _values(tokens)]
        return lambda row: row.get(name) is not None and _folded(row[name]) in values
    value = _value(tokens.pop(0))
    tests: dict[str, Test] = {
        "=": lambda row: _comparable(row.get(name)) == value,
        "!=": lambda row: _comparable(row.get(name)) != value,
        ">": lambda row: _comparable(row.get(name)) > value,
        ">=": lambda row: _comparable(row.get(name)) >= value,
    }
    return tests[how]


def _values(tokens: list[str]) -> list[Any]:
    tokens.pop(0)
    found = []
    while (token := tokens.pop(0)) != ")":
        if token != ",":
            found.append(_value(token))
    return found


def _value(token: str) -> Any:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith("'") else datetime.fromisoformat(token)


def _comparable(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) else value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
