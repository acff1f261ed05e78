"""Every shipped flow survives being killed and switched off: the drill itself, as CI runs it."""

from __future__ import annotations

import pytest

from offswitch.drill.drill import Wish, drill
from offswitch.drill.show import as_text
from offswitch.project.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("flow", ["welcome", "donor_thanks", "diagnostic_triage"])
def test_the_drill_of_a_shipped_flow_passes(flow: str) -> None:
    """Real processes are killed for one of them: they take as long as all the rest, and the machine is the same."""
    found = drill(Settings(), flow, Wish(quick=True, population=30, processes=flow == "welcome"))
    assert found.passed, as_text(found)
