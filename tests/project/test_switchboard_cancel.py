"""A request to stop may come at any instant, also while the switchboard is looking at something else."""

from __future__ import annotations

from offswitch.project.switchboard import FlowSwitchboard
from tests.act.conftest import MakeRig
from tests.act.journeys import echo


def test_a_request_that_comes_while_the_clock_is_looked_at_is_not_forgotten(rig_of: MakeRig) -> None:
    with rig_of(echo).desk(echo) as desk:
        board = desk.switchboard
        assert isinstance(board, FlowSwitchboard)

        def looks_while_a_signal_comes() -> str:
            board.cancel("asked to stop")
            return ""

        board._clock_jump = looks_while_a_signal_comes
        assert board.objection()
        assert board.cancelled
