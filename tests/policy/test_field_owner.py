"""Who owns a field of the CRM: read strictly, one owner each."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import FieldOwner, canonical, effective, not_looser


def company(folder: Path, *lines: str) -> None:
    path = folder / "company.yaml"
    path.write_text(path.read_text("utf-8") + "\n".join(lines) + "\n", "utf-8")


def test_each_field_has_one_owner(folder: Path) -> None:
    company(folder, "field_owner: {stage: people, Lead_Score__c: CRM, city: machine}")
    found = load_company(folder)
    owners = {"stage": FieldOwner.PEOPLE, "Lead_Score__c": FieldOwner.CRM, "city": FieldOwner.MACHINE}
    assert effective(load_flow(folder, "welcome", found), found).field_owner == owners


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("field_owner: {stage: sales}", r"company.yaml:15:22: field_owner.stage is 'sales' \(allowed: crm, machine, people\)"),
        ("field_owner: {email: people}", "which no flow writes"),
        ("field_owner: {the stage: people}", "write the field as update"),
        ("field_owner: {stage: people, stage: machine}", "stage"),
        ("field_owner: people", "must be a section"),
    ],
)
def test_anything_else_is_refused_with_its_place(folder: Path, line: str, words: str) -> None:
    company(folder, line)
    with pytest.raises(ConfigError, match=words):
        load_company(folder)


def test_a_new_owner_needs_an_approval_and_no_owner_changes_nothing_that_was_approved(folder: Path) -> None:
    def said() -> dict[str, object]:
        found = load_company(folder)
        return canonical(load_flow(folder, "welcome", found), found)

    before = said()
    company(folder, "field_owner: {stage: people}")
    assert "field_owner" not in before
    assert not_looser(before, said()) == ["field_owner"]
