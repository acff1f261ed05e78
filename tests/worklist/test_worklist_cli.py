from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from offswitch.act.run import run
from offswitch.cli import verbs
from offswitch.clock import SystemClock
from offswitch.intake.receive import receive
from offswitch.model.submission import Submission
from offswitch.project.project import Project
from tests.worklist.people import LINA, OMAR

ROOT = Path(__file__).parents[2]
PEOPLE = {
    "mona": {"name": "Mona Haddad", "language": "en"},
    "huda": {"name": "هدى " + "الزهراني " * 6, "language": "ar"},
    "evil": {"name": "=1+1 <script>", "language": "en"},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The sample project as it is shipped: every flow off. Three people have filled in the form."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("approvals"))
    places = {"HOME": tmp_path / "state", "POLICIES": tmp_path / "policies", "MESSAGES": ROOT / "messages", "FLOWS": ROOT / "flows"}
    for name, place in places.items():
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(place))
    monkeypatch.setenv("OFFSWITCH_USER", LINA)
    monkeypatch.chdir(tmp_path)
    made, now = Project(), datetime.now(UTC)
    with made.ledger.write() as book:
        for key, contact in PEOPLE.items():
            form = Submission(key, "form.submitted", now, "t", f"{key}@example.com", {**contact, "country": "SA"}, (), {}, key)
            receive(book, form, now)
    with made.desk(made.flows.get("welcome")) as desk:
        run(desk)
    yield made
    made.ledger.close()


def call(*words: str) -> Result:
    return CliRunner().invoke(verbs, ["worklist", *words])


def listed() -> list[dict[str, Any]]:
    done = call("list", "--json")
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)["items"]
    return found


def item_of(who: str) -> str:
    return str(next(item["id"] for item in listed() if item["reach"].startswith(who)))


@pytest.mark.usefixtures("project")
def test_the_list_fits_80_columns_and_says_who_and_what() -> None:
    lines = call().stdout.splitlines()
    assert lines[0].split() == ["ITEM", "DUE", "FLOW", "WHO", "WHAT"]
    assert max(cell_len(line) for line in lines) <= 80
    assert sum("send confirm" in line for line in lines) == 3
    assert lines[-1].startswith("3 items, about 9 minutes.")


@pytest.mark.usefixtures("project")
def test_nothing_to_do_is_said_so() -> None:
    assert call("list", "donor_thanks").stdout == "Nothing to do: the worklist is empty.\n"


@pytest.mark.usefixtures("project")
def test_show_has_the_draft_the_answers_and_the_runbook() -> None:
    text = call("show", item_of("huda")).stdout
    for words in ("Subject: وصلتنا رسالتك", "مرحبًا هدى", "Runbook", "In doubt whether a mail has gone out"):
        assert words in text


@pytest.mark.usefixtures("project")
def test_done_takes_the_item_from_the_list_and_says_who_did_it() -> None:
    item = item_of("mona")
    answer = json.loads(call("done", item, "--by", OMAR, "--minutes", "2", "--json").stdout)
    assert answer == {"item": item, "outcome": "done", "by": OMAR, "who": "Mona Haddad"}
    assert item not in [found["id"] for found in listed()]
    refused = call("done", item)
    assert refused.exit_code == 1
    assert "no open item" in str(refused.exception)


@pytest.mark.usefixtures("project")
def test_who_is_not_among_the_people_is_asked_whether_they_meant_somebody_else() -> None:
    refused = call("done", item_of("mona"), "--by", "line@bayan.example")
    assert refused.exit_code == 1
    assert f"did you mean {LINA}" in str(refused.exception)
    assert len(listed()) == 3


@pytest.mark.usefixtures("project")
def test_a_taken_item_shows_its_owner_and_is_not_done_by_others() -> None:
    item = item_of("mona")
    assert call("take", item).exit_code == 0
    assert "[lina]" in call("list").stdout
    assert f"taken by  {LINA}" in call("show", item).stdout
    assert call("skip", item, "--by", OMAR, "--why", "no").exit_code == 1
    assert call("give-back", item).exit_code == 0
    assert call("skip", item, "--by", OMAR, "--why", "no").exit_code == 0


@pytest.mark.usefixtures("project")
def test_show_fits_80_columns_and_has_the_command_for_each_answer() -> None:
    item = item_of("evil")
    lines = call("show", item).stdout.splitlines()
    ours = [*lines[: lines.index("")], *lines[lines.index("Your answer (your own address for YOU)") :]]  # the draft stays as it is
    assert max(cell_len(line) for line in ours) <= 80
    for answer in ("take", "done", "skip"):
        assert any(line.startswith(f"  offswitch worklist {answer} {item} --by YOU") for line in lines)
    assert any(line.startswith("  due") and "(Asia/Riyadh): now" in line for line in lines)


@pytest.mark.usefixtures("project")
def test_what_is_overdue_is_said_so_and_can_be_listed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(SystemClock, "now", lambda _self: at)
    assert call("list", "--overdue").stdout.count("2 h late") == 3
    assert "3 items, 3 overdue, about 9 minutes." in call("list").stdout
    assert {(item["overdue"], item["late_minutes"]) for item in listed()} == {(True, 120)}
    status = CliRunner().invoke(verbs, ["status"]).stdout
    assert "overdue with people: welcome 3; see `offswitch worklist list --overdue`" in status


@pytest.mark.usefixtures("project")
def test_an_item_of_an_absent_colleague_is_taken_over_by_an_approver_with_a_reason() -> None:
    item = item_of("mona")
    call("take", item, "--by", LINA)
    assert call("take", item, "--by", OMAR, "--from-owner").exit_code == 1
    done = call("take", item, "--by", OMAR, "--from-owner", "--why", "Lina is ill")
    assert done.stdout == "take-over: send confirm, Mona Haddad\n"
    assert f"taken by  {OMAR}" in call("show", item).stdout


