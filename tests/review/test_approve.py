from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.model.entry import Entry
from offswitch.policy.approvals import Subject, load_approval
from offswitch.project.project import Project
from offswitch.review.changes import changes
from offswitch.review.record import keep_record, load_records, path_of
from offswitch.testing.fakes import NOON
from tests.review.conftest import Site

LINA, OMAR, MARIAM = "lina@bayan.example", "omar@bayan.example", "mariam@bayan.example"


def approve(site: Site, digest: str, by: str = OMAR) -> str:
    return site.refused("approve", "welcome", "--plan", digest, "--by", by)


def test_a_plan_that_somebody_asked_for_is_approved_by_another(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    answer = site.json("approve", "welcome", "--plan", digest, "--by", OMAR)
    approval = load_approval(site.policies, "welcome")
    assert approval is not None
    assert (approval.subject.digest, approval.by, approval.requested_by) == (digest, OMAR, LINA)
    assert approval.samples == len(answer["samples"]) >= 5
    assert answer["path"] == str(site.policies / "approvals/welcome.yaml")


def test_after_the_approval_the_plan_says_that_it_is_valid(site: Site, planned: Callable[..., str]) -> None:
    site.run("approve", "welcome", "--plan", planned("--by", LINA), "--by", OMAR)
    plan = site.json("plan", "welcome")
    assert plan["approval"]["valid"]
    assert [one["what"] for one in plan["in_the_way"]] == ["flow welcome is off (welcome.yaml)"]


def test_nobody_approves_what_they_asked_for(site: Site, planned: Callable[..., str]) -> None:
    words = approve(site, planned("--by", OMAR))
    assert "omar@bayan.example asked for this plan" in words
    assert words.endswith(MARIAM)
    assert load_approval(site.policies, "welcome") is None


def test_whoever_asked_once_for_the_same_may_not_approve_it_later(site: Site, planned: Callable[..., str]) -> None:
    planned("--by", OMAR)
    digest = planned("--by", LINA)
    assert "asked for this plan" in approve(site, digest, OMAR)
    site.run("approve", "welcome", "--plan", digest, "--by", MARIAM)


def test_looking_at_a_plan_asks_for_nothing(site: Site, planned: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    planned("--by", LINA)
    monkeypatch.setenv("OFFSWITCH_USER", OMAR)
    digest = planned()
    site.run("approve", "welcome", "--plan", digest)
    assert load_approval(site.policies, "welcome") is not None


def test_a_plan_that_nobody_asked_for_is_refused(site: Site, planned: Callable[..., str]) -> None:
    assert "nobody has asked for this approval" in approve(site, planned())


def test_only_an_approver_approves(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", MARIAM)
    assert f"{LINA} has not the role approver" in approve(site, digest, LINA)
    assert "eve@example.org is not among the people" in approve(site, digest, "eve@example.org")


def test_somebody_unknown_can_ask_for_nothing(site: Site) -> None:
    assert "did you mean lina@bayan.example?" in site.refused("plan", "welcome", "--by", "lina@bayan.exmple")


def test_a_change_since_the_plan_is_named(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.change(site.policies / "welcome.yaml", "after: 48h", "after: 96h")
    site.change(site.messages / "welcome/confirm.en.md", "Hello", "Hi")
    words = approve(site, digest)
    assert "the texts of the mails" in words
    assert "from when on a mail is late (48h -> 4d)" in words


def test_one_changed_letter_in_a_text_needs_a_new_plan(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.change(site.messages / "welcome/greet.ar.md", "subject: ", "subject: ا")
    assert "is not what plan" in approve(site, digest)


def test_switching_changes_no_digest(site: Site, planned: Callable[..., str]) -> None:
    digest = planned()
    site.change(site.policies / "welcome.yaml", "switch: off", "switch: on ")
    assert planned() == digest


def test_a_digest_that_was_never_planned_is_refused(site: Site, planned: Callable[..., str]) -> None:
    assert "no plan 123456789abc of welcome was made here" in approve(site, "123456789abc")
    digest = planned("--by", LINA)
    path_of(site.home, "welcome").unlink()
    assert "nobody has made a plan" in approve(site, digest)


def test_a_broken_policy_can_neither_be_planned_nor_approved(site: Site, planned: Callable[..., str]) -> None:
    digest = planned("--by", LINA)
    site.change(site.policies / "welcome.yaml", "minutes_per_item: 3", "minutes_per_item: three")
    for words in (("plan", "welcome"), ("approve", "welcome", "--plan", digest, "--by", OMAR)):
        with pytest.raises(ConfigError, match="minutes_per_item"):
            site.run(*words)


def test_a_torn_record_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    subject = Subject("code", "texts", {"when_off": "hold"})
    keep_record(tmp_path, "welcome", subject, at=NOON, by=LINA, samples=["a", "b"])
    assert [one.subject for one in load_records(tmp_path, "welcome")] == [subject]
    path_of(tmp_path, "welcome").write_text('{"plans": [', encoding="utf-8")
    with pytest.raises(ConfigError, match="plan again"):
        load_records(tmp_path, "welcome")


def test_a_stricter_change_stays_approved_and_any_other_does_not() -> None:
    before = Subject("c1", "t1", {"max_defer": "7d", "when_off": "hold", "steps": []})
    now = Subject("c2", "t1", {"max_defer": "3d", "when_off": "hand_over", "steps": []})
    assert {one.key: one.voids for one in changes(before, now)} == {"code": True, "max_defer": False, "when_off": True}


def test_nothing_is_approved_while_people_stand_on_a_removed_step_that_the_policy_does_not_map(
    site: Site, planned: Callable[..., str]
) -> None:
    project = Project()
    with project.ledger.write() as book:
        for n in range(3):
            book.entries.add(Entry(f"e{n}", "welcome", f"c{n}", "introduce", NOON, NOON))
    words = approve(site, planned("--by", LINA))
    assert words.startswith("3 people stand on `introduce`, which is gone: say where they go, in policies/welcome.yaml:\n\nremoved_steps:")
    assert load_approval(site.policies, "welcome") is None
    site.change(site.policies / "welcome.yaml", "rollout:\n", "removed_steps:\n  introduce: {move_to: greet}\nrollout:\n")
    site.run("approve", "welcome", "--plan", planned("--by", LINA), "--by", OMAR)
    assert load_approval(site.policies, "welcome") is not None
