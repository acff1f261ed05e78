from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from connectors.forms.files import read_file, write_rejects
from offswitch.model.submission import Reject, Submission

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_stands_with_where_and_why_in_front(tmp_path: Path) -> None:
    rejects = [
        Reject("a.csv:2", "email is missing", {"id": "1", "name": "سارة"}),
        Reject("a.csv:7", "id is missing", {"email": "a@example.com"}),
    ]
    assert write_rejects(rejects, tmp_path / "rejects.csv") == 2
    assert table(tmp_path / "rejects.csv") == [
        {"reject_where": "a.csv:2", "reject_reason": "email is missing", "id": "1", "name": "سارة", "email": ""},
        {"reject_where": "a.csv:7", "reject_reason": "id is missing", "id": "", "name": "", "email": "a@example.com"},
    ]


def test_no_cell_begins_a_formula(tmp_path: Path) -> None:
    write_rejects([Reject("a", "b", {"=cmd": "=1+1", "name": "@x", "phone": "+966", "n": "-1", "ok": "a=b"})], tmp_path / "r.csv")
    (row,) = table(tmp_path / "r.csv")
    assert [row["'=cmd"], row["name"], row["phone"], row["n"], row["ok"]] == ["'=1+1", "'@x", "'+966", "'-1", "a=b"]


def test_what_was_mended_can_be_read_again(tmp_path: Path) -> None:
    nested = {
        "id": "1",
        "contact": {"email": "wrong", "name": "Sara", "phone": "+966501234567"},
        "consent": {"marketing": True, "wording": "ok"},
        "data": {"utm": "x"},
    }
    write_rejects([Reject("webhook", "email is not an address", nested)], tmp_path / "r.csv")
    mended = tmp_path / "mended.csv"
    mended.write_text((tmp_path / "r.csv").read_text(encoding="utf-8-sig").replace("wrong", "sara@example.com"))
    (found,) = read_file(mended, now=NOW, default_kind="form.submitted", known_kinds=["form.submitted"])
    assert isinstance(found, Submission)
    assert (found.email, found.contact, found.data) == ("sara@example.com", {"name": "Sara", "phone": "+966501234567"}, {"utm": "x"})
    assert [consent.wording for consent in found.consent] == ["ok"]


def test_rejects_are_for_their_owners_eyes(tmp_path: Path) -> None:
    write_rejects([], tmp_path / "r.csv")
    assert (tmp_path / "r.csv").stat().st_mode & 0o077 == 0


def test_bytes_that_were_no_text_are_written_as_question_marks(tmp_path: Path) -> None:
    write_rejects([Reject("a:1", "the row is not UTF-8", {"name": "\udcd3"})], tmp_path / "r.csv")
    assert table(tmp_path / "r.csv")[0]["name"] == "?"
