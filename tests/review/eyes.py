"""A browser that looks at many pages in one start: each in a frame of its width, with a script that stands in for a person's eyes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from tenacity import retry, retry_if_exception_type, stop_after_attempt

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NOBODY_LOOKS = CHROMIUM is None and not os.environ.get("CI")  # in CI a missing browser is a failure, not a skip
FLAGS: tuple[str, ...] = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=60000", "--allow-file-access-from-files")
AXE = files("axe_core_python").joinpath("axe.min.js")
DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


class Seen(NamedTuple):
    """A page as it is looked at: at a width, in the dark or not."""

    html: str
    width: int = 390
    dark: bool = False


def look(folder: Path, pages: Mapping[str, Seen], script: str) -> dict[str, Any]:
    """What `script` (the body of an async function) returns on each page."""
    (folder / "axe.js").write_text(AXE.read_text("utf-8"), encoding="utf-8")
    for number, one in enumerate(pages.values()):
        (folder / f"{number}.html").write_text(_prepared(one, number, script), encoding="utf-8")
    widths = enumerate(one.width for one in pages.values())
    frames = "".join(f'<iframe src="{number}.html" style="width:{width}px;height:900px;border:0"></iframe>' for number, width in widths)
    outer = folder / "outer.html"
    outer.write_text(
        '<!DOCTYPE html><script>const found = {}; addEventListener("message", (event) => { found[event.data.number] = event.data.found;'
        f' document.getElementById("out").textContent = JSON.stringify(found); }})</script>{frames}<pre id="out"></pre>',
        encoding="utf-8",
    )
    dom = _chromium(f"--user-data-dir={folder / 'profile'}", "--dump-dom", outer.as_uri())
    out = re.search(r'<pre id="out">(.*?)</pre>', dom, re.DOTALL)
    assert out is not None, dom[:500]
    found: dict[str, Any] = json.loads(unescape(out[1]) or "{}")
    return {name: found[str(number)] for number, name in enumerate(pages)}


def _prepared(one: Seen, number: int, script: str) -> str:
    """The page itself forbids scripts, and its colours go by the reader's own setting."""
    text = DARK.sub("@media all" if one.dark else "@media not all", re.sub(r"<meta http-equiv.*?>", "", one.html))
    run = (
        f'<script src="axe.js"></script><script>addEventListener("load", async () => {{ const look = async () => {{ {script} }};'
        f" let found; try {{ found = await look() }} catch (error) {{ found = String(error) }}"
        f' parent.postMessage({{ number: {number}, found }}, "*") }})</script>'
    )
    return text.replace("</body>", f"{run}</body>")


@retry(retry=retry_if_exception_type(subprocess.TimeoutExpired), stop=stop_after_attempt(2), reraise=True)
def _chromium(*words: str) -> str:
    """A first start on a busy machine has been seen to hang for ever."""
    return subprocess.run([str(CHROMIUM), *FLAGS, *words], capture_output=True, check=True, text=True, timeout=90).stdout
