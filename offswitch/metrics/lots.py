"""Are the texts given out evenly, and what share of people did it? Both may be looked at after every person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log, log1p

from offswitch.metrics.beta import log_beta

UNEVEN = 0.01  # false alarms, over the whole life of an experiment
DOUBT = 0.05  # how often an interval ever misses the truth
_CLOSE = 1e-7


def uneven(lots: Iterable[int], texts: int) -> int | None:
    """After how many people it is clear that the texts don't get equal shares; None while it isn't.

    The sequential multinomial test of Lindon and Malek (NeurIPS 2022, arXiv:2011.03567) with a flat prior: the chance of what came,
    averaged over all shares there could be, against equal shares.
    """
    seen, ratio = [0] * texts, 1.0
    for people, lot in enumerate(lots):
        ratio *= (seen[lot] + 1) / (people + texts) * texts
        seen[lot] += 1
        if ratio >= 1 / UNEVEN:
            return people + 1
    return None


def interval(hits: int, people: int) -> tuple[float, float]:
    """Between which shares the true one lies, at every look at once: Robbins' beta-binomial confidence sequence (1970), flat prior."""
    if not people:
        return 0.0, 1.0
    bound = log_beta(1 + hits, 1 + people - hits) + log(DOUBT)  # of the likelihood, below which a share is left out
    share = hits / people

    def inside(rate: float) -> bool:
        return (hits * log(rate) if hits else 0.0) + ((people - hits) * log1p(-rate) if people > hits else 0.0) > bound

    return (0.0 if not hits else _edge(inside, share, 0.0)), (1.0 if hits == people else _edge(inside, share, 1.0))


def _edge(inside: Callable[[float], bool], within: float, without: float) -> float:
    while abs(within - without) > _CLOSE:
        middle = (within + without) / 2
        within, without = (middle, without) if inside(middle) else (within, middle)
    return without
