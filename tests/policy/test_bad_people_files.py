"""Every way we know to spoil what people decide: classes, amounts, mass and approvals; and where and how it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import load_company, load_flow

ROWS = [  # the line that is added, what is said, at which column
    ("humans_decide: none", "is 'none', and people always decide decision, offer, price, closing, compensation", 16),
    ("humans_decide: off", "take the line out, or add words of your own such as [public_apology]", 16),
    ("humans_decide: []", "is an empty list, and people always decide", 16),
    ("humans_decide: {offer: no}", "humans_decide must be a list", 16),
    ("humans_decide: [[offer]]", "humans_decide[1] is a list or section", 17),
    ("humans_decide: [offer, offers]", "humans_decide[2] is 'offers' (did you mean offer?", 24),
    ("humans_decide: [Public]", "humans_decide[1] is 'Public' (a word of your own has small English letters", 17),
    ("humans_decide: [none]", "humans_decide[1] is 'none'", 17),
    ("mass: any", "mass is 'any' (write how many in what time such as 500 per day; for more a second approver", 7),
    ("mass: 0 per day", "mass is '0 per day'", 7),
    ("mass: 500", "mass is '500'", 7),
    ("mass: ٥٠٠ per day", "mass is '٥٠٠ per day'", 7),
    ("mass: 500 per fortnight", "mass is '500 per fortnight'", 7),
    ("approved_for: 2y", "approved_for is '2y' (write seconds, minutes, hours or days", 15),
    ("approved_for: never", "approved_for is 'never'", 15),
    ("approved_growth: 0.5", "approved_growth is '0.5' (write a percentage from 0% to 1000% such as 50%, or any)", 18),
    ("approved_growth: -5%", "approved_growth is '-5%'", 18),
    ("approved_growth: 1001%", "approved_growth is '1001%'", 18),
]
COMPANY_ROWS = [
    ("authority: none", "authority must be a section", 12),
    ("authority: {operater: {offer: any}}", "a key of authority is 'operater' (did you mean operator?", 13),
    ("authority: {operator: {ofer: any}}", "is 'ofer' (did you mean offer?", 24),
    ("authority: {operator: {public_apology: any}}", "is a class that nothing declares (did you mean public_reply?", 40),
    (
        "authority: {operator: {compensation: 200}}",
        "authority.operator.compensation is '200' (write a number and a currency such as 500 SAR",
        38,
    ),
    ("authority: {operator: {compensation: 200 sar}}", "has sar, which is no currency (did you mean SAR?", 38),
    ("authority: {operator: {compensation: 200 SAX}}", "has SAX, which is no currency (write the three letters of ISO 4217", 38),
    ("authority: {operator: {compensation: 2,000 SAR}}", "is '000 SAR' (in {…} a comma ends a value: write 2000 SAR", 40),
    (
        "authority: {operator: {compensation: 2.000 SAR}}",
        "is '2.000 SAR' (SAR has at most 2 decimals; thousands are set apart by a comma",
        38,
    ),
    ("authority: {operator: {compensation: ٢٠٠ SAR}}", "is '٢٠٠ SAR' (write 200 SAR, with the digits 0 to 9", 38),
    ("authority: {operator: {compensation: -1 SAR}}", "is '-1 SAR'", 38),
    ("authority: {operator: {compensation: [1 SAR]}}", "is a list or section (write a number and a currency", 38),
]


def _spoilt(path: Path, line: str) -> int:
    path.write_text(path.read_text("utf-8") + line + "\n", encoding="utf-8")
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize(("line", "said", "column"), ROWS + COMPANY_ROWS)
def test_a_spoilt_company_file_is_refused_at_its_place(folder: Path, line: str, said: str, column: int) -> None:
    number = _spoilt(folder / "company.yaml", line)
    with pytest.raises(ConfigError) as caught:
        load_company(folder)
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert (here[0].line, here[0].column) == (number, column)


@pytest.mark.parametrize(("line", "said", "column"), ROWS)
def test_a_spoilt_flow_file_is_refused_at_its_place(folder: Path, line: str, said: str, column: int) -> None:
    company, number = load_company(folder), _spoilt(folder / "welcome.yaml", line)
    with pytest.raises(ConfigError) as caught:
        load_flow(folder, "welcome", company)
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert (here[0].line, here[0].column) == (number, column)
