"""Every way we know to spoil a condition: where and how it is told while the file is loaded, never "false" at run time."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError, Problem
from offswitch.policy.load import check_all, load_company, load_flow

FIELDS = "fields: {industry: text, employees: number, vip: yes_no, since: date}\n"
SEGMENTS = "segments:\n  ready: {when: score.points >= 20}\n  new: {when: \"stage == 'awareness'\"}\notherwise: others\n"
FUNNEL = """\
stages: [awareness, trust, decision]
promotes:
  visitor_to_lead: {when: count.form_submitted >= 1, to: trust}
  lead_to_opportunity: {when: score.points >= 20, to: trust}
  ready_to_sell: {when: count.booking_created >= 1, to: decision}
max_ask: {awareness: 1, trust: 2, decision: 4}
"""
A = len("audience: ") + 1  # the column where the condition begins
AUDIENCE = [  # the condition, at which character of it, what is said
    ("contact.contry == 'SA'", 0, "names 'contact.contry', which is no fact (did you mean contact.country?"),
    ("contact.country == SA", 19, "names 'SA', which is no fact"),
    ("contact.country == 5", 16, "compares a text with a whole number"),
    ("contact.employees == '50'", 18, "compares a number with a text"),
    ("contact.vip == 'yes'", 12, "compares a yes or no with a text"),
    ("contact.since > '2026-01-01'", 14, "compares a date with a text"),
    ("contact.country == 'UK'", 19, "asks whether contact.country is 'UK', not a country (did you mean GB?"),
    ("contact.country in ['SA', 'AEE']", 26, "asks whether contact.country is 'AEE', not a country"),
    ("contact.language == 'Arabic'", 20, "asks whether contact.language is 'Arabic', not a language"),
    ("score.points", 0, "gives a whole number, not yes or no"),
    ("contact.vip && score.points", 15, "joins a whole number with &&"),
    ("score.segment == 'redy'", 17, "which it never is (did you mean ready?"),
    ("'budgt' in score.tags", 0, "which it never is (did you mean budget?"),
    ("stage == 'descision'", 9, "which it never is (did you mean decision?"),
    ("segment != 'reddy'", 11, "which it never is (did you mean ready?"),
    ("count.form_submited > 1", 0, "did you mean count.form_submitted?"),
    ("contact.name.matches('(a+)+$')", 13, "uses 'matches', which is no function here (allowed: contains, date, days"),
    ("score.tags.exists(t, t == 'budget')", 11, "uses 'exists', which is no function here"),
    ("contact.name > 'a'", 13, "asks whether a text is more or less"),
    ("contact.country in 'SA'", 19, "has a text behind in"),
    ("contact.country in []", 19, "has an empty list"),
    ("contact.employees + 2 > 3", 18, "mixes a whole number with a number that may have decimals"),
    ("now - contact.since > days(1.5)", 22, "uses days in another way than it can be (write days(3)"),
    ("contact.since < date('2026-02-30')", 16, "with a day that there is"),
    ("!contact.country == 'SA'", 0, "has ! before a text"),
    ("1 < score.points < 5", 17, "compares twice in a row with <"),
    ("contact.country = 'SA'", 16, "has '=', which means nothing here (write == to compare)"),
    ("contact.vip and score.points > 1", 12, "has 'and' where a sign is needed (write &&)"),
    ("contact.country == “SA”", 19, "use straight quotes"),
    ("score.points >= ٢٠", 16, "has ٢٠ in other digits than 0 to 9 (write 20)"),
    ("score.points >= 3d", 16, "has '3d', which is no number"),
    ("contact.country == 'SA", 19, "has a quote that is opened and not closed"),
    ("(contact.vip", 12, "ends too early"),
    ("contact['country'] == 'SA'", 7, "takes something out of a list"),
    ("score.points > 1 ? true : false", 17, "has '?', which means nothing here"),
    ("true", 0, "names no fact, so it would always say the same"),
    ("entry.visit > 2", 0, "is known in that flow's exceptions only"),
    ("redy", 0, "is 'redy', which is no segment (did you mean ready?"),
    ("has(stage)", 0, "with one fact that has a dot"),
    ("score.points > 1 || " * 30 + "contact.vip", 500, "is longer than 500 characters"),
    ("!" * 30 + "contact.vip", 21, "is nested deeper than 20 levels"),
]
FLOW = [  # lines of a flow's file, the place in them, what is said
    (
        "required_facts: [contry]",
        (7, 18),
        "required_facts[1] is 'contry', which is no fact that can be missing (did you mean contact.country?",
    ),
    ("required_facts: [{country: 24h}]", (7, 18), "asks how old country is, which nobody knows (write country alone)"),
    ("required_facts: [{stage: often}]", (7, 18), "write seconds, minutes, hours or days"),
    (
        "exceptions: [{when: contact.vip, then: hand_over, why: x}]",
        (7, 13),
        "leaves open what holds for all others (add the line `otherwise: go_on`",
    ),
    ("otherwise: go_on", (7, 12), "stands without exceptions"),
    ("exceptions: [{when: contact.vip, then: drop, why: x}]\notherwise: go_on", (7, 40), "is 'drop' (allowed: exit, hand_over, skip)"),
    ("exceptions: [{when: contact.vpi, then: exit, why: x}]\notherwise: go_on", (7, 21), "did you mean contact.vip?"),
    ("exceptions:\n  - when: |\n      contact.vpi\n    then: exit\n    why: x\notherwise: go_on", (8, 11), "did you mean contact.vip?"),
    (
        'exceptions:\n  - when: "contact.vip && contact.vpi"\n    then: exit\n    why: x\notherwise: go_on',
        (8, 27),
        "did you mean contact.vip?",
    ),
]
OTHERS = [  # file, old text, new text, the place, what is said
    ("segments", "otherwise: others\n", "", (1, 1), "otherwise is missing (add the line `otherwise: ...`)"),
    ("segments", "otherwise: others", "otherwise: ready", (4, 12), "is ready, which has a condition of its own"),
    ("segments", "score.points", "segment", (2, 17), "the segment is what this file is to find"),
    ("segments", "score.points >= 20", "score.points >= 20 && entry.visit > 1", (2, 39), "in that flow's exceptions only"),
    ("funnel", "count.form_submitted >= 1", "contact.since < now", (3, 43), "time alone never promotes anybody"),
    ("funnel", "count.form_submitted >= 1", "stage == 'trust'", (3, 27), "the stage is what this file is to find"),
    ("funnel", "to: decision", "to: descision", (5, 57), "which is not among the stages (did you mean decision?"),
    ("funnel", "to: decision", "to: awareness", (5, 57), "is the first stage, to which nobody is promoted"),
    ("funnel", ", decision: 4", "", (6, 10), "says nothing about decision"),
    ("funnel", "decision: 4", "decision: 5", (6, 45), "write a whole number from 0 to 4"),
    ("funnel", "[awareness, trust, decision]", "[awareness, trust, trust, decision]", (1, 28), "is 'trust' again"),
    ("company", "vip: yes_no", "vip: maybe", (15, 50), "is 'maybe' (allowed: date, number, text, yes_no)"),
    ("company", "vip: yes_no", "country: text", (15, 45), "is 'country', a name that is taken"),
]  # fmt: skip


@pytest.fixture
def project(folder: Path) -> Path:
    company = folder / "company.yaml"
    company.write_text(company.read_text("utf-8") + FIELDS, encoding="utf-8")
    for name, text in (("segments", SEGMENTS), ("funnel", FUNNEL)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def _problem(project: Path, more: str, said: str) -> Problem:
    path = project / "welcome.yaml"
    path.write_text(path.read_text("utf-8") + more, encoding="utf-8")
    company = load_company(project)
    with pytest.raises(ConfigError) as caught:
        load_flow(project, "welcome", company)
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert here[0].path == str(path)
    return here[0]


@pytest.mark.parametrize(("text", "at", "said"), AUDIENCE)
def test_a_wrong_condition_is_refused_at_the_very_character(project: Path, text: str, at: int, said: str) -> None:
    plain = not text.startswith(("!", "'", "[")) and ": " not in text
    quoted = text if plain else '"' + text + '"'
    found = _problem(project, f"audience: {quoted}\n", said)
    assert (found.line, found.column) == (7, A + at + (at > 0 and not plain))


@pytest.mark.parametrize(("lines", "place", "said"), FLOW)
def test_wrong_exceptions_and_required_facts_are_refused(project: Path, lines: str, place: tuple[int, int], said: str) -> None:
    found = _problem(project, lines + "\n", said)
    assert (found.line, found.column) == place


@pytest.mark.parametrize(("file", "old", "new", "place", "said"), OTHERS)
def test_a_spoilt_file_of_the_project_is_refused_at_its_place(
    project: Path, file: str, old: str, new: str, place: tuple[int, int], said: str
) -> None:
    path = project / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [problem for problem in check_all(project, ["welcome"]) if said in str(problem)]
    assert [(one.path, one.line, one.column) for one in found] == [(str(path), *place)]


def test_the_files_before_they_are_spoilt_are_valid(project: Path) -> None:
    path = project / "welcome.yaml"
    good = "audience: ready\nrequired_facts: [country, industry, {stage: 24h}]\n"
    good += "exceptions: [{when: contact.vip, then: exit, why: x}]\notherwise: go_on\n"
    path.write_text(path.read_text("utf-8") + good, encoding="utf-8")
    assert check_all(project, ["welcome"]) == []


def test_three_broken_files_report_all_their_problems_in_one_go(project: Path) -> None:
    for name, old, new in (
        ("segments", "20", "'20'"),
        ("funnel", "count.form_submitted", "count.form"),
        ("welcome", "switch: on", "switch: onn"),
    ):
        path = project / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    assert sorted(Path(problem.path).stem for problem in check_all(project, ["welcome"])) == ["funnel", "segments", "welcome"]


def test_without_a_table_its_facts_are_refused_with_the_reason(project: Path) -> None:
    for name in ("segments", "funnel", "scoring"):
        (project / f"{name}.yaml").unlink()
    found = _problem(project, "audience: score.points > 1\nrequired_facts: [stage, segment]\n", "there is no scoring.yaml")
    assert found.column == A
    company = load_company(project)
    with pytest.raises(ConfigError, match=r"stage.*there is no funnel\.yaml(.|\n)*segment.*there is no segments\.yaml"):
        load_flow(project, "welcome", company)
