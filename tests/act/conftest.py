"""The rig as a fixture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from offswitch.journey.journey import Journey
from offswitch.ledger.verify import verify
from tests.act.rig import Rig

MakeRig = Callable[..., Rig]


@pytest.fixture
def rig_of(tmp_path: Path) -> Iterator[MakeRig]:
    """A project with these journeys, on and approved. In the end its ledger is as the audit log says, whatever the test did."""
    made: list[Rig] = []

    def make(*journeys: Journey, **options: Any) -> Rig:
        made.append(Rig(tmp_path / f"project{len(made)}", *journeys, **options))
        return made[-1]

    yield make
    for rig in made:
        with rig.ledger.read() as book:
            troubles = verify(book).troubles
        rig.close()
        assert troubles == []
