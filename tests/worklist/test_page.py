from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.gate.reasons import why_in
from offswitch.model.verdict import Work
from offswitch.worklist.commands import command
from offswitch.worklist.labels import CHANNELS, KINDS, LABELS, title_in
from offswitch.worklist.page import Part, as_html
from offswitch.worklist.words import OUTCOMES
from tests.worklist.items import NOW, draft, item

ARABIC = re.compile("[\u0600-\u06ff]")
CSS = files("offswitch.worklist").joinpath("page.css").read_text(encoding="utf-8")


class Page(HTMLParser):
    """What a reader sees (`text`), which tags there are, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data

    def having(self, **wanted: str) -> list[str]:
        return [tag for tag, attrs in self.tags if wanted.items() <= attrs.items()]


def test_the_page_says_who_what_why_until_when_and_how() -> None:
    seen = Page(as_html([item()], NOW)).text
    for words in ("Mona Haddad", "mona@example.com", "+966501234567", "send confirm", "flow welcome is off", "about 3 minutes"):
        assert words in seen
    for words in ("Sun 22 Nov 2026, 06:00", "Your form arrived", "Hello Mona,\n\nit arrived.", "stage = awareness", "Where do I start?"):
        assert words in seen


def test_the_top_says_how_many_how_long_what_is_first_and_when_it_was_made() -> None:
    head = Page(as_html([item(), item(id="b", due=NOW + timedelta(days=1))], NOW)).text.partition("How to work")[0]
    for words in ("Items\n2", "about 6 minutes", "Overdue\n1", "First due\nSun 22 Nov 2026, 06:00", "Made\nSun 22 Nov 2026, 08:00"):
        assert words.replace("\n", "") in head.replace("\n", "")


def test_every_answer_comes_with_the_exact_command() -> None:
    seen = Page(as_html([item(kind=Work.APPROVAL, outcomes=("approve", "done", "skip"))], NOW)).text
    for line in ("take", "approve", "done"):
        assert f"offswitch worklist {line} a1b2c3d4 --by YOU" in seen
    assert 'offswitch worklist skip a1b2c3d4 --by YOU --why "REASON"' in seen


def test_an_answer_that_only_this_step_offers_is_quoted_for_the_shell() -> None:
    assert command(item(), "in conversation").endswith("worklist done a1b2c3d4 --by YOU --outcome 'in conversation'")
    assert command(item(), "no; rm -rf x").endswith("--outcome 'no; rm -rf x'")


def test_the_runbook_stands_once_per_flow_and_items_in_order_of_their_time() -> None:
    late, soon = item(id="late1111", due=NOW + timedelta(hours=5)), item(id="soon1111")
    other = item(id="othr1111", flow="donor_thanks", runbook="Thank them.", due=NOW - timedelta(days=1))
    page = as_html([late, soon, other], NOW)
    assert page.count("1. Read the draft.") == 1
    assert re.findall(r'id="item-(\w+)"', page) == ["othr1111", "soon1111", "late1111"]


def test_what_is_overdue_says_so_in_words() -> None:
    assert "Overdue by 2 hours" in Page(as_html([item()], NOW)).text
    assert "Overdue by" not in Page(as_html([item(due=NOW + timedelta(hours=3))], NOW)).text


def test_a_taken_item_names_whom_to_ask_and_how_to_give_it_back() -> None:
    seen = Page(as_html([item(taken_by="lina@bayan.example")], NOW)).text
    assert "Taken by lina@bayan.example: ask them before you do anything" in seen
    assert "worklist give-back a1b2c3d4" in seen
    assert "worklist take a1b2c3d4" not in seen


def test_a_message_in_doubt_is_not_offered_for_sending() -> None:
    seen = Page(as_html([item(kind=Work.UNKNOWN, outcomes=OUTCOMES[Work.UNKNOWN])], NOW)).text
    assert "don't send it now" in seen
    assert "ready to copy" not in seen.partition("Mona Haddad")[2]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_text_becomes_markup(language: str) -> None:
    bad = '<script>alert("1")</script><img src=x onerror=1>'
    made = item(name=bad, title=bad, why=bad, runbook=bad, step=bad, team=bad, flow=bad, changes=(bad,), outcomes=(bad,), taken_by=bad)
    page = Page(as_html([item(facts={"f": {bad: bad}}, reach=bad), made], NOW, language))
    tags = [tag for tag, _ in page.tags]
    assert (tags.count("script"), tags.count("img")) == (2, 0)
    assert bad in page.text


@given(st.text(max_size=60).filter(str.isprintable))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    assert f"|{text}|" in Page(as_html([item(drafts=(draft(text=f"|{text}|"),))], NOW)).text


def test_the_page_is_a_dead_file_it_loads_nothing_and_runs_nothing_but_its_own_script() -> None:
    text = as_html([item()], NOW)
    page = Page(text)
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert not [tag for tag, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert not {"link", "img", "iframe", "form", "object", "base"} & {tag for tag, _ in page.tags}
    assert not [attrs for _, attrs in page.tags if "src" in attrs or not (attrs.get("href") or "#").startswith("#")]
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_the_arabic_page_runs_right_to_left_and_has_no_english_label() -> None:
    page = Page(as_html([item(kind=kind, id=kind.value, outcomes=OUTCOMES[kind]) for kind in Work], NOW, "ar"))
    assert page.having(lang="ar", dir="rtl")[0] == "html"
    labels = [english for english, _ in (*LABELS.values(), *KINDS.values()) if "{" not in english and len(english) > 4]
    assert [label for label in labels if label in page.text] == []


PART = Part("welcome", 2, 251, 252, NOW + timedelta(hours=72), "before.html", "next.html", "other.html", "welcome.csv", "index.html")


def test_a_part_of_a_snapshot_says_what_follows_what_and_is_arabic_throughout() -> None:
    first = item(id="a", more=True, why="the machine does this by itself as long as it lives")
    made = [first, item(id="b", follows="a", only_if=("did-not", "overdue"), due=NOW - timedelta(days=1))]
    page = as_html(made, NOW, "en", PART)
    assert re.findall(r'id="item-(\w+)"', page) == ["a", "b"]
    seen = Page(page).text
    assert "Only after a above is done and only if the answer was: They never got it" in seen
    assert "or nobody has answered by the due time" in seen
    assert "What follows depends on what you find out." in seen
    arabic = Page(as_html(made, NOW, "ar", PART)).text.replace("In English", "")
    labels = [english for english, _ in (*LABELS.values(), *KINDS.values(), *CHANNELS.values()) if "{" not in english and len(english) > 4]
    assert [label for label in labels if label in arabic] == []
    assert "تنفّذه الآلة بنفسها ما دامت تعمل" in arabic


def test_the_button_gives_back_the_letter_line_by_line_and_lines_stand_once() -> None:
    letters = ["<p>Hello Mona</p>\n<hr>\n</script>&amp;\nbye", "<p>Hello Omar</p>\n<hr>\n</script>&amp;\nbye"]
    page = as_html([item(id=f"i{n}", drafts=(draft(html=letter),)) for n, letter in enumerate(letters)], NOW)
    lines = json.loads(page.partition('id="letters">')[2].partition("</script>")[0])
    assert len(lines) == 5
    spans = [[tuple(map(int, span.split("-"))) for span in places.split()] for places in re.findall(r'data-letter="([\d -]+)"', page)]
    assert ["\n".join(line for span in one for line in lines[span[0] : span[-1] + 1]) for one in spans] == letters


def test_every_label_has_both_languages() -> None:
    pairs = [pair for name, pair in LABELS.items() if name != "other"] + [*KINDS.values(), *CHANNELS.values()]
    assert not [english for english, arabic in pairs if ARABIC.search(english) or not ARABIC.search(arabic)]


def test_drafts_keep_their_own_language_and_direction() -> None:
    made = [item(id="e", drafts=(draft(),)), item(id="a", drafts=(draft(language="ar", text="مرحبًا"),))]
    for language in ("en", "ar"):
        page = Page(as_html(made, NOW, language))
        assert "div" in page.having(lang="en", dir="ltr")
        assert "div" in page.having(lang="ar", dir="rtl")


@pytest.mark.parametrize(
    "why",
    [
        "stop: flow welcome is off (welcome.yaml)",
        "stop: everything is off (environment): OFFSWITCH_STOP is set",
        "stop: flow welcome is off (ledger): by omar@bayan.example",
        "rollout: outside the rollout",
        "person: a person decides: offer",
        "late: 31 hours late",
        "taken: in the hands of lina@bayan.example",
        "connector: held too long: smtp: timed out",
        "send:confirm: the worker died while it was on its way",
        "not known: tier",
        "facts: first_name is not known and has no fallback",
        "the step answer asks for a person",
        "approval: not approved yet: see `offswitch plan welcome`",
    ],
)
def test_the_machines_reasons_are_arabic_on_an_arabic_page(why: str) -> None:
    assert ARABIC.search(why_in("ar", why))
    assert why_in("en", why) == why


@pytest.mark.parametrize(
    "title", ["send confirm", "send a and b", "send a and b and c", "make the changes", "did the customer get it?", "close this item"]
)
def test_the_machines_titles_are_arabic_on_an_arabic_page(title: str) -> None:
    assert ARABIC.search(title_in("ar", title))


def test_what_an_author_wrote_stays_as_it_is() -> None:
    assert title_in("ar", "call and decide about an offer") == "call and decide about an offer"
    assert why_in("ar", "because of the fair") == "because of the fair"


def test_times_are_those_of_the_readers_wall() -> None:
    seen = Page(as_html([item()], NOW.astimezone(ZoneInfo("Asia/Riyadh")))).text
    assert "Asia/Riyadh (UTC+03:00)" in seen
    assert "Sun 22 Nov 2026, 09:00" in seen


def test_an_empty_list_says_that_there_is_nothing_to_do() -> None:
    assert "Nothing to do: the list is empty." in Page(as_html([], NOW)).text
    assert "لا شيء مطلوب" in Page(as_html([], NOW, "ar")).text


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_ink_has_enough_contrast_on_every_ground(scheme: int) -> None:
    """WCAG 2.2 AA asks for 4.5 : 1."""
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{[^}]+\}", CSS)[scheme]))
    for ink in ("ink", "strong", "soft", "main", "late"):
        for ground in ("page", "card", "well"):
            light, dark = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
