"""Rules that two people lift for a few days: what may be written, what is in force, and what an approval covers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.gate.lifted import lifted_on, without
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.overrides import Lifts, lapsed
from offswitch.policy.schema import canonical, effective, not_looser

MARIAM, OMAR, LINA = "mariam@bayan.example", "omar@bayan.example", "lina@bayan.example"
TWO = f"by: [{MARIAM}, {OMAR}], on: 2026-11-20, until: 2026-11-22, why: x"
ONE = f"overrides: [{{of: quiet_hours, {TWO}}}]"


@pytest.fixture
def people(folder: Path) -> Path:
    """Mariam owns, Omar approves, Lina works the list."""
    path = folder / "company.yaml"
    more = f"  {OMAR}: {{name: Omar Saleh, roles: [approver]}}\n  {LINA}: {{name: Lina Aziz, roles: [operator]}}\nteams:"
    path.write_text(path.read_text("utf-8").replace("teams:", more), "utf-8")
    return folder


ROWS = [  # the line that is added, what is said, the word at which it is said
    (f"overrides: [{{of: consent, {TWO}}}]", "overrides[1].of is 'consent' (allowed: blackouts, cap", "consent"),
    (f"overrides: [{{of: late, {TWO}}}]", "overrides[1].of is 'late'", "late"),
    (f"overrides: [{{of: quiet_hour, {TWO}}}]", "did you mean quiet_hours?", "quiet_hour"),
    (f"overrides: {{of: cap, {TWO}}}", "overrides must be a list", "{of"),
    (ONE.replace(MARIAM, OMAR), f"overrides[1].by[2] is {OMAR} again (nobody agrees with themselves", f"{OMAR}]"),
    (ONE.replace(f", {OMAR}]", "]"), "overrides[1].by names 1 (write two people", "[mariam"),
    (ONE.replace(OMAR, LINA), f"overrides[1].by names no approver (one of the two must be an approver: {OMAR}", "[mariam"),
    (ONE.replace(OMAR, "nora@x.example"), "overrides[1].by[2] is nora@x.example, who is not among the people", "nora"),
    (ONE.replace("2026-11-22", "2026-11-27"), "until is 2026-11-27, more than 7 days (write a day until 2026-11-26", "2026-11-27"),
    (ONE.replace("2026-11-22", "2026-11-19"), "until is 2026-11-19, before 2026-11-20 (the first day stands in `on`", "2026-11-19"),
    (ONE.replace("2026-11-22", "2026-11-31"), "is 2026-11-31, a day that there is not", "2026-11-31"),
    (ONE.replace("2026-11-22", "٢٠٢٦-١١-٢٢"), "is ٢٠٢٦-١١-٢٢ (write 2026-11-22", "٢٠٢٦"),
    (ONE.replace("2026-11-20", "1448-05-01"), "by the Hijri calendar as it seems", "1448"),
    (ONE.replace(", why: x", ""), "overrides[1].why is missing", "{of"),
    (ONE.replace("until:", "untill:"), "unknown key 'untill' in overrides[1] (did you mean until?", "untill"),
    (
        ONE[:-1] + f", {{of: quiet_hours, {TWO}}}]",
        "overrides[2] lifts quiet_hours on days on which it is lifted already",
        "{of: quiet_hours, by",
    ),
    ("review: weekly", "review is 'weekly' (write seconds, minutes, hours or days", "weekly"),
    ("review: 0d", "review is '0d'", "0d"),
    ("review: ٧d", "has ٧d in other digits than 0 to 9 (write 7d)", "٧d"),
    ("reviews: 7d", "unknown key 'reviews' (did you mean review?", "reviews"),
]


@pytest.mark.parametrize("name", ["welcome", "company"])
@pytest.mark.parametrize(("line", "said", "at_word"), ROWS)
def test_a_wrong_line_is_refused_at_its_place(people: Path, name: str, line: str, said: str, at_word: str) -> None:
    path = people / f"{name}.yaml"
    at = len(path.read_text("utf-8").splitlines()) + 1
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_flow(people, "welcome", load_company(people))
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert (here[0].line, here[0].column) == (at, line.rindex(at_word) + 1)


def _with(folder: Path, name: str, line: str) -> None:
    path = folder / f"{name}.yaml"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")


def test_a_rule_is_lifted_on_its_days_and_on_no_other(people: Path) -> None:
    _with(people, "welcome", ONE)
    company = load_company(people)
    policy = effective(load_flow(people, "welcome", company), company)
    days = {day: lifted_on(policy.overrides, company, date(2026, 11, day)) for day in (19, 20, 22, 23)}
    assert [day for day, lifted in days.items() if lifted] == [20, 22]
    assert str(days[22][0]) == "quiet_hours lifted until 2026-11-22 by Mariam Haddad and Omar Saleh: x"
    assert (policy.quiet is None, without(policy, days[22]).quiet is None, without(policy, days[23])) == (False, True, policy)
    assert [place for place, _ in lapsed(policy.overrides, date(2026, 11, 23))] == [0]
    assert not list(lapsed(policy.overrides, date(2026, 11, 22)))


@pytest.mark.parametrize("what", Lifts)
def test_each_override_lifts_its_own_rule_alone(people: Path, what: Lifts) -> None:
    _with(people, "company", "weekends: {default: [sunday]}\nsilence: {after: 3, slower: 2x, stop: 5}")
    _with(people, "company", "blackouts: [{from: 2027-02-01, to: 2027-02-02, why: x}]\noccasions: [{name: national_day, countries: [SA]}]")
    _with(people, "welcome", f"weekends: quiet\ncapacity: 60 minutes per day\noverrides: [{{of: {what.value}, {TWO}}}]")
    path = people / "welcome.yaml"
    path.write_text(path.read_text("utf-8").replace("rollout: {", "rollout: {tier: 2, "), "utf-8")
    company = load_company(people)
    before = effective(load_flow(people, "welcome", company), company)
    after = without(before, lifted_on(before.overrides, company, date(2026, 11, 21)))

    def gone(policy: type[object] | object) -> dict[Lifts, bool]:
        one = policy if isinstance(policy, type(before)) else before
        days = one.pace.calendar
        return {
            Lifts.QUIET_HOURS: one.quiet is None, Lifts.WEEKENDS: not days.weekends, Lifts.BLACKOUTS: not days.blackouts,
            Lifts.OCCASIONS: not days.occasions, Lifts.SILENCE: one.pace.silence is None, Lifts.CAP: not one.caps,
            Lifts.CAPACITY: one.capacity is None, Lifts.TIER: one.rollout.tier is None,
        }  # fmt: skip

    assert not any(gone(before).values())
    assert [one for one, is_gone in gone(after).items() if is_gone] == [one for one in gone(after) if one is what]


def test_lifting_needs_an_approval_and_taking_it_back_needs_none(people: Path) -> None:
    def said(*lines: str) -> dict[str, object]:
        company = load_company(people)
        flow = load_flow(people, "welcome", company)
        for line in lines:
            _with(people, "welcome", line)
            flow = load_flow(people, "welcome", company)
        found: dict[str, object] = json.loads(json.dumps(canonical(flow, company)))
        return found

    bare = said()
    lifted = said(ONE)
    reviewed = said("review: 7d")
    assert not_looser(bare, lifted) == ["overrides"]
    assert not_looser(lifted, bare) == []
    assert not_looser(lifted, reviewed) == []
    assert not_looser(reviewed, lifted) == ["review"]
    assert not_looser(reviewed, {**reviewed, "review": "6d"}) == []
    assert not_looser(reviewed, {**reviewed, "review": "8d"}) == ["review"]
