"""The engine with the real mail connector and a server that fails at the worst moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.model.effect import Stage
from offswitch.model.verdict import Work
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer
from tests.act.conftest import MakeRig
from tests.act.journeys import tour

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("end", ["cut", "reset", "hang"])
def test_a_letter_that_was_taken_without_an_answer_is_never_sent_again(rig_of: MakeRig, end: str) -> None:
    with ScriptedSmtpServer({0: Fault(At.DOT, end=end, kept=True)}) as server:
        mailer = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=2, data_timeout=0.3))
        rig = rig_of(tour, mailer=mailer)
        rig.submit("mona")
        for _ in range(3):
            rig.run(tour, HOUR)
        mailer.close()
        assert len(server.taken) == 1
    assert (rig.entry(tour).work, [one.state for one in rig.effects(tour)]) == (Work.UNKNOWN, [Stage.UNKNOWN])


def test_a_server_that_is_busy_gets_the_letter_later_once(rig_of: MakeRig) -> None:
    with ScriptedSmtpServer({0: Fault(At.RCPT, say="451 4.3.0 later")}) as server:
        mailer = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=2))
        rig = rig_of(tour, mailer=mailer)
        rig.submit("mona")
        for _ in range(3):
            rig.run(tour, HOUR)
        mailer.close()
        assert [taken.to for taken in server.taken] == ["mona@example.com"]
    assert rig.entry(tour).step == "more"


def test_an_address_that_does_not_exist_is_suppressed(rig_of: MakeRig) -> None:
    with ScriptedSmtpServer(always=Fault(At.RCPT, say="550 5.1.1 no such user")) as server:
        mailer = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=2))
        rig = rig_of(tour, mailer=mailer)
        rig.submit("mona")
        for _ in range(2):
            rig.run(tour, timedelta(days=2))
        mailer.close()
        assert server.taken == []
    assert (rig.entry(tour).rule, rig.entry(tour).state.value) == ("suppression", "exited")
