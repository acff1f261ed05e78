"""docs/experiments.md: its example is a valid policy, its figures are right, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

from offswitch.metrics.lots import interval
from offswitch.metrics.size import size_of
from offswitch.policy.experiments import Experiment
from offswitch.policy.load import load_company, load_flow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
EXAMPLE, ANSWER = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_is_a_valid_policy_and_so_is_its_end(tmp_path: Path) -> None:
    for name in ("company", "welcome"):
        text = (ROOT / "policies" / f"{name}.yaml").read_text("utf-8")
        (tmp_path / f"{name}.yaml").write_text(text + ("\n" + EXAMPLE if name == "welcome" else ""), "utf-8")
    one = load_flow(tmp_path, "welcome", load_company(tmp_path)).experiments["greet"]
    assert f"It takes {size_of(one, 0.1, stated=True, per_day=96).people:,} people" in PAGE
    assert f"that is {size_of(one, 0.1, stated=True, per_day=96).days} days" in PAGE
    path = tmp_path / "welcome.yaml"
    path.write_text(path.read_text("utf-8") + ANSWER, "utf-8")
    assert load_flow(tmp_path, "welcome", load_company(tmp_path)).experiments["greet"].winner == "short"


def test_every_key_is_on_the_page() -> None:
    assert not [key for key in Experiment.model_fields if f"{key}:" not in PAGE and f"`{key}`" not in PAGE]


def test_the_shares_and_intervals_of_the_example_are_those_that_the_command_would_show() -> None:
    rows = re.findall(r"^(?:own|short) +[\d,]+ +([\d,]+) +(\d+) +(\S+)%  (\S+)% - (\S+)%", PAGE, re.MULTILINE)
    assert len(rows) == 2
    for counted, did, *shown in rows:
        people = int(counted.replace(",", ""))
        assert [f"{100 * share:.1f}" for share in (int(did) / people, *interval(int(did), people))] == shown
