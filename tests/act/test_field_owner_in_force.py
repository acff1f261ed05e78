"""Fields of the CRM that people own or have edited since keep what people wrote, however long a write has waited."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from offswitch.act.reserve import change_of
from offswitch.model.action import note
from offswitch.model.receipt import Outcome
from offswitch.policy.schema import FieldOwner
from offswitch.testing.fakes import NOON, FakeCrm, make_contact
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig

MONA = "mona@example.com"


@pytest.fixture
def rig(rig_of: MakeRig) -> Rig:
    return rig_of(tour, crm=FakeCrm(name="register"))


def owns(rig: Rig, owner: str) -> None:
    path = rig.settings.policies / "company.yaml"
    rig.save(path, path.read_text("utf-8") + f"field_owner: {{stage: {owner}}}\n")
    rig.approve(tour)


def stage(rig: Rig) -> str:
    return str(rig.crm.people.get(MONA, {}).get("stage", ""))


@pytest.mark.parametrize(
    ("owner", "held", "after"), [("people", "hers", "hers"), ("people", "", "new"), ("crm", "", ""), ("machine", "hers", "new")]
)
def test_a_field_is_written_as_its_owner_allows(rig: Rig, owner: str, held: str, after: str) -> None:
    owns(rig, owner)
    rig.crm.people[MONA] = {"stage": held, "tags": []}
    rig.submit("mona")
    rig.run(tour)
    assert stage(rig) == after


def test_a_write_that_waited_leaves_what_somebody_set_meanwhile(rig_of: MakeRig) -> None:
    rig = rig_of(tour, crm=FakeCrm({MONA: [Outcome.RETRY]}, name="register"))
    rig.submit("mona")
    rig.run(tour)
    rig.crm.edit(MONA, rig.clock.now() + timedelta(minutes=1), stage="hers")
    rig.run(tour, timedelta(hours=1))
    assert [change.decided for _, change in rig.crm.journal] == [rig.clock.now() - timedelta(hours=1)]
    assert stage(rig) == "hers"


def test_a_note_says_all_that_it_says_whoever_owns_a_field_of_that_name() -> None:
    standing = SimpleNamespace(policy=SimpleNamespace(field_owner={"text": FieldOwner.CRM}))
    change = change_of("key", make_contact(), note("called"), NOON, standing)  # type: ignore[arg-type]
    assert change.values == {"text": "called"}
