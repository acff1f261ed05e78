from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.welcome import welcome
from offswitch.project.plan import make_plan
from offswitch.review.page import as_html
from offswitch.review.plan import PlanOfWork
from offswitch.review.words import Language
from tests.act.rig import Rig
from tests.review.law import with_real_texts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS: tuple[str, ...] = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking",)
FLAGS += ("--disable-component-update", "--disable-sync", "--virtual-time-budget=2000")
MEASURE = """<script>addEventListener("load", () => { document.title = [
  document.documentElement.scrollWidth, innerWidth, document.querySelectorAll("iframe").length, getComputedStyle(document.body).direction,
].join(" ") })</script>"""
NOBODY_LOOKS = CHROMIUM is None and not os.environ.get("CI")  # in CI a missing browser is a failure, not a skip
pytestmark = [pytest.mark.slow, pytest.mark.skipif(NOBODY_LOOKS, reason="chromium is not installed: nobody has looked at the page")]


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[PlanOfWork]:
    rig = Rig(tmp_path / "project", welcome)
    with_real_texts(rig, welcome)
    rig.submit("long", name="W" * 55)
    rig.submit("arab", name="عبد الرحمن السديري", contact={"language": "ar"})
    yield make_plan(rig.project, welcome)
    rig.close()


@pytest.fixture
def browser(tmp_path: Path) -> Callable[[str, int], str]:
    """Shows a page at a width; gives back its title."""

    def show(page: str, width: int) -> str:
        path = tmp_path / f"{width}.html"
        # The page itself forbids scripts; the measuring one stands in for a person's eyes, in a frame of that width.
        path.write_text(re.sub(r"<meta http-equiv.*?>", "", page).replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
        outer = tmp_path / f"outer {width}.html"
        outer.write_text(
            f'<iframe src="{path.name}" style="width:{width}px;height:900px;border:0"></iframe>'
            "<script>addEventListener('load', () => { document.title = frames[0].document.title })</script>",
            encoding="utf-8",
        )
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        command = [str(CHROMIUM), *FLAGS, profile, "--allow-file-access-from-files", "--dump-dom", outer.as_uri()]
        dom = subprocess.run(command, capture_output=True, check=True, text=True, timeout=90).stdout
        found = re.search(r"<title>(.*?)</title>", dom)
        assert found is not None, dom[:500]
        return found[1]

    return show


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_at_the_side(plan: PlanOfWork, browser: Callable[[str, int], str], language: Language, width: int) -> None:
    content, window, frames, direction = browser(as_html(plan, language), width).split()
    assert int(content) <= int(window) == width
    assert int(frames) == len(plan.samples)
    assert direction == ("rtl" if language == "ar" else "ltr")
