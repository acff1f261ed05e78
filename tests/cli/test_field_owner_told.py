"""`offswitch check` says where a flow writes what is not its own."""

from __future__ import annotations

import pytest

from offswitch.cli.check import advise
from tests.cli.conftest import Shop


@pytest.mark.parametrize(
    ("owner", "said"),
    [("people", ["stage belongs to people: this writes it only while it is empty"]), ("crm", ["this writes nothing"]), ("machine", [])],
)
def test_a_write_to_a_field_of_somebody_else_is_remarked_at_its_line(shop: Shop, owner: str, said: list[str]) -> None:
    company = shop.path.with_name("company.yaml")
    company.write_text(company.read_text("utf-8") + f"\nfield_owner: {{stage: {owner}}}\n", "utf-8")
    found = [one for one in advise(shop.project) if one.path.endswith("welcome.py")]
    assert len(found) == len(said)
    assert all(words in one.what and one.line > 1 for words, one in zip(said, found, strict=True))
