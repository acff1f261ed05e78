"""Pairs of projects that are closed when a test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offswitch.journey.journey import Journey
from tests.act.conftest import rig_of
from tests.shadow.pair import Twins

__all__ = ["rig_of"]

MakeTwins = Callable[..., Twins]


@pytest.fixture
def twins_of(tmp_path: Path) -> Iterator[MakeTwins]:
    made: list[Twins] = []

    def make(*journeys: Journey) -> Twins:
        made.append(Twins(tmp_path, *journeys))
        return made[-1]

    yield make
    for one in made:
        one.close()
