"""How many stand where in a flow, as the ledger has it when a plan is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from offswitch.model.entry import State
from offswitch.review.inflight import Here

_GOING = (State.WAITING.value, State.HELD.value)


@dataclass(slots=True)
class Census:
    """Of those who are not over: `due` wait for a worker, `listed` are with people, `busy` are in a worker's hands."""

    rows: Iterable[Any]
    here: dict[str, Here] = field(default_factory=dict)
    states: dict[str, Counter[str]] = field(default_factory=dict)
    due: int = 0
    listed: int = 0
    busy: int = 0

    def __post_init__(self) -> None:
        for step, state, version, taken, held, due, count in self.rows:
            here = self.here.setdefault(step, Here())
            here.people += count
            here.versions[version] += count
            here.taken += count * bool(taken)
            self.states.setdefault(step, Counter())[state] += count
            self.due += count * bool(state in _GOING and due and not held and not taken)
            self.listed += count * bool(state == State.WORKLIST or taken)
            self.busy += count * bool(held)