@pytest.mark.usefixtures("project")
def test_the_snapshot_is_written_on_demand_and_status_says_how_old_it_is(tmp_path: Path) -> None:
    answer = call("snapshot")
    assert "welcome: 3 items for 3 people, about 9 minutes" in answer.stdout
    assert f"Open {tmp_path / 'state' / 'snapshot' / 'index.html'}" in answer.stdout
    status = CliRunner().invoke(verbs, ["status"]).stdout
    assert "list for 72 h, made: diagnostic_triage now, donor_thanks now, welcome now" in status
    flows = json.loads(CliRunner().invoke(verbs, ["status", "--json"]).stdout)["flows"]
    assert [flow["list"]["items"] for flow in flows] == [0, 0, 3]


@pytest.mark.usefixtures("project")
def test_without_a_ledger_it_says_where_the_last_list_is_and_makes_no_empty_one(tmp_path: Path) -> None:
    call("snapshot")
    for path in (tmp_path / "state").glob("ledger.sqlite*"):
        path.unlink()
    for words in ((), ("list", "--json"), ("export", str(tmp_path / "list.csv"))):
        refused = call(*words)
        assert refused.exit_code == 1
        assert "is not there. The last list (made now) needs no ledger: open " in str(refused.exception)
        assert str(tmp_path / "state" / "snapshot" / "index.html") in str(refused.exception)
    assert not (tmp_path / "state" / "ledger.sqlite").exists()


@pytest.mark.usefixtures("project")
def test_with_a_broken_ledger_it_says_where_the_last_list_is(tmp_path: Path) -> None:
    call("snapshot")
    for path in (tmp_path / "state").glob("ledger.sqlite*"):
        path.write_bytes(b"nothing that a database would say" * 100)
    refused = call()
    assert refused.exit_code == 1
    assert "needs no ledger: open " in str(refused.exception)


@pytest.mark.usefixtures("project")
def test_what_was_noted_in_the_table_is_imported_once(tmp_path: Path) -> None:
    call("snapshot")
    path = tmp_path / "state" / "snapshot" / "welcome.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    noted = tmp_path / "noted.csv"
    first = f"{rows[0]['id']},done,{LINA},{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    noted.write_text(f"id,outcome,done_by,done_at\n{first}\n{rows[1]['id']},done,nobody,\n", encoding="utf-8")
    done = CliRunner().invoke(verbs, ["worklist", "import", str(noted), "--json"], standalone_mode=False)
    answer = json.loads(done.stdout)
    assert (done.return_value, answer["entered"], answer["refused"]) == (1, 1, 1)
    assert answer["problems"] == [{"row": 3, "item": rows[1]["id"], "why": "done_at is empty"}]
    again = call("import", str(noted)).stdout.splitlines()
    assert again == [f"{noted}: 0 entered, 1 already there, 0 not filled in, 1 refused", f"  row 3, {rows[1]['id']}: done_at is empty"]


@pytest.mark.usefixtures("project")
def test_items_are_pushed_as_tasks_once(tmp_path: Path) -> None:
    assert call("push", "welcome").stdout == "tasks: 3 new, 0 there already\n"
    assert json.loads(call("push", "--json").stdout) == {"new": 0, "there_already": 3, "kept_back": {}}
    assert (tmp_path / "state" / "crm.sqlite").exists()


@pytest.mark.usefixtures("project")
def test_skip_without_a_reason_is_wrong_usage() -> None:
    assert call("skip", item_of("mona")).exit_code == 2


@pytest.mark.usefixtures("project")
def test_the_csv_opens_with_its_mark_and_runs_no_formula(tmp_path: Path) -> None:
    assert call("export", str(tmp_path / "list.csv")).exit_code == 0
    assert (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["reach"]: row for row in csv.DictReader(file)}
    assert rows["evil@example.com"]["name"] == "'=1+1 <script>"
    assert rows["huda@example.com"]["subject"].startswith("وصلتنا رسالتك")


@pytest.mark.usefixtures("project")
def test_the_html_page_is_in_the_language_that_was_asked_for_and_on_the_companys_clock(tmp_path: Path) -> None:
    assert call("export", str(tmp_path / "list.html"), "--lang", "ar").exit_code == 0
    page = (tmp_path / "list.html").read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert "Asia/Riyadh (UTC+03:00)" in page
    assert "&lt;script&gt;" in page


@pytest.mark.usefixtures("project")
def test_the_json_file_is_the_json_answer(tmp_path: Path) -> None:
    assert call("export", str(tmp_path / "list.json"), "--flow", "welcome").stdout == f"3 items: {tmp_path / 'list.json'}\n"
    assert json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))["items"] == listed()


@pytest.mark.usefixtures("project")
def test_another_ending_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    refused = call("export", str(tmp_path / "list.xls"))
    assert refused.exit_code == 1
    assert ".csv, .html or .json" in str(refused.exception)
    assert not (tmp_path / "list.xls").exists()


@pytest.mark.usefixtures("project")
def test_the_list_comes_while_the_policy_is_broken(tmp_path: Path) -> None:
    company = tmp_path / "policies" / "company.yaml"
    company.write_text("switch: [\n", encoding="utf-8")
    os.utime(company, (0, 0))  # not a save in progress
    done = call("export", str(tmp_path / "list.html"))
    assert done.exit_code == 0, done.output
    assert "Mona Haddad" in (tmp_path / "list.html").read_text(encoding="utf-8")
