"""The box that says what protects people names every limit of the policy, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from offswitch.project.plan import make_plan
from offswitch.review.change_words import value_in
from offswitch.review.document import as_json
from offswitch.review.page import as_html
from offswitch.review.protection import WORDS
from tests.act.journeys import echo
from tests.act.rig import Rig

COMPANY = """\
weekends: {SA: [friday], default: [sunday]}
occasions: [{name: eid_al_fitr, countries: [SA], days: 3}]
"""
FLOW = """\
limits: {rate: 300 per minute}
weekends: quiet
blackouts: [{from: 2030-05-01, to: 2030-05-02, why: stocktaking}]
silence: {after: 2, slower: 2x, stop: 4}
priority: 80
exclusive_group: nurture"""
FUNNEL = """\
stages: [awareness, decision]
promotes: {
  visitor_to_lead: {when: count.form_submitted >= 1, to: decision},
  lead_to_opportunity: {when: count.form_submitted >= 2, to: decision},
  ready_to_sell: {when: count.booking_created >= 1, to: decision}}
max_ask: {awareness: 1, decision: 4}
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", echo)
    yield made
    made.close()


def box(rig: Rig, language: str) -> str:
    page = as_html(make_plan(rig.project, echo), "ar" if language == "ar" else "en")
    lists = re.findall(r'<ul class="plain tight limits">(.*?)</ul>', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", str(lists[0])))


def limited(rig: Rig) -> None:
    path = rig.settings.policies / "company.yaml"
    rig.save(path, path.read_text("utf-8").replace("limits: {", "limits: {rate: 5000 per hour, ") + COMPANY)
    rig.save(path.with_name("funnel.yaml"), FUNNEL)
    rig.policy(echo, more=FLOW)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("eid al fitr", "pauses grow 2x; after 4", "marketing waits for the next working day", "awareness 1, decision 4")),
        ("ar", ("عيد الفطر", "(2x)", "ينتظر التسويق أول يوم عمل", "awareness 1، decision 4")),
    ],
)
def test_every_limit_of_the_policy_is_named(rig: Rig, language: str, words: tuple[str, ...]) -> None:
    limited(rig)
    shown = box(rig, language)
    rates = tuple(value_in(language, rate) for rate in ("300 per minute", "5000 per hour"))
    wanted = (*words, *rates, "2030-05-01 – 2030-05-02: stocktaking", "80", "nurture")
    assert not [word for word in wanted if word not in shown]
    assert not [said for said in WORDS.values() if (text := said[language == "ar"].partition("{")[0]) not in shown and text]


def test_limits_that_nobody_wrote_are_not_named(rig: Rig) -> None:
    assert not [name for name in WORDS if name not in ("quiet", "slower") and WORDS[name][0] in box(rig, "en")]


def test_the_json_has_them_too(rig: Rig) -> None:
    limited(rig)
    found = json.loads(json.dumps(as_json(make_plan(rig.project, echo))["protection"], default=str))
    assert found["blackouts"] == [{"from": "2030-05-01", "to": "2030-05-02", "why": "stocktaking"}]
    assert (found["rate"], found["company_rate"], found["priority"]) == ("300 per minute", "5000 per hour", 80)
    assert (found["occasions"], found["max_ask"]) == (["eid_al_fitr"], {"awareness": 1, "decision": 4})
