"""Loading a folder of policies: the shipped files, files that disagree, and files that were cut off."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import check_all, load_company, load_flow, load_scoring
from offswitch.policy.schema import Switch, canonical, effective, not_looser

SHIPPED = Path(__file__).parents[2] / "policies"
FLOWS = ["welcome", "diagnostic_triage", "donor_thanks"]
STRICT_FLOW = """\
switch: off
owner: mariam@bayan.example
team: support
runbook: Open the item, send the draft, mark it done.
minutes_per_item: 3
rollout:
  steps: [{contacts: 50}, 5%, 100%]
limits:
  per_contact:
    - 1 per 2d
    - 2 per week
quiet_hours: "20:00-10:00"
late: {after: 24h, then: review}
max_defer: 3d
held_max: 12h
inflow: {admit_if_fresh: 24h}
on_resume: {without_asking: 10}
steps:
  greet:
    switch: off
  value:
    switch: off
"""


def _saved_long_ago(path: Path, text: str) -> None:
    """So that the reader needn't wait for the writer to be done."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1, 1))


def test_the_shipped_policies_are_valid_and_every_flow_starts_off() -> None:
    company = load_company(SHIPPED)
    assert check_all(SHIPPED, FLOWS) == []
    assert load_scoring(SHIPPED) is not None
    for name in FLOWS:
        flow = load_flow(SHIPPED, name, company)
        assert (flow.switch, flow.rollout.salt) == (Switch.OFF, name)
        assert len(flow.runbook.splitlines()) <= 60
        assert not re.search("offswitch|workflow|automation", flow.runbook, re.IGNORECASE)


@pytest.mark.parametrize("name", ["company", *FLOWS])
def test_a_shipped_file_that_was_cut_off_at_any_line_never_loads(tmp_path: Path, name: str) -> None:
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    lines = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    for count in range(len(lines)):
        _saved_long_ago(tmp_path / f"{name}.yaml", "".join(lines[:count]))
        assert check_all(tmp_path, FLOWS), f"the first {count} lines of {name} are a policy"


def test_a_cut_off_file_that_loads_is_not_what_was_approved_or_means_the_same(folder: Path) -> None:
    company, path = load_company(folder), folder / "welcome.yaml"
    path.write_text(STRICT_FLOW)
    whole = load_flow(folder, "welcome", company)
    loaded = 0
    for size in range(len(STRICT_FLOW)):
        _saved_long_ago(path, STRICT_FLOW[:size])
        try:
            cut = load_flow(folder, "welcome", company)
        except ConfigError:
            continue
        loaded += 1
        same = effective(cut, company) == effective(whole, company)
        assert same or not_looser(canonical(whole, company), canonical(cut, company)), STRICT_FLOW[:size][-40:]
    assert loaded > 10


def test_three_broken_files_tell_their_problems_in_one_go(folder: Path) -> None:
    for name in ("company", "welcome", "scoring"):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "extra: 1\n", encoding="utf-8")
    problems = check_all(folder, ["welcome"])
    assert [(Path(problem.path).name, problem.what) for problem in problems] == [
        (f"{name}.yaml", "unknown key 'extra'") for name in ("company", "welcome", "scoring")
    ]


def test_one_file_tells_all_its_problems_in_one_go(folder: Path) -> None:
    (folder / "welcome.yaml").write_text("switch: onn\nowner: x\nteam: support\nextra: 1\n")
    with pytest.raises(ConfigError) as caught:
        load_flow(folder, "welcome", load_company(folder))
    whats = [problem.what.split()[0] for problem in caught.value.problems]
    assert sorted(whats) == ["minutes_per_item", "owner", "rollout", "runbook", "switch", "unknown"]


def test_a_broken_company_file_does_not_hide_what_is_wrong_with_a_flow(folder: Path) -> None:
    (folder / "company.yaml").write_text("switch: on\n")
    (folder / "welcome.yaml").unlink()
    said = "\n".join(map(str, check_all(folder, ["welcome"])))
    assert "sender is missing (add the line `sender: ...`)" in said
    assert "welcome.yaml: there is no such file" in said


@pytest.mark.parametrize("name", ["Welcome.yaml", "welcome.yml", "WELCOME.YAML", "Company.yaml", "wel-come.yaml"])
def test_a_file_whose_name_is_nearly_right_is_told(folder: Path, name: str) -> None:
    (folder / name).write_text("switch: off\n")
    found = [problem for problem in check_all(folder, ["welcome", "wel_come"]) if problem.path.endswith(name)]
    assert [problem.what for problem in found] == ["is not read, because of its name"]


@pytest.mark.parametrize("name", ["../welcome", "Welcome", "company", "scoring", "", "a b"])
def test_what_cannot_be_the_name_of_a_flow_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="can't be the name of a flow"):
        load_flow(folder, name, load_company(folder))


def test_a_folder_without_a_scoring_table_has_none(folder: Path) -> None:
    (folder / "scoring.yaml").unlink()
    assert load_scoring(folder) is None


def test_a_list_is_no_policy(folder: Path) -> None:
    (folder / "welcome.yaml").write_text("- switch: on\n")
    with pytest.raises(ConfigError, match="has no keys"):
        load_flow(folder, "welcome", load_company(folder))


def test_colleagues_are_the_same_person_however_their_address_is_written(folder: Path) -> None:
    path = folder / "welcome.yaml"
    path.write_text(path.read_text().replace("owner: mariam@bayan.example", "owner: Mariam@Bayan.Example"))
    assert load_flow(folder, "welcome", load_company(folder)).owner == "mariam@bayan.example"


def test_a_salt_that_is_written_is_kept(folder: Path) -> None:
    path = folder / "welcome.yaml"
    path.write_text(path.read_text().replace("100%]}", "100%], salt: autumn}"))
    assert load_flow(folder, "welcome", load_company(folder)).rollout.salt == "autumn"
