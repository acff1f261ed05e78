"""CSV files as people and their spreadsheets write them: read as they are, written back as they were."""

from __future__ import annotations

import csv
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.crm.csv_folder.file import Overtaken, read_saved, replace
from connectors.crm.csv_folder.sheet import Damaged, as_cell, as_read, read_sheet

COLUMNS = ("email", "name")


@pytest.mark.parametrize(
    "content",
    [
        b"email,name\r\nmona@example.com,Mona\r\n",
        '\ufeffemail;name;ملاحظات\nmona@example.com;منى;"a\nb"\n'.encode(),
        b"\xef\xbb\xbfname\temail\r\nMona\tmona@example.com\r\n\r\n",
        b'email,name,\r\nmona@example.com,"=1+1, or so",kept\r\n,no address,\r\n',
    ],
)
def test_a_file_that_nothing_is_set_in_comes_back_as_it_was(content: bytes) -> None:
    sheet = read_sheet(content, "email", COLUMNS)
    assert [row["email"] for _, row in sheet.rows("email")] == ["mona@example.com"]
    again = read_sheet(sheet.to_bytes(), "email", COLUMNS)
    assert (again, sheet.changed) == (sheet, False)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("الاسم,email\r\n".encode("cp1256"), "UTF-8"),
        (b'email,name\r\nmona@example.com,"Mo', "still being saved"),
        (b"email,name\r\nmona@exam\0\0\0\0", "still being saved"),
        (b"name,phone\r\nMona,1\r\n", "one column 'email'"),
        (b"email,name,name\r\nm@example.com,a,b\r\n", "no column twice"),
    ],
)
def test_what_can_not_be_read_is_said(content: bytes, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        read_sheet(content, "email", COLUMNS)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_whatever_is_set_comes_back_and_no_spreadsheet_runs_it(values: list[str]) -> None:
    sheet = read_sheet(b"", "email", COLUMNS)
    for number, value in enumerate(values):
        sheet.add({"email": f"m{number}@example.com", "name": as_cell(value)})
    again = read_sheet(sheet.to_bytes(), "email", COLUMNS)
    assert [row["name"] for _, row in again.rows("email")] == [as_read(as_cell(value)) for value in values]
    text = sheet.to_bytes().decode("utf-8-sig")
    assert not [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"

    def slowly() -> None:
        with path.open("wb", buffering=0) as file:
            for part in (b"email,na", b"me\r\nmona@example.", b"com,Mona\r\n"):
                file.write(part)
                threading.Event().wait(0.08)

    writer = threading.Thread(target=slowly)
    writer.start()
    while not path.exists():
        threading.Event().wait(0.005)
    saved = read_saved(path)
    writer.join()
    assert saved.content == b"email,name\r\nmona@example.com,Mona\r\n"


def test_a_save_since_it_was_read_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"old")
    os.utime(path, (1, 1))
    saved = read_saved(path)
    path.write_bytes(b"hers")
    with pytest.raises(Overtaken):
        replace(saved, b"ours")
    assert path.read_bytes() == b"hers"
    assert not [file.name for file in tmp_path.iterdir() if file.name.endswith(str(os.getpid()))]


def test_a_file_taken_away_by_somebody_who_died_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"email\r\n")
    os.utime(path, (1, 1))
    path.rename(tmp_path / ".people.csv.before")
    assert read_saved(path).content == b"email\r\n"
    assert path.exists()
