"""Every command that the README shows is run, in order, in a fresh project; its output must be what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def commands(block: str) -> list[tuple[str, str]]:
    """Each command with the output that stands below it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def pattern(expected: str) -> str:
    """`…` stands for anything in its line; alone in a line, for any lines."""
    return "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"[^\S\n]*\n"
        for line in expected.rstrip("\n").split("\n")
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("policies", "messages", "flows", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "approvals"))
    return tmp_path


def clean() -> dict[str, str]:
    """This environment without anybody's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OFFSWITCH_", "PREFECT_"))}
    return {**environment, "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"}


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.xdist_group("prefect")
def test_the_demo_tells_the_story_that_the_readme_shows(project: Path) -> None:
    done = subprocess.run(["offswitch", "demo"], cwd=project, env=clean(), capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(pattern(commands(BLOCKS[0])[0][1]), done.stdout), done.stdout
    assert not [line for line in done.stdout.replace(str(project), "").splitlines() if len(line) > 80]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_readme_shows_what_its_commands_print(project: Path) -> None:
    shell = "; ".join(
        f"echo '@@{number}'; {command}" for number, (command, _) in enumerate(each for block in BLOCKS[1:] for each in commands(block))
    )
    done = subprocess.run(["bash", "-c", shell], cwd=project, env=clean(), capture_output=True, text=True, timeout=240, check=False)
    printed = re.split(r"^@@\d+\n", done.stdout, flags=re.MULTILINE)[1:]
    shown = [each for block in BLOCKS[1:] for each in commands(block)]
    wrong = [
        f"$ {command}\n{output}\n--- README says:\n{expected}"
        for (command, expected), output in zip(shown, printed, strict=True)
        if not re.fullmatch(pattern(expected) if expected.strip() else ".*", output, re.DOTALL if not expected.strip() else re.NOFLAG)
    ]
    assert not wrong, "\n\n".join(wrong) + done.stderr


def test_the_first_result_stands_before_line_30() -> None:
    first = README.split("\n").index("sent 281, by hand 3, held 0, duplicates 0, lost 0")
    assert first < 30


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert not [target for target in targets if "://" not in target and not (ROOT / target).exists()]
