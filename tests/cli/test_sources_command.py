"""`offswitch sources`, its preview, and files that a source maps."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offswitch.cli import verbs

ROOT = Path(__file__).parents[2]
PAYLOADS = ROOT / "tests/connectors/payloads"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("HOME", tmp_path / "home"),
        ("FLOWS", ROOT / "flows"),
        ("SOURCES", ROOT / "sources"),
        ("POLICIES", ROOT / "policies"),
    ):
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(value))
    monkeypatch.setenv("OFFSWITCH_MESSAGES", str(ROOT / "messages"))
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(verbs, [str(word) for word in words])


def told(*words: object) -> Any:
    return json.loads(run(*words, "--json").stdout)


def events(folder: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(folder / "home/ledger.sqlite")
    try:
        return connection.execute("SELECT id, kind FROM events ORDER BY id").fetchall()
    finally:
        connection.close()


@pytest.mark.usefixtures("folder")
def test_every_source_is_listed_with_its_signature_its_secret_and_its_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_HOOK_SECRETS_STRIPE", "whsec_one-secret whsec_two-secret")
    listed = run("sources").output.splitlines()
    assert listed[0].split() == ["source", "signature", "secrets", "events"]
    assert ["stripe", "stripe", "2", "donation.refunded"] in [line.split() for line in listed]
    assert ["tally", "tally", "missing", "form.submitted"] in [line.split() for line in listed]
    assert max(map(len, listed)) <= 80
    assert "whsec" not in str(told("sources"))


def test_a_preview_shows_what_each_field_becomes_within_80_columns_and_stores_nothing(folder: Path) -> None:
    shown = run("sources", "preview", "stripe", PAYLOADS / "stripe_charge.json")
    lines = shown.output.splitlines()
    assert (shown.exit_code, lines[0]) == (0, "1. donation.succeeded")
    assert "   contact.name      سارة الحداد" in lines
    place = lines.index("   data.amount       12.345")
    assert lines[place + 1].split() == ["from", "12345"]
    assert max(map(len, lines)) <= 80
    assert not (folder / "home").exists()


@pytest.mark.usefixtures("folder")
def test_a_preview_in_json_has_what_came_and_what_is_taken() -> None:
    [first, second] = told("sources", "preview", "google_forms", PAYLOADS / "google_forms.csv")
    assert first["fields"]["contact.phone"] == {"came": "0501234567", "is": "+966501234567"}
    assert first["fields"]["data.message"] == {"came": "كيف أساعد؟", "is": "كيف أساعد؟"}
    assert second["event"] == "form.submitted"


def test_a_preview_says_why_something_is_not_taken_or_left_out(folder: Path) -> None:
    sample = folder / "gift.json"
    gift = json.loads((PAYLOADS / "donation.json").read_text("utf-8"))
    sample.write_text(json.dumps(gift | {"amount": "much", "donor": {"email": "nobody", "phone": "12"}}))
    shown = run("sources", "preview", "donation", sample)
    assert shown.exit_code == 1
    assert "   ! not taken: data.amount: a text stands where a number is wanted" in shown.output
    sample.write_text(json.dumps(gift | {"donor": gift["donor"] | {"phone": "12"}}))
    assert "   ! phone was left out: it is not a number that can be dialled" in run("sources", "preview", "donation", sample).output
    sample.write_text(json.dumps(gift | {"type": "donation.pledged"}))
    assert "ignored" in run("sources", "preview", "donation", sample).output


@pytest.mark.usefixtures("folder")
def test_a_body_as_it_was_posted_can_be_previewed() -> None:
    assert told("sources", "preview", "jotform", PAYLOADS / "jotform.multipart")[0]["event"] == "form.submitted"


@pytest.mark.parametrize(("name", "said"), [("nothing", "see `offswitch sources`"), ("broken", "did you mean stripe?")])
def test_a_source_that_is_not_there_or_broken_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    (folder / "sources").mkdir()
    (folder / "sources/broken.yaml").write_text("signature: stipe\n")
    monkeypatch.setenv("OFFSWITCH_SOURCES", "sources")
    result = run("sources", "preview", name, PAYLOADS / "tally.json")
    assert said in str(result.exception)


def test_check_and_the_list_report_broken_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sources").mkdir()
    (folder / "sources/broken.yaml").write_text("signature: stipe\nevent: form.submitted\ncontact: {email: email}\n")
    (folder / "sources/My Shop.yml").write_text("signature: stripe\n")
    monkeypatch.setenv("OFFSWITCH_SOURCES", "sources")
    for said in (run("check").output, str(run("sources").exception)):
        assert "sources/broken.yaml:1:12: signature is stipe (did you mean stripe?" in said
        assert "sources/My Shop.yml: is not read, because of its name" in said


def test_a_file_is_mapped_by_its_source_and_taken_once(folder: Path) -> None:
    for new, known in ((2, 0), (0, 2)):
        found = told("intake", PAYLOADS / "google_forms.csv", "--source", "google_forms")
        assert (found["new"], found["known"], found["rejected"]) == (new, known, 0)
    names = ["google_forms:21/11/2026 12:05:40 sara@example.com", "google_forms:21/11/2026 12:06:02 omar@example.com"]
    assert events(folder) == [(name, "form.submitted") for name in names]


def test_what_was_not_taken_is_mended_and_read_as_what_it_has_become(folder: Path) -> None:
    sheet = folder / "answers.csv"
    sheet.write_text("Timestamp,Email Address,Full name\n21/11/2026 12:05:40,sara at example.com,Sara\n", encoding="utf-8")
    found = told("intake", sheet, "--source", "google_forms")
    assert (found["new"], found["rejected"]) == (0, 1)
    rejected = Path(found["rejects"])
    text = rejected.read_text("utf-8-sig")
    assert "email is not an address" in text
    rejected.write_text(text.replace("sara at example.com", "sara@example.com"), encoding="utf-8")
    assert told("intake", rejected, "--source", "google_forms")["new"] == 1
    assert events(folder) == [("google_forms:21/11/2026 12:05:40 sara@example.com", "form.submitted")]
