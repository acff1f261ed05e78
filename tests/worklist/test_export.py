from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from offswitch.model.cells import plain_cell
from offswitch.model.work import Draft, WorkItem
from offswitch.worklist.export import COLUMNS, as_json, write_csv
from tests.worklist.items import NOW, draft, item

DOCS = (Path(__file__).parents[2] / "docs" / "worklist.md").read_text(encoding="utf-8")


def written(items: list[WorkItem], now: datetime) -> str:
    out = io.StringIO()
    write_csv(out, items, now)
    return out.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def documented(heading: str) -> list[str]:
    """The names in the first column of the table below a heading of docs/worklist.md."""
    section = DOCS.partition(f"\n{heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_a_csv_has_one_line_per_item_with_the_draft_ready_to_copy() -> None:
    (row,) = rows(written([item()], NOW))
    assert row["id"] == "a1b2c3d4"
    assert (row["due"], row["overdue"]) == ("2026-11-22T06:00+00:00", "yes")
    assert row["text"] == "Hello Mona,\n\nit arrived.\n"
    assert row["outcomes"] == "done, skip"
    assert row["kind"] == "by_hand"


def test_times_are_on_the_readers_wall_with_their_offset() -> None:
    (row,) = rows(written([item()], NOW.astimezone(ZoneInfo("Asia/Riyadh"))))
    assert row["due"] == "2026-11-22T09:00+03:00"


def test_a_csv_keeps_arabic_commas_quotes_and_line_breaks() -> None:
    name = 'فاطمة "الزهراء", البلوشي\nو'
    (row,) = rows(written([item(name=name, drafts=(draft(subject="وصلتنا رسالتك،"),))], NOW))
    assert row["name"] == name
    assert row["subject"] == "وصلتنا رسالتك،"


@pytest.mark.parametrize("bad", ['=HYPERLINK("http://x.example";"a")', "+1", "-1", "@SUM(1)", "\t=1", "＝1"])
def test_no_cell_can_act_as_a_formula_whatever_anything_is_called(bad: str) -> None:
    texts = {field.name: bad for field in fields(WorkItem) if type(getattr(item(), field.name)) is str}
    made = item(**texts, drafts=(draft(subject=bad, text=bad),), changes=(bad,), outcomes=(bad,), only_if=(bad,))
    (row,) = rows(written([made], NOW))
    assert not [column for column, cell in row.items() if cell.startswith(bad[0])]
    assert {row[column] for column in ("name", "subject", "text", "runbook", "follows", "only_if")} == {f"'{bad}"}
    assert plain_cell(row["name"]) == bad


def test_an_empty_list_is_a_head_line_and_nothing_else() -> None:
    assert written([], NOW) == ",".join(COLUMNS) + "\r\n"
    assert as_json([], NOW) == {"schema": "offswitch.worklist/1", "items": []}


def test_json_needs_no_special_encoder_and_says_times_in_iso_8601() -> None:
    (made,) = json.loads(json.dumps(as_json([item()], NOW)))["items"]
    assert datetime.fromisoformat(made["due"]) == item().due
    assert made["drafts"][0]["subject"] == "Your form arrived"
    assert made["facts"] == {"form.submitted": {"message": "Where do I start?"}}


def test_the_documented_fields_of_an_item_are_the_actual_ones() -> None:
    assert documented("### An item") == list(as_json([item()], NOW)["items"][0])
    assert documented("### A draft") == [field.name for field in fields(Draft)]


def test_the_documented_columns_are_the_actual_ones() -> None:
    assert documented("## The CSV file") == list(COLUMNS)


def test_the_documents_example_is_what_the_program_makes() -> None:
    example = json.loads(DOCS.partition("```json\n")[2].partition("```")[0])
    (made,) = example["items"]
    assert example["schema"] == as_json([], NOW)["schema"]
    assert list(made) == list(as_json([item()], NOW)["items"][0])
    assert list(made["drafts"][0]) == list(as_json([item()], NOW)["items"][0]["drafts"][0])
