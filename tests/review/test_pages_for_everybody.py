from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from offswitch.drill.page import as_html as drill_page
from offswitch.review.difference_page import as_html as difference_page
from offswitch.review.page import as_html
from offswitch.serve.pages import House, View, page
from offswitch.worklist.page import as_html as worklist_page
from tests.drill.test_drill_result import BAD, GOOD
from tests.review.eyes import NOBODY_LOOKS, Seen, look
from tests.review.scene import edited
from tests.worklist.items import NOW, item

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("pages"),
    pytest.mark.skipif(NOBODY_LOOKS, reason="chromium is not installed: nobody has looked at the pages"),
]
SCRIPT = """
for (const one of document.querySelectorAll("details")) one.open = true;
const broken = (await axe.run(document, { iframes: false, runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] })).violations;
const ways = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe";
const stops = [...document.querySelectorAll(ways)].filter((one) => one.checkVisibility());
const unseen = stops.filter((one) => {
  if (one.tagName === "IFRAME") return false;
  one.focus({ focusVisible: true });
  const shown = one.type === "radio" ? one.nextElementSibling : one;
  const ring = getComputedStyle(shown);
  return document.activeElement !== one || ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) === 0;
});
return {
  broken: broken.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 99)} ${node.any.map((one) => one.message)}`)),
  ordered: [...document.querySelectorAll("[tabindex]")].every((one) => one.tabIndex <= 0),
  unseen: unseen.map((one) => one.outerHTML.slice(0, 120)),
  stops: stops.length, wide: document.documentElement.scrollWidth - innerWidth,
  direction: getComputedStyle(document.body).direction,
};
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every page that people get, looked at in one start of the browser."""
    folder = tmp_path_factory.mktemp("pages")
    rig, plan, change = edited(folder / "project")
    house = House("Bayan", "hello@bayan.example")
    letter = plan.samples[0].letter.html
    pages = {
        "plan": Seen(as_html(plan, "en", change), 1200),
        "plan, dark, phone": Seen(as_html(plan, "en", change), 390, dark=True),
        "plan, Arabic": Seen(as_html(plan, "ar", change), 390),
        "plan, Arabic, wide": Seen(as_html(plan, "ar", change), 1200),
        "difference": Seen(difference_page(change), 390),
        "difference, Arabic, dark": Seen(difference_page(change, "ar"), 390, dark=True),
        "mail": Seen(letter),
        "mail, dark": Seen(letter, dark=True),
        **{f"unsubscribe {view}": Seen(page(view, "ar", house), dark=view is View.DONE) for view in (View.ASK, View.DONE)},
        "drill": Seen(drill_page([GOOD, BAD])),
        "drill, dark": Seen(drill_page([GOOD, BAD], "ar"), dark=True),
        "list": Seen(worklist_page([item()], NOW)),
        "list, dark": Seen(worklist_page([item()], NOW, "ar"), dark=True),
    }
    yield look(folder, pages, SCRIPT)
    rig.close()


def test_axe_finds_nothing_on_any_page(found: dict[str, Any]) -> None:
    assert {name: one["broken"] for name, one in found.items() if one["broken"]} == {}


def test_a_keyboard_comes_everywhere_in_the_order_of_the_page_and_one_sees_where_it_is(found: dict[str, Any]) -> None:
    assert all(one["ordered"] for one in found.values())
    assert {name: one["unseen"] for name, one in found.items() if one["unseen"]} == {}
    assert found["plan"]["stops"] > 20


def test_nothing_sticks_out_at_the_side(found: dict[str, Any]) -> None:
    assert {name: one["wide"] for name, one in found.items() if one["wide"] > 0} == {}


def test_arabic_pages_run_from_the_right(found: dict[str, Any]) -> None:
    assert {name: one["direction"] for name, one in found.items() if "Arabic" in name} == {
        name: "rtl" for name in found if "Arabic" in name
    }
