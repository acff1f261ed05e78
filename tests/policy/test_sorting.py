"""What is known of a person as conditions see it, and the segment and stage that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.errors import ConfigError
from offswitch.model.event import Happened
from offswitch.model.facts import Known, Score
from offswitch.policy.facts import Person, facts_of
from offswitch.policy.load import load_company, load_flow, load_sorting, sorting_for
from offswitch.policy.schema import canonical, not_looser
from offswitch.policy.sorting import Sorting
from offswitch.policy.vocabulary import FieldKind
from offswitch.testing.fakes import make_contact

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIELDS = {"employees": FieldKind.NUMBER, "vip": FieldKind.YES_NO, "since": FieldKind.DATE, "industry": FieldKind.TEXT}
SEGMENTS = """\
segments:
  ready: {when: score.points >= 20}
  learning: {when: "contact.country == 'SA' && score.points >= 10"}
otherwise: others
"""
FUNNEL = """\
stages: [awareness, trust, decision]
promotes:
  visitor_to_lead: {when: count.form_submitted >= 1, to: trust}
  lead_to_opportunity: {when: score.points >= 20, to: trust}
  ready_to_sell: {when: count.booking_created >= 1, to: decision}
max_ask: {awareness: 1, trust: 2, decision: 4}
"""


@pytest.fixture
def sorting(folder: Path) -> Sorting:
    for name, text in (("segments", SEGMENTS), ("funnel", FUNNEL)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_sorting(folder, load_company(folder))


def score_of(points: int, stage: str = "trust", missing: tuple[str, ...] = ()) -> Known:
    return Known(Score(points, ("budget",), "ready", stage, missing), "scoring.yaml", NOW - timedelta(days=2))


def event_of(kind: str, source: str = "site") -> Happened:
    return Happened(f"{kind} 1", kind, NOW, "c1", {}, source)


@pytest.mark.parametrize(
    ("field", "said", "fact"),
    [
        ("employees", "1,200", 1200.0), ("employees", "٥٠", 50.0), ("employees", 7, 7.0), ("employees", "many", None),
        ("employees", True, None), ("employees", float("nan"), None), ("vip", "Yes", True), ("vip", "لا", False),
        ("vip", "perhaps", None), ("vip", False, False), ("since", "2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("since", "2026-02-30", None), ("since", 5, None), ("industry", " ", None), ("industry", " school ", "school"),
        ("industry", ["school"], None),
    ],
)  # fmt: skip
def test_a_field_is_read_by_its_declared_type_and_what_does_not_fit_is_not_known(field: str, said: Any, fact: Any) -> None:
    person = Person(make_contact(fields={field: said}), NOW)
    assert facts_of(person, [f"contact.{field}"], FIELDS) == ({} if fact is None else {f"contact.{field}": fact})


def test_columns_counts_and_the_first_source_are_facts() -> None:
    events = (event_of("form.submitted", "advert"), event_of("message.replied"), event_of("form.submitted"))
    person = Person(make_contact(country=""), NOW, events, step="greet", visit=2)
    names = ["contact.country", "contact.name", "contact.source", "count.form_submitted", "count.booking_created", "entry.visit", "now"]
    assert facts_of(person, names, {}) == {
        "contact.name": "Mona Haddad",
        "contact.source": "advert",
        "count.form_submitted": 2,
        "count.booking_created": 0,
        "entry.visit": 2,
        "now": NOW,
    }


def test_a_score_without_all_required_answers_is_not_known() -> None:
    person = Person(make_contact(), NOW, known={"score": score_of(20, missing=("budget",))})
    assert facts_of(person, ["score.points"], {}) == {}
    assert facts_of(replace(person, known={"score": score_of(20)}), ["score.points", "score.tags"], {}) == {
        "score.points": 20,
        "score.tags": ["budget"],
    }


def test_a_fact_older_than_it_may_be_is_not_known() -> None:
    person = Person(make_contact(), NOW, known={"score": score_of(20)})
    assert facts_of(person, ["score.points"], {}, {"score.points": timedelta(days=2)}) == {"score.points": 20}
    assert facts_of(person, ["score.points"], {}, {"score.points": timedelta(days=2) - timedelta(seconds=1)}) == {}


@pytest.mark.parametrize(
    ("country", "points", "segment"),
    [("SA", 20, "ready"), ("SA", 19, "learning"), ("EG", 19, "others"), ("", 9, "others"), ("", 10, None), ("SA", None, None)],
)
def test_everybody_is_in_the_first_segment_that_fits_and_nobody_who_can_not_be_told(
    sorting: Sorting, country: str, points: int | None, segment: str | None
) -> None:
    known = {} if points is None else {"score": score_of(points)}
    found = sorting.sort(make_contact(country=country), (), known, NOW).get("segment")
    assert (found.value if found else None) == segment


@pytest.mark.parametrize(
    ("register", "points", "kinds", "stage"),
    [
        ("", None, [], None), ("awareness", None, [], "awareness"), ("known", None, [], None), ("awareness", 5, [], "awareness"),
        ("awareness", 20, [], "trust"), ("", None, ["form.submitted"], "trust"), ("trust", 5, ["booking.created"], "decision"),
        ("decision", 5, ["form.submitted"], "decision"),
    ],
)  # fmt: skip
def test_the_stage_is_the_furthest_that_register_score_or_events_give(
    sorting: Sorting, register: str, points: int | None, kinds: list[str], stage: str | None
) -> None:
    known = {"stage": Known(register, "crm", NOW)} if register else {}
    known |= {} if points is None else {"score": score_of(points, stage="awareness")}
    found = sorting.sort(make_contact(), tuple(map(event_of, kinds)), known, NOW).get("stage")
    assert (found.value if found else None) == stage


def test_time_alone_changes_no_stage(sorting: Sorting) -> None:
    events = (event_of("form.submitted"),)
    stages = {sorting.sort(make_contact(), events, {}, NOW + timedelta(days=days))["stage"].value for days in range(0, 1000, 100)}
    assert stages == {"trust"}


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(folder: Path, sorting: Sorting) -> None:
    company = load_company(folder)
    assert load_sorting(folder, company) is sorting
    (folder / "segments.yaml").write_text(SEGMENTS.replace("others", "the_rest"), encoding="utf-8")
    changed = load_sorting(folder, company).segments
    assert changed is not None
    assert changed.otherwise == "the_rest"


def test_a_broken_scoring_table_stops_only_who_asks_for_it(folder: Path) -> None:
    company = load_company(folder)
    flow = load_flow(folder, "welcome", company)
    (folder / "scoring.yaml").write_text("bands: []", encoding="utf-8")
    assert sorting_for(flow, folder, company) == Sorting()
    (folder / "welcome.yaml").write_text((folder / "welcome.yaml").read_text("utf-8") + "audience: score.points > 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"scoring\.yaml"):
        load_flow(folder, "welcome", company)


@pytest.mark.parametrize(
    ("before", "after", "looser"),
    [
        ("required_facts: [country]", "required_facts: [country, language]", []),
        ("required_facts: [country, language]", "required_facts: [country]", ["required_facts"]),
        ("required_facts: [stage]", "required_facts: [{stage: 24h}]", []),
        ("required_facts: [{stage: 24h}]", "required_facts: [{stage: 48h}]", ["required_facts"]),
        ("audience: contact.country == 'SA'", "audience: contact.country == 'AE'", ["audience"]),
        ("audience: ready", "", ["audience"]),
        ("", "exceptions: [{when: contact.country == 'SA', then: exit, why: x}]\notherwise: go_on", ["exceptions"]),
    ],
)
def test_more_required_facts_are_stricter_and_any_other_change_needs_an_approval(
    folder: Path, sorting: Sorting, before: str, after: str, looser: list[str]
) -> None:
    path, company = folder / "welcome.yaml", load_company(folder)
    plain, said = path.read_text("utf-8"), []
    for more in (before, after):
        path.write_text(f"{plain}{more}\n", encoding="utf-8")
        said.append(canonical(load_flow(folder, "welcome", company), company, sorting))
    assert not_looser(*said) == looser


@pytest.mark.usefixtures("sorting")
@pytest.mark.parametrize(
    ("file", "old", "new", "looser"),
    [
        ("funnel", "decision: 4", "decision: 3", []),
        ("funnel", "decision: 3", "decision: 4", ["funnel.max_ask"]),
        ("funnel", ">= 1, to: trust", ">= 2, to: trust", ["funnel"]),
        ("segments", ">= 20", ">= 30", ["segments"]),
        ("company", "fields: {vip: yes_no}", "fields: {vip: yes_no, since: date}", []),
        ("company", "fields: {vip: yes_no}", "fields: {vip: text}", ["fields"]),
    ],
)
def test_a_lower_ask_is_stricter_and_other_changes_of_the_tables_need_an_approval(
    folder: Path, file: str, old: str, new: str, looser: list[str]
) -> None:
    path, said = folder / f"{file}.yaml", []
    before = path.read_text("utf-8") + ("fields: {vip: yes_no}\n" if file == "company" else "")
    before = before.replace("decision: 4", old) if "decision" in old else before
    assert old in before
    for text in (before, before.replace(old, new, 1)):
        path.write_text(text, encoding="utf-8")
        company = load_company(folder)
        said.append(canonical(load_flow(folder, "welcome", company), company, load_sorting(folder, company)))
    assert not_looser(*said) == looser
