from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from flows.welcome import welcome
from offswitch.act.collect import collect
from offswitch.project.lists import write_list
from offswitch.worklist.kept import folder_of
from tests.act.rig import Rig
from tests.review.law import with_real_texts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS: tuple[str, ...] = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000")
MEASURE = """<script>addEventListener("load", () => {
  let copied = "nothing";
  // Without a person's click a browser copies nothing: what execCommand would do then, it does here.
  document.execCommand = () => document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true }));
  addEventListener("copy", (event) => { copied = event.clipboardData.getData("text/html"); });
  document.querySelector("button[data-letter]").click();
  document.title = [document.documentElement.scrollWidth, innerWidth, getComputedStyle(document.body).direction,
    document.querySelector("[data-made]").textContent.length > 5, copied.startsWith("<!DOCTYPE html>") && copied.includes("</html>"),
  ].join(" ") })</script>"""
NOBODY_LOOKS = CHROMIUM is None and not os.environ.get("CI")  # in CI a missing browser is a failure, not a skip
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("list"), pytest.mark.skipif(NOBODY_LOOKS, reason="chromium is not installed")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    rig = Rig(tmp_path_factory.mktemp("list") / "project", welcome)
    with_real_texts(rig, welcome)
    rig.submit("long", name="W" * 55, message="<b>where</b> " * 20)
    rig.submit("arab", name="عبد الرحمن السديري", contact={"language": "ar", "phone": "+966501234567"}, message="من أين أبدأ؟")
    with rig.desk(welcome) as desk:
        while collect(desk) is not None:
            pass
        write_list(rig.project, desk)
    yield folder_of(rig.settings.home)
    rig.close()


@retry(retry=retry_if_exception_type(subprocess.TimeoutExpired), stop=stop_after_attempt(2), reraise=True)
def chromium(*words: str) -> str:
    """A first start on a busy machine has been seen to hang for ever."""
    return subprocess.run([str(CHROMIUM), *FLAGS, *words], capture_output=True, check=True, text=True, timeout=50).stdout


def looked_at(page: Path, width: int, tmp_path: Path) -> list[str]:
    """What a measuring script in the page finds, in a frame of that width. The page itself would forbid the script."""
    inner, outer = tmp_path / f"{width}.html", tmp_path / f"outer {width}.html"
    text = re.sub(r"<meta http-equiv.*?>", "", page.read_text(encoding="utf-8"))
    inner.write_text(text.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    outer.write_text(
        f'<iframe src="{inner.name}" style="width:{width}px;height:900px;border:0"></iframe>'
        "<script>addEventListener('load', () => { document.title = frames[0].document.title })</script>",
        encoding="utf-8",
    )
    dom = chromium(f"--user-data-dir={tmp_path / 'profile'}", "--allow-file-access-from-files", "--dump-dom", outer.as_uri())
    found = re.search(r"<title>(.*?)</title>", dom)
    assert found is not None, dom[:500]
    return found[1].split()


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("ar", 390), ("ar", 1100)])
def test_nothing_sticks_out_the_age_is_said_and_the_button_copies_the_letter(
    folder: Path, tmp_path: Path, language: str, width: int
) -> None:
    content, window, direction, aged, copied = looked_at(folder / f"welcome.{language}.html", width, tmp_path)
    assert int(content) <= int(window) == width
    assert (direction, aged, copied) == ("rtl" if language == "ar" else "ltr", "true", "true")


def test_its_own_script_runs_under_its_own_rules(folder: Path, tmp_path: Path) -> None:
    page = (folder / "welcome.en.html").as_uri()
    assert 'class="live"' in chromium(f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_paper_no_item_is_torn_apart(folder: Path, tmp_path: Path, language: str) -> None:
    """A letter of the sample project fits on a sheet with everything around it: the head takes one more, the items one each."""
    page, paper = folder / f"welcome.{language}.html", tmp_path / "list.pdf"
    chromium(f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    items = page.read_text(encoding="utf-8").count("<article")
    assert 2 <= len(re.findall(rb"/Type /Page\b", paper.read_bytes())) <= items + 1
