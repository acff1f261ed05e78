from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.forms.files import read_file
from offswitch.errors import ConfigError
from offswitch.model.submission import Reject, Submission

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
Found = list[Submission | Reject]


def stream(path: Path | str) -> Iterator[Submission | Reject]:
    return read_file(path, now=NOW, default_kind="form.submitted", known_kinds=["form.submitted"])


def read(folder: Path, content: str | bytes, name: str = "leads.csv") -> Found:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(stream(path))


def ids(found: Found) -> list[str]:
    return [one.id if isinstance(one, Submission) else f"{one.where.rpartition(':')[2]}: {one.reason}" for one in found]


def spoilt(folder: Path, content: str | bytes, name: str = "leads.csv") -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, content, name)
    return str(caught.value)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_whatever_program_saved_it(tmp_path: Path, mark: str, bom: bytes, end: str) -> None:
    text = end.join(["ID,Email,name,consent,utm", "1,sara@example.com,سارة,نعم,spring", ""]).replace(",", mark)
    (found,) = read(tmp_path, bom + text.encode())
    assert isinstance(found, Submission)
    assert found.source == f"{tmp_path}/leads.csv:2"
    assert found.contact == {"name": "سارة"}
    assert found.data == {"utm": "spring"}
    assert [consent.purpose for consent in found.consent] == ["marketing"]


def test_a_bad_row_is_turned_away_with_its_line_and_the_others_go_on(tmp_path: Path) -> None:
    text = 'id,email,message\n1,a@example.com,"two\nlines"\n2,bad,x\n\n3,a@example.com\n4,a@example.com,x,y\n5,a@example.com,ok\n'
    assert ids(read(tmp_path, text)) == [
        "1",
        "4: email is not an address: An email address must have an @-sign.",
        "6: the row has 2 cells, the header 3",
        "7: the row has 4 cells, the header 3",
        "5",
    ]


def test_a_quotation_mark_left_open_is_found_at_its_line(tmp_path: Path) -> None:
    found = ids(read(tmp_path, 'id,email,note\n1,a@example.com,x\n2,a@example.com,"open\n3,a@example.com,y\n'))
    assert found[0] == "1"
    assert found[1].startswith("3: the row can't be read: unexpected end of data")
    assert len(found) == 2


def test_a_row_in_another_encoding_is_turned_away_alone(tmp_path: Path) -> None:
    content = b"id,email,name\n1,a@example.com,Sara\n2,b@example.com," + "سارة".encode("cp1256") + b"\n3,c@example.com,x\n"
    assert ids(read(tmp_path, content)) == ["1", "3: the row is not UTF-8", "3"]


def test_empty_columns_at_the_end_do_no_harm_and_full_ones_are_told(tmp_path: Path) -> None:
    assert ids(read(tmp_path, "id,email,,\n1,a@example.com,,\n2,a@example.com,x,\n")) == ["1", "3: the row has a cell under no column name"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "leads.csv: the file is empty"),
        ("\n \n", "leads.csv: the file is empty"),
        ("id,e-mail\n1,a@example.com\n", "leads.csv:1:1: there is no column 'email' (did you mean e-mail?)"),
        ("\n\nemail\na@example.com\n", "leads.csv:3:1: there is no column 'id'"),
        ("id,email,Email\n", "leads.csv:1:1: the header names 'email' 2 times"),
        ("id,email\n".encode("utf-16"), "leads.csv:1:1: the file is not UTF-8 (save it as CSV UTF-8 and try again)"),
        ("id,email,الاسم\n".encode("cp1256"), "the file is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "the file is not UTF-8"),
    ],
)
def test_what_spoils_the_whole_table_is_said_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in spoilt(tmp_path, content)


def test_a_file_that_is_not_there_or_a_folder_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ConfigError, match="the file can't be read: "):
            list(stream(path))


def test_json_lines_are_read_one_by_one(tmp_path: Path) -> None:
    text = '{"id": "1", "email": "a@example.com"}\n{"id": "2"\n\n[1]\n{"id": NaN}\n{"id": "3", "email": "a@example.com"}'
    found = ids(read(tmp_path, text, "leads.jsonl"))
    assert found[0] == "1"
    assert found[1].startswith("2: the row is not JSON")
    assert found[2:] == ["4: the row is not a JSON object", "5: the row has NaN, which is no number", "3"]


def test_an_object_over_several_lines_is_one_form(tmp_path: Path) -> None:
    assert ids(read(tmp_path, '\n{\n  "id": "1",\n  "email": "a@example.com"\n}\n', "lead.json")) == ["1"]


def test_a_list_goes_on_after_an_element_that_is_no_json(tmp_path: Path) -> None:
    text = '[\n {"id": "1", "email": "a@example.com", "name": "a,]\\"[b"},\n {"id": ,},\n\n {"id": "2",\n "email": "a@example.com"}, 7\n]\n'
    found = ids(read(tmp_path, text, "leads.json"))
    assert [found[0], found[2], found[3]] == ["1", "2", "6: the row is not a JSON object"]
    assert found[1].startswith("3: the row is not JSON")


@pytest.mark.parametrize(
    ("text", "said"), [("[{}", "the list is not closed"), ("[] x", "something follows the list"), ('["', "not closed")]
)
def test_a_list_that_does_not_end_is_said_so(tmp_path: Path, text: str, said: str) -> None:
    assert said in spoilt(tmp_path, text, "leads.json")


def test_an_empty_list_holds_no_forms(tmp_path: Path) -> None:
    assert read(tmp_path, "[ ]", "leads.json") == []


def test_standard_input_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"id,email\n1,a@example.com\n2,b\n")))
    assert ids(list(stream("-"))) == ["1", "3: email is not an address: An email address must have an @-sign."]


def test_a_large_table_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,email\n" + "1,a@example.com\n" * 200_000)
    assert isinstance(next(stream(path)), Submission)
