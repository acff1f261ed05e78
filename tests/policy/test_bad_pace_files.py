"""Every way we know to spoil weekends, blackouts, occasions, rates, silence and ranks, and where and how it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import load_company, load_flow

COMPANY_ROWS = [  # the line that is added, what is said, at which column
    ("weekends: {SA: [fryday], default: [sunday]}", "weekends.SA[1] is 'fryday' (did you mean friday?", 17),
    ("weekends: {default: [الجمعة]}", "weekends.default[1] is 'الجمعة' (allowed: friday", 22),
    ("weekends: {SA: [friday]}", "weekends says nothing for other countries (add `default: [saturday, sunday]`", 11),
    ("weekends: {sa: [friday], default: [sunday]}", "a key of weekends is 'sa', not a country (did you mean SA?", 12),
    ("weekends: {UK: [friday], default: [sunday]}", "did you mean GB?", 12),
    ("weekends: {default: [sunday, sunday]}", "weekends.default[2] says sunday twice", 30),
    ("weekends: {default: [monday, tuesday, friday, sunday]}", "has 4 days (a weekend has at most 3", 47),
    ("weekends: {default: []}", "weekends.default is empty", 21),
    ("weekends: {default: sunday}", "weekends.default must be a list", 21),
    ("weekends: [friday]", "weekends must be a section", 11),
    ("weekends: quiet", "weekends must be a section", 11),
    ("blackouts: [{from: 2027-02-29, to: 2027-03-03, why: x}]", "blackouts[1].from is 2027-02-29, a day that there is not", 20),
    ("blackouts: [{from: 29 February, to: 2027-03-03, why: x}]", "is '29 February', not a day (write year, month and day", 20),
    ("blackouts: [{from: 2027-13-01, to: 2027-03-03, why: x}]", "a month that there is not", 20),
    ("blackouts: [{from: ٢٠٢٧-٠٣-٠١, to: 2027-03-03, why: x}]", "blackouts[1].from is ٢٠٢٧-٠٣-٠١ (write 2027-03-01", 20),
    (
        "blackouts: [{from: 2027-03-01, to: 1448-10-01, why: x}]",
        "to is 1448-10-01, by the Hijri calendar as it seems (write the Gregorian",
        36,
    ),
    ("blackouts: [{from: 27-03-01, to: 2027-03-03, why: x}]", "is '27-03-01', not a day", 20),
    ("blackouts: [{from: 2127-03-01, to: 2127-03-03, why: x}]", "write a day from 2000-01-01 to 2076-12-31", 20),
    ("blackouts: [{from: 2027-03-03, to: 2027-03-01, why: x}]", "blackouts[1].to is 2027-03-01, before 2027-03-03", 36),
    ("blackouts: [{from: 2027-03-01, to: 2027-03-03}]", "blackouts[1].why is missing", 13),
    ("blackouts: [{form: 2027-03-01, to: 2027-03-03, why: x}]", "unknown key 'form' in blackouts[1] (did you mean from?", 14),
    ("blackouts: [{from: 2027-03-01, to: 2027-03-03, why: x, countries: [XX]}]", "blackouts[1].countries[1] is 'XX', not a country", 68),
    ("blackouts: [{from: 2027-03-01, to: 2027-03-03, why: x, countries: []}]", "blackouts[1].countries is empty", 67),
    ("blackouts: {from: 2027-03-01, to: 2027-03-03, why: x}", "blackouts must be a list", 12),
    (
        "blackouts: [{from: 2027-03-01, to: 2027-03-03, why: x}, {from: 2027-03-03, to: 2027-03-04, why: y, countries: [SA]}]",
        "blackouts[2] overlaps with 2027-03-01 to 2027-03-03",
        57,
    ),
    ("occasions: [{name: eid_alfitr, countries: [SA]}]", "occasions[1].name is 'eid_alfitr' (did you mean eid_al_fitr?", 20),
    ("occasions: [{name: eid_al_fitr}]", "occasions[1].countries is missing", 13),
    ("occasions: [{name: eid_al_fitr, countries: [KSA]}]", "occasions[1].countries[1] is 'KSA', not a country", 45),
    ("occasions: [{name: eid_al_fitr, countries: [SA], days: 32}]", "occasions[1].days is '32' (write a whole number from 1 to 31)", 56),
    (
        "occasions: [{name: eid_al_fitr, countries: [SA], dates: {2027: 2027-03-09}}]",
        "has dates that nobody stands for (add `confirmed",
        13,
    ),
    (
        "occasions: [{name: eid_al_fitr, countries: [SA], dates: {2027: 2027-05-09}, confirmed_by: mariam@bayan.example}]",
        "occasions[1].dates.2027 is 2027-05-09, but the calendar says 2027-03-09",
        64,
    ),
    (
        "occasions: [{name: eid_al_fitr, countries: [SA], dates: {2028: 2027-03-09}, confirmed_by: mariam@bayan.example}]",
        "occasions[1].dates.2028 is 2027-03-09, which is not in 2028",
        64,
    ),
    (
        "occasions: [{name: eid_al_fitr, countries: [SA], dates: {1448: 2027-03-09}, confirmed_by: mariam@bayan.example}]",
        "a key of occasions[1].dates is '1448' (write a whole number from 2000",
        58,
    ),
    (
        "occasions: [{name: eid_al_fitr, countries: [SA], dates: {2027: 2027-03-09}, confirmed_by: omar@bayan.example}]",
        "occasions[1].confirmed_by is omar@bayan.example, who is not among people",
        91,
    ),
    ("occasions: [{name: mawlid, countries: [SA, AE]}, {name: mawlid, countries: [AE]}]", "occasions[2] says mawlid for AE again", 50),
    ("limits: {rate: 300/min}", "limits.rate is '300/min' (write how many in what time such as 300 per minute)", 16),
]
FLOW_ROWS = [
    ("weekends: quite", "weekends is 'quite' (did you mean quiet? allowed: quiet, send)", 11),
    ("weekends: quiet", "weekends is quiet, and company.yaml names no weekends (add `weekends: {default", 11),
    ("limits: {rate: 0 per minute}", "limits.rate is '0 per minute'", 16),
    ("limits: {rate: [300 per minute]}", "limits.rate is ", 16),
    ("limits: {rate: ٣٠٠ per minute}", "limits.rate is '٣٠٠ per minute'", 16),
    ("silence: off", "silence must be a section", 10),
    ("silence: {after: 2, slower: 2, stop: 4}", "silence.slower is '2' (write 2x", 29),
    ("silence: {after: 2, slower: 0.5x, stop: 4}", "silence.slower is '0.5x'", 29),
    ("silence: {after: 2, slower: ٢x, stop: 4}", "has ٢x in other digits than 0 to 9 (write 2x)", 29),
    ("silence: {after: 4, slower: 2x, stop: 4}", "silence.stop is 4, no more than `after` (write a number above 4)", 39),
    ("silence: {after: 1, slower: 2x, stop: 4}", "silence.after is '1' (write a whole number from 2", 18),
    ("silence: {after: 2, slower: 2x}", "silence.stop is missing", 1),
    ("priority: high", "priority is 'high' (write a whole number from 1 to 100)", 11),
    ("priority: 0", "priority is '0'", 11),
    ("priority: 101", "priority is '101'", 11),
    ("exclusive_group: my group", "exclusive_group is 'my group' (write English letters", 18),
    ("exclusive_group: [education]", "exclusive_group is a list or section", 18),
    ("exclusive-group: education", "unknown key 'exclusive-group' (did you mean exclusive_group?", 1),
]


def _refused(folder: Path, name: str, line: str, said: str, column: int) -> None:
    path = folder / f"{name}.yaml"
    at = len(path.read_text(encoding="utf-8").splitlines()) + 1
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_flow(folder, "welcome", load_company(folder))
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert (here[0].path, here[0].line, here[0].column) == (str(path), at, column)


@pytest.mark.parametrize(("line", "said", "column"), COMPANY_ROWS)
def test_a_wrong_line_of_the_company_is_refused_at_its_place(folder: Path, line: str, said: str, column: int) -> None:
    _refused(folder, "company", line, said, column)


@pytest.mark.parametrize(("line", "said", "column"), FLOW_ROWS)
def test_a_wrong_line_of_the_flow_is_refused_at_its_place(folder: Path, line: str, said: str, column: int) -> None:
    _refused(folder, "welcome", line, said, column)


def test_a_list_of_nothing_but_mistakes_is_not_called_empty_besides(folder: Path) -> None:
    path = folder / "company.yaml"
    path.write_text(path.read_text() + "weekends: {default: [fryday]}\n")
    with pytest.raises(ConfigError) as caught:
        load_company(folder)
    assert len(caught.value.problems) == 1
