"""docs/conditions.md: its files are valid together, its conditions are right, and it names the facts that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offswitch.policy.conditions import check, condition
from offswitch.policy.load import check_all, load_company, load_sorting

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "conditions.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n# policies/(\w+)\.yaml\n(.*?)```", PAGE, re.DOTALL))
TABLES = [line.split(" | ")[-1].rstrip(" |") for line in PAGE.partition("## What may be written")[2].splitlines() if line.startswith("| ")]
EXAMPLES = [text for cell in TABLES for text in re.findall("`([^`]+)`", cell) if re.search(r"[=<>(]| in ", text)]
SCORING = """\
questions:
  budget: {required: yes, answers: {yes: {points: 20, tags: [budget]}, no: {points: 0}}}
bands: [{at_least: 0, segment: all, stage: awareness}]
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    for path in (ROOT / "policies").glob("*.yaml"):
        text = path.read_text("utf-8") + FILES.get(path.stem, "")
        (tmp_path / path.name).write_text(SCORING if path.stem == "scoring" else text, encoding="utf-8")
    for name in ("segments", "funnel"):
        (tmp_path / f"{name}.yaml").write_text(FILES[name], encoding="utf-8")
    return tmp_path


def test_the_files_of_the_page_are_valid_together(policies: Path) -> None:
    assert set(FILES) == {"welcome", "company", "segments", "funnel"}
    assert check_all(policies, ["welcome"]) == []


def test_every_example_is_a_condition(policies: Path) -> None:
    words = load_sorting(policies, load_company(policies)).words
    assert len(EXAMPLES) >= 9
    for text in EXAMPLES:
        check(condition(text), words)


def test_every_fact_is_on_the_page(policies: Path) -> None:
    own = {"contact.industry", "contact.employees", "contact.vip", "contact.since"}
    names = {name for name in load_sorting(policies, load_company(policies)).words.types if not name.startswith("count.")} - own
    assert not [name for name in names if f"`{name}`" not in PAGE]
