"""Few combinations of many factors, such that every two values of two factors meet in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random

Row = dict[str, str]
_TRIES = 24


def all_pairs(factors: Mapping[str, Sequence[str]], dice: Random) -> list[Row]:
    """Rows that cover every pair, found greedily. The same dice give the same rows."""
    open_pairs = {((first, a), (second, b)) for first, second in combinations(factors, 2) for a in factors[first] for b in factors[second]}
    order = {name: place for place, name in enumerate(factors)}
    rows: list[Row] = []
    while open_pairs:
        seed = min(open_pairs, key=lambda pair: (order[pair[0][0]], order[pair[1][0]], pair))
        tries = [_row_with(factors, seed, dice) for _ in range(_TRIES)]
        best = max(tries, key=lambda row: len(pairs_of(row) & open_pairs))
        open_pairs -= pairs_of(best)
        rows.append(best)
    return rows


def pairs_of(row: Row) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """Every pair of values in a row, in the order of its factors."""
    return set(combinations(row.items(), 2))


def _row_with(factors: Mapping[str, Sequence[str]], pair: tuple[tuple[str, str], tuple[str, str]], dice: Random) -> Row:
    return {name: dice.choice(values) for name, values in factors.items()} | dict(pair)
