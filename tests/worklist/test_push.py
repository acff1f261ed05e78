from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from offswitch.errors import Refused
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import Answer, FakeCrm
from offswitch.worklist.push import push
from tests.act.conftest import MakeRig
from tests.act.journeys import echo
from tests.act.rig import Rig
from tests.worklist.people import items


def off_with(rig: Rig, *people: str) -> None:
    rig.switch(echo, "off")
    rig.submit_all(*people)
    rig.run(echo)


def pushed(rig: Rig) -> Counter[str]:
    with rig.desk(echo) as desk:
        return push(desk, rig.clock.now())


def test_each_item_becomes_one_task_under_its_own_name(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    off_with(rig, "mona", "omar")
    assert pushed(rig) == Counter({"new": 2, "there already": 0})
    assert set(rig.crm.tasks) == {item.id for item in items(rig, echo)}
    task = next(iter(rig.crm.tasks.values()))
    assert task["title"] == "send hello: Mona Haddad"
    assert "Subject: hello" in task["text"]
    assert f"offswitch worklist done {next(iter(rig.crm.tasks))} --by YOU" in task["text"]


def test_pushing_again_adds_only_what_is_new(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    off_with(rig, "mona")
    pushed(rig)
    off_with(rig, "omar")
    assert pushed(rig) == Counter({"new": 1, "there already": 1})
    assert len(rig.crm.journal) == 2


def stop(rig: Rig, scope: str, name: str) -> None:
    with rig.ledger.write() as book:
        book.stops.add(scope, name, reason="audit", by="omar", at=rig.clock.now())


def test_a_hard_stop_that_covers_the_register_refuses_it(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    off_with(rig, "mona")
    rig.settings.stop_file().touch()
    with pytest.raises(Refused, match="nothing was pushed"):
        pushed(rig)
    rig.settings.stop_file().unlink()
    for scope, name in (("company", ""), ("channel", "crm"), ("connector", "register")):
        stop(rig, scope, name)
        with pytest.raises(Refused, match="nothing was pushed"):
            pushed(rig)
        with rig.ledger.write() as book:
            book.stops.end(scope, name, by="omar", at=rig.clock.now())
    assert rig.crm.tasks == {}


def test_a_stop_of_the_flow_or_of_the_mail_channel_does_not(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    off_with(rig, "mona")
    stop(rig, "channel", "email")
    rig.settings.stop_file("echo").touch()
    assert pushed(rig)["new"] == 1


def test_a_stop_in_the_middle_lapses_the_permits(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(echo)
    off_with(rig, "mona", "omar")
    look_up: Any = rig.crm.look_up

    def stops_meanwhile(key: str) -> Any:
        stop(rig, "company", "")
        return look_up(key)

    monkeypatch.setattr(rig.crm, "look_up", stops_meanwhile)
    assert pushed(rig) == Counter({"not pushed: a stop in the ledger has changed": 2, "there already": 0})
    assert rig.crm.tasks == {}


def test_what_the_register_refuses_is_counted_with_its_reason(rig_of: MakeRig) -> None:
    rig = rig_of(echo, crm=FakeCrm({"mona@example.com": [Answer(Outcome.REJECTED, "no such person")]}, name="register"))
    off_with(rig, "mona")
    assert pushed(rig)["not pushed: no such person"] == 1
    assert pushed(rig)["new"] == 1
