"""What a condition's parts are, found without running it: a typo or a text beside a number is a mistake, never "false"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from offswitch.policy.expression import Call, Fact, Tree, Value, Values, Wrong, facts_in
from offswitch.policy.plain import short
from offswitch.policy.values import likely
from offswitch.policy.vocabulary import NUMBERS, Kind, Vocabulary

LONGEST_SPAN = 36_600  # days, a century
_FUNCTIONS = ("contains", "startsWith", "endsWith", "size", "has", "days", "hours", "date")
_BEHIND_A_DOT = (".contains", ".startsWith", ".endsWith")


def check_condition(tree: Tree, words: Vocabulary) -> None:
    """Raise Wrong unless it is true or false for everybody of whom its facts are known, and names a fact at all."""
    found = _kind(tree, words)
    if found is not Kind.YES_NO:
        raise Wrong(0, f"gives a {found}, not yes or no", "compare it with something, such as score.points >= 70")
    if not facts_in(tree):
        raise Wrong(0, "names no fact, so it would always say the same", "name one, such as contact.country")


def _kind(tree: Tree, words: Vocabulary) -> Kind:
    match tree:
        case Fact(at, name):
            return words.type_of(name, at).kind
        case Value(value=bool()):
            return Kind.YES_NO
        case Value(value=str()):
            return Kind.TEXT
        case Value(value=float()):
            return Kind.NUMBER
        case Value():
            return Kind.WHOLE
        case Values(at):
            raise Wrong(at, "has a list where one value is needed", "write in before a list")
        case Call(name=name):
            return _OPERATORS.get(name, _function)(tree, words)


def _joined(tree: Call, words: Vocabulary) -> Kind:
    for part in tree.parts:
        found = _kind(part, words)
        if found is not Kind.YES_NO:
            raise Wrong(part.at, f"joins a {found} with {tree.name}", "each side is a condition of its own: compare it with something")
    return Kind.YES_NO


def _equal(tree: Call, words: Vocabulary) -> Kind:
    one, other = tree.parts
    _alike(tree, _kind(one, words), _kind(other, words))
    _possible(one, other, words)
    _possible(other, one, words)
    return Kind.YES_NO


def _ordered(tree: Call, words: Vocabulary) -> Kind:
    one, other = (_kind(part, words) for part in tree.parts)
    _alike(tree, one, other)
    if one not in (*NUMBERS, Kind.DATE, Kind.SPAN):
        raise Wrong(tree.at, f"asks whether a {one} is more or less", "numbers, dates and lengths of time have an order: use == or in")
    return Kind.YES_NO


def _member(tree: Call, words: Vocabulary) -> Kind:
    one, many = tree.parts
    kind = _kind(one, words)
    if isinstance(many, Values):
        if not many.items:
            raise Wrong(many.at, "has an empty list, in which nothing is", "write what may be in it")
        for item in many.items:
            _alike(Call(item.at, "in", ()), kind, _kind(item, words))
            _possible(one, item, words)
        return Kind.YES_NO
    found = _kind(many, words)
    if found is not Kind.TEXTS:
        raise Wrong(many.at, f"has a {found} behind in", 'write a list, such as ["SA", "AE"], or a fact that is one, such as score.tags')
    _alike(tree, kind, Kind.TEXT)
    _possible(many, one, words)
    return Kind.YES_NO


def _sum(tree: Call, words: Vocabulary) -> Kind:
    one, other = (_kind(part, words) for part in tree.parts)
    if tree.name == "-" and one is other is Kind.DATE:
        return Kind.SPAN
    if tree.name in "+-" and (one, other) == (Kind.DATE, Kind.SPAN):
        return Kind.DATE
    if tree.name in "+-" and one is other is Kind.SPAN:
        return Kind.SPAN
    if one in NUMBERS and other in NUMBERS:
        if one is not other:
            raise Wrong(tree.at, "mixes a whole number with a number that may have decimals", "write 2.0 where you wrote 2")
        return one
    raise Wrong(
        tree.at, f"has a {one} {tree.name} a {other}", "numbers are added to numbers, lengths of time to dates: now - contact.since"
    )


def _sign(tree: Call, words: Vocabulary) -> Kind:
    found = _kind(tree.parts[0], words)
    if tree.name == "not" and found is not Kind.YES_NO:
        raise Wrong(tree.at, f"has ! before a {found}", "put the whole comparison in brackets: !(a == b)")
    if tree.name == "minus" and found not in NUMBERS:
        raise Wrong(tree.at, f"has a minus before a {found}", "a minus stands before a number")
    return found


def _function(tree: Call, words: Vocabulary) -> Kind:
    name, parts = tree.name, tree.parts
    if name.lstrip(".") not in _FUNCTIONS:
        raise Wrong(tree.at, f"uses {short(name.lstrip('.'))}, which is no function here", likely(name.lstrip("."), _FUNCTIONS))
    if name in _BEHIND_A_DOT:
        if len(parts) == 2 and all(_kind(part, words) is Kind.TEXT for part in parts):
            return Kind.YES_NO
        raise Wrong(tree.at, f"uses {name[1:]} without a text before the dot and one in brackets", f'write contact.name{name}("…")')
    if name == "size" and len(parts) == 1 and _kind(parts[0], words) in (Kind.TEXT, Kind.TEXTS):
        return Kind.WHOLE
    if name == "has" and len(parts) == 1 and isinstance(parts[0], Fact) and "." in parts[0].name:
        _kind(parts[0], words)
        return Kind.YES_NO
    if name in ("days", "hours") and len(parts) == 1 and isinstance(parts[0], Value) and _is_span(parts[0].value):
        return Kind.SPAN
    if name == "date" and len(parts) == 1 and isinstance(parts[0], Value) and _is_date(parts[0].value):
        return Kind.DATE
    raise Wrong(tree.at, f"uses {name.lstrip('.')} in another way than it can be", f"write {_USES[name.lstrip('.')]}")


_USES = {
    "size": "size(score.tags) for how many, size(contact.name) for how long",
    "has": "has(contact.industry), with one fact that has a dot",
    "days": f"days(3), with a whole number up to {LONGEST_SPAN}",
    "hours": f"hours(12), with a whole number up to {LONGEST_SPAN}",
    "date": 'date("2026-12-31"), with a day that there is',
    "contains": 'contact.name.contains("…")',
    "startsWith": 'contact.name.startsWith("…")',
    "endsWith": 'contact.name.endsWith("…")',
}


def _is_span(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value <= LONGEST_SPAN


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _alike(tree: Call, one: Kind, other: Kind) -> None:
    if one is other is not Kind.TEXTS or (one in NUMBERS and other in NUMBERS):
        return
    fix = 'ask "x" in the list' if Kind.TEXTS in (one, other) else "a text stands in quotes, a number doesn't; yes is true, no is false"
    raise Wrong(tree.at, f"compares a {one} with a {other}", fix)


def _possible(fact: Tree, value: Tree, words: Vocabulary) -> None:
    """A text that the fact never is would make the condition silently false."""
    if isinstance(fact, Fact) and isinstance(value, Value) and isinstance(value.value, str):
        words.type_of(fact.name).refuse(fact.name, value.value, value.at)


_OPERATORS: Mapping[str, Callable[[Call, Vocabulary], Kind]] = {
    **dict.fromkeys(("&&", "||"), _joined),
    **dict.fromkeys(("==", "!="), _equal),
    **dict.fromkeys(("<", "<=", ">", ">="), _ordered),
    **dict.fromkeys(("+", "-", "*"), _sum),
    **dict.fromkeys(("not", "minus"), _sign),
    "in": _member,
}
