"""The section `readiness:` of a policy file: what is refused, where and how; and what of it an approval covers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from offswitch.errors import ConfigError
from offswitch.policy.days import day, day_ahead, past_day, today
from offswitch.policy.load import flow_in, load_company, load_flow
from offswitch.policy.readiness import runbook_digest
from offswitch.policy.schema import canonical, effective, not_looser
from tests.policy.conftest import COMPANY, FLOW

MARIAM, OMAR = "mariam@bayan.example", "omar@bayan.example"
PEOPLE = f"people:\n  {MARIAM}: {{name: Mariam Haddad, roles: [owner]}}\n"
TWO_PEOPLE = f"{PEOPLE}  {OMAR}: {{name: Omar, roles: [approver]}}\n"
NEXT = str(today() + timedelta(days=3))
ACK = "on: 2026-11-01, runbook: abc"


def answered(**over: str) -> str:
    said = {"answer": "yes", "by": MARIAM, "on": "2026-11-01", "evidence": "docs/one.pdf", **over}
    return "serves_the_customer: {" + ", ".join(f"{key}: {value}" for key, value in said.items() if value != "-") + "}"


def waiver(**over: str) -> str:
    said = {"waived_by": f"[{MARIAM}, {OMAR}]", "why": "a fair", "until": NEXT, **over}
    return "manual_runs: {" + ", ".join(f"{key}: {value}" for key, value in said.items() if value != "-") + "}"


@pytest.fixture
def policies(folder: Path) -> Path:
    (folder / "company.yaml").write_text(COMPANY.replace(PEOPLE, TWO_PEOPLE), "utf-8")
    return folder


ROWS = [  # the line within the section, what is said, at which column
    (answered(answer="flase"), "readiness.serves_the_customer.answer is 'flase' (allowed: no, unsure, yes)", 33),
    (answered(answer="true"), "answer is 'true' (allowed: no, unsure, yes)", 33),
    (answered(answer="-"), "readiness.serves_the_customer.answer is missing", 3),
    (answered(by="-"), "readiness.serves_the_customer.by is missing", 3),
    (answered(on="-"), "readiness.serves_the_customer.on is missing", 3),
    (answered(evidence="-"), "evidence is missing (add the line `evidence: ...`)", 3),
    (answered(evidence="''"), "evidence is ''", 90),
    (answered(by="maryam@bayan.example"), f"who is not among the people of company.yaml (did you mean {MARIAM}?", 42),
    (answered(by="Mariam"), "by is 'Mariam', not an e-mail address", 42),
    (answered(on="2026-02-30"), "on is 2026-02-30, a day that there is not (that month has the days 01 to 28)", 68),
    (answered(on="2026-13-01"), "a month that there is not (months go from 01 to 12", 68),
    (answered(on="01/11/2026"), "on is '01/11/2026', not a day (write year, month and day such as 2026-11-01)", 68),
    (answered(on="2026-1-1"), "on is '2026-1-1', not a day", 68),
    (answered(on="٢٠٢٦-١١-٠١"), "on is ٢٠٢٦-١١-٠١ (write 2026-11-01, with the digits 0 to 9)", 68),
    (answered(on="2036-11-01"), "on is 2036-11-01, in the future (write the day on which it was said, at the latest", 68),
    (answered(on="[2026-11-01]"), "on is a list or section (write one day", 68),
    (answered(sure="yes"), "unknown key 'sure' in readiness.serves_the_customer", 104),
    ("serves_the_customers: yes", "unknown key 'serves_the_customers' in readiness (did you mean serves_the_customer?", 3),
    ("survives_being_switched_off: yes", "unknown key 'survives_being_switched_off'", 3),
    ("serves_the_customer: yes", "readiness.serves_the_customer must be a section", 24),
    (f"worry: {{answer: '', by: {MARIAM}, on: 2026-11-01, evidence: x}}", "readiness.worry.answer is empty", 19),
    ("worry: spam", "readiness.worry must be a section", 10),
    ("manual_runs: 0", "readiness.manual_runs is '0' (write a whole number from 1 to 1000)", 16),
    ("manual_runs: ten", "readiness.manual_runs is 'ten'", 16),
    (waiver(waived_by=f"[{MARIAM}]"), "readiness.manual_runs.waived_by names 1 (write two people", 28),
    (waiver(waived_by=f"[{MARIAM}, Mariam@bayan.example]"), "nobody agrees with themselves: name a second person", 51),
    (waiver(waived_by=f"[{MARIAM}, lina@bayan.example]"), "waived_by[2] is lina@bayan.example, who is not among", 51),
    (waiver(waived_by=f"[{MARIAM}, lina@bayan.example]"), f"waived_by names no approver (one of the two must be an approver: {OMAR})", 28),
    (waiver(why="-"), "readiness.manual_runs.why is missing", 3),
    (waiver(until=str(today() + timedelta(days=8))), "more than 7 days ahead (write a day until", 92),
    ("runbook_known: mariam", "readiness.runbook_known must be a list", 18),
    (f"runbook_known: [{{by: {MARIAM}, on: 2026-11-01}}]", "readiness.runbook_known[1].runbook is missing", 19),
    (f"runbook_known: [{{by: lina@bayan.example, {ACK}}}]", "runbook_known[1].by is lina@bayan.example, who is not among", 24),
    ("stability: 0.8", "readiness.stability is '0.8' (write a percentage", 14),
    ("expires: 6 months", "readiness.expires is '6 months' (write seconds, minutes, hours or days", 12),
    ("drill_max_age: 90", "readiness.drill_max_age is '90'", 18),
]


@pytest.mark.parametrize(("line", "said", "column"), ROWS)
def test_a_wrong_section_is_refused_at_its_place(policies: Path, line: str, said: str, column: int) -> None:
    path = policies / "welcome.yaml"
    path.write_text(f"{FLOW}readiness:\n  {line}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_flow(policies, "welcome", load_company(policies))
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, str(caught.value)
    assert (here[0].path, here[0].line, here[0].column) == (str(path), 8, column)


@pytest.mark.parametrize("line", ["manual_runs: 0", "expires: 400d", "worry: {}", "switch: on", "stability: 101%"])
def test_a_wrong_company_section_is_refused_at_its_place(policies: Path, line: str) -> None:
    path = policies / "company.yaml"
    lines = path.read_text("utf-8").count("\n")
    path.write_text(f"{path.read_text('utf-8')}readiness:\n  {line}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_company(policies)
    assert caught.value.problems[0].line == lines + 2


@pytest.mark.parametrize("line", [answered(), answered(answer="unsure"), waiver(), waiver(until="2026-11-01"), "manual_runs: 1"])
def test_a_right_one_is_read(policies: Path, line: str) -> None:
    flow = flow_in(f"{FLOW}readiness:\n  {line}\n", policies, "welcome", load_company(policies))
    assert flow.readiness is not None


def said_by(policies: Path, flow: str = "", company: str = "") -> dict[str, Any]:
    """What an approval covers, with these lines in the sections."""
    path = policies / "company.yaml"
    text = COMPANY.replace(PEOPLE, TWO_PEOPLE) + (f"readiness: {company}\n" if company else "")
    path.write_text(text, "utf-8")
    read = load_company(policies)
    return canonical(flow_in(FLOW + (f"readiness:\n  {flow}\n" if flow else ""), policies, "welcome", read), read)


def test_to_ask_and_to_answer_needs_no_new_approval(policies: Path) -> None:
    nothing = said_by(policies)
    assert not_looser(nothing, said_by(policies, company="{manual_runs: 3}")) == []
    assert said_by(policies, answered(), "{}") == said_by(policies, company="{}")
    assert not_looser(said_by(policies, company="{}"), nothing) == ["readiness"]


@pytest.mark.parametrize(
    ("stricter", "looser"),
    [("manual_runs: 20", "manual_runs: 9"), ("stability: 90%", "stability: 79%"), ("expires: 90d", "expires: 181d"),
     ("drill_max_age: 30d", "drill_max_age: 91d")],
)  # fmt: skip
def test_to_ask_less_needs_a_new_approval(policies: Path, stricter: str, looser: str) -> None:
    usual = said_by(policies, company="{}")
    assert not_looser(usual, said_by(policies, stricter, "{}")) == []
    assert not_looser(usual, said_by(policies, looser, "{}")) == ["readiness"]


def test_a_waiver_needs_an_approval_and_its_end_none(policies: Path) -> None:
    usual, waived = said_by(policies, company="{}"), said_by(policies, waiver(), "{}")
    assert not_looser(usual, waived) == ["readiness.waiver"]
    assert not_looser(waived, usual) == []
    assert not_looser(waived, said_by(policies, waiver(until="2026-11-01"), "{}")) == ["readiness.waiver"]


def test_nothing_is_asked_unless_a_file_asks(policies: Path) -> None:
    company = load_company(policies)
    assert effective(load_flow(policies, "welcome", company), company).readiness is None


def test_an_edit_of_the_runbook_is_another_runbook_and_blanks_are_none() -> None:
    assert runbook_digest("1. Send.\n2. Note.") == runbook_digest("\n1. Send.  \n2. Note.\n\n")
    assert runbook_digest("1. Send.\n2. Note.") != runbook_digest("1. Send.\n2. Note it.")


def test_days_are_of_the_calendar_that_there_is() -> None:
    assert day("2028-02-29") == date(2028, 2, 29)
    assert past_day(str(today())) == today()
    assert day_ahead("2020-01-01") == date(2020, 1, 1)
    for wrong in ("2027-02-29", "0000-01-01", "2026-00-10", "2026-11-00", "2026-11-31", "26-11-01", ""):
        with pytest.raises(PydanticCustomError):
            day(wrong)
