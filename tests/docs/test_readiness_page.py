"""docs/readiness.md shows sections that load, and commands that there are."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from click.testing import CliRunner

from offswitch.cli import verbs
from offswitch.policy.load import flow_in, load_company
from offswitch.policy.readiness import Thresholds
from offswitch.testing.unasked import ask_nothing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "readiness.md").read_text("utf-8")
COMPANY, FLOW = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_sections_that_the_page_shows_are_read(tmp_path: Path) -> None:
    for name in ("company.yaml", "welcome.yaml"):
        shutil.copy(ROOT / "policies" / name, tmp_path)
    ask_nothing(tmp_path)
    without = (tmp_path / "company.yaml").read_text("utf-8")
    assert load_company(tmp_path).readiness is None
    (tmp_path / "company.yaml").write_text(without + COMPANY, "utf-8")
    company = load_company(tmp_path)
    assert company.readiness == load_company(ROOT / "policies").readiness == Thresholds()
    flow = flow_in((tmp_path / "welcome.yaml").read_text("utf-8") + FLOW, tmp_path, "welcome", company)
    assert flow.readiness is not None
    assert flow.readiness.worry is not None


def test_every_option_that_the_page_names_is_one() -> None:
    named = {word for line in re.findall(r"^offswitch readiness (.*)$", PAGE, re.MULTILINE) for word in re.findall(r"--[a-z-]+", line)}
    help_ = CliRunner().invoke(verbs, ["readiness", "--help"]).output
    assert named == {"--lang", "--ask", "--by", "--ack", "--waive-runs", "--why"}
    assert all(word in help_ for word in named)
