from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from offswitch import days, hours
from offswitch.act.collect import collect
from offswitch.errors import Refused
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome
from offswitch.model.work import WorkItem, item_id
from offswitch.testing.fakes import Answer, FakeMailer
from offswitch.worklist.ahead import ahead
from offswitch.worklist.export import COLUMNS, write_csv
from offswitch.worklist.results import Desks, Row, Told, rows_of
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig

MARIAM = "mariam@bayan.example"
RIYADH = ZoneInfo("Asia/Riyadh")
WHEN = "2025-03-03 12:30"  # half past nine in UTC; the rig begins at nine


def dead(rig: Rig, *people: str) -> list[WorkItem]:
    """The list that is left when everything dies; an hour later everything lives again."""
    rig.submit_all(*people)
    with rig.desk(tour) as desk:
        while collect(desk) is not None:
            pass
        found = [item for chain in ahead(desk) for item in chain]
    rig.clock.advance(hours(1))
    return found


def sheet(rig: Rig, items: list[WorkItem], *noted: dict[str, str], between: str = ",", encoding: str = "utf-8-sig") -> Path:
    """The CSV file as people left it: for each item what they noted, or nothing."""
    given = io.StringIO()
    write_csv(given, items, rig.clock.now())
    lines = list(csv.DictReader(io.StringIO(given.getvalue())))
    for line, notes in zip(lines, noted, strict=False):
        line.update(notes)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=between)
    writer.writeheader()
    writer.writerows(lines)
    path = rig.root / "tour.csv"
    path.write_text(out.getvalue(), encoding=encoding)
    return path


def enter(rig: Rig, path: Path, by: str = MARIAM) -> list[Told]:
    with rig.desk(tour) as desk:
        return Desks([desk], rig.project.company(), rig.clock.now().astimezone(RIYADH), by).enter(rows_of(path))


def done(**more: str) -> dict[str, str]:
    return {"outcome": "done", "done_by": MARIAM, "done_at": WHEN, **more}


def test_a_row_is_the_deed_of_who_did_it_at_the_time_when_they_did_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona")
    assert [one.became for one in enter(rig, sheet(rig, items, done(took_minutes="4", remarks="by telephone")))] == [
        "entered",
        "not filled in",
    ]
    effect = next(one for one in rig.effects(tour) if one.counts)
    entry = rig.entry(tour)
    assert (effect.actor, effect.at.isoformat()) == (MARIAM, "2025-03-03T09:30:00+00:00")
    assert (entry.step, entry.due) == ("more", effect.at + days(2))
    with rig.ledger.read() as book:
        (row,) = book.work.of_entries([entry.id]).values()
    assert (row.outcome, row.minutes, row.note, row.done_at) == ("done", 4, "by telephone", effect.at)


def test_what_was_entered_is_not_sent_by_the_machine_that_was_never_switched_off(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona", "omar")
    enter(rig, sheet(rig, items, done()))
    rig.run(tour)
    assert [f"{who}@example.com" for who in rig.sent()] == [items[2].reach]


def test_what_follows_is_entered_after_what_it_follows_whatever_the_order_of_the_rows(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    hello, more = dead(rig, "mona")
    rig.clock.advance(days(3))
    path = sheet(rig, [more, hello], done(done_at="2025-03-05 13:00"), done())
    assert [one.became for one in enter(rig, path)] == ["entered", "entered"]
    assert rig.entry(tour).state is State.FINISHED


def test_reading_a_file_again_enters_nothing_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona")
    rig.clock.advance(days(3))
    path = sheet(rig, items, done(), done(done_at="2025-03-05 13:00"))
    enter(rig, path)
    before = rig.effects(tour)
    assert [one.became for one in enter(rig, path)] == ["already there", "already there"]
    assert rig.effects(tour) == before


def test_the_same_row_twice_in_one_file_is_one_deed(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    hello = dead(rig, "mona")[0]
    assert [one.became for one in enter(rig, sheet(rig, [hello, hello], done(), done()))] == ["entered", "already there"]


WRONG = [
    ({"done_by": ""}, "done_by is empty"),
    ({"done_at": ""}, "done_at is empty"),
    ({"outcome": ""}, "outcome is empty"),
    ({"done_by": "marian@bayan.example"}, f"did you mean {MARIAM}?"),
    ({"done_at": "yesterday"}, "done_at is 'yesterday': write date and time such as 2025-03-03 13:00"),
    ({"done_at": "2025-03-03"}, "the time is missing"),
    ({"done_at": "03/03/2025 12:30"}, "write date and time such as"),
    ({"done_at": "2025-03-04 12:30"}, "that is in the future"),
    ({"took_minutes": "two"}, "write a whole number"),
    ({"outcome": "sold"}, "'sold' is not an answer to this item; possible: done, skip"),
    ({"outcome": "skip"}, "say in remarks why it was skipped"),
    ({"flow": "tuor"}, "there is no flow called 'tuor'"),
    ({"id": "zzzzzzzzzz"}, "no open item 'zzzzzzzzzz'"),
]


def test_every_bad_row_is_refused_with_its_reason_and_the_others_are_entered(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = [item for item in dead(rig, *(f"p{n}" for n in range(len(WRONG) + 1))) if not item.follows]
    told = enter(rig, sheet(rig, items, *(done(**wrong) for wrong, _ in WRONG), done()))
    assert [(one.row, one.became) for one in told] == [*((row, "refused") for row in range(2, len(WRONG) + 2)), (len(WRONG) + 2, "entered")]
    assert not [(why, one.why) for (_, why), one in zip(WRONG, told, strict=False) if why not in one.why]
    assert len([effect for effect in rig.effects(tour) if effect.counts]) == 1


def test_what_the_machine_had_sent_before_it_died_is_said_so(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona")
    rig.run(tour)
    (told, _) = enter(rig, sheet(rig, items, done(done_at="2025-03-03 12:59")))
    assert told.why == "the machine sent this itself on 2025-03-03 10:00 UTC: this customer may have it twice"


def test_what_somebody_else_answered_and_what_comes_too_early_is_said_so(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona", "omar")
    enter(rig, sheet(rig, items, done(), {}, {}, {}))
    again = enter(rig, sheet(rig, items, done(outcome="skip", remarks="no"), {}, {}, done()))
    assert again[0].why == f"{MARIAM} has answered this already: done, 2025-03-03 09:30 UTC"
    assert again[3].why == f"it comes after {items[2].id}, which is not entered, or led elsewhere"


def test_whose_journey_is_over_is_said_so(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona")
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour)
    assert enter(rig, sheet(rig, items, done()))[0].why == "this person's journey is over: goal reached"


@pytest.mark.parametrize(("between", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_a_spreadsheet_may_save_it_as_it_likes(rig_of: MakeRig, between: str, encoding: str) -> None:
    rig = rig_of(tour)
    items = dead(rig, "mona")
    path = sheet(rig, items, done(done_by="mariam haddad", outcome="Done"), between=between, encoding=encoding)
    assert enter(rig, path)[0].became == "entered"


def test_a_file_of_only_the_needed_columns_will_do(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    hello = dead(rig, "mona")[0]
    path = rig.root / "short.csv"
    path.write_text(f"id,outcome,done_by,done_at\n{hello.id},done,{MARIAM},{WHEN}\n\n,,,\n", encoding="utf-8")
    assert [one.became for one in enter(rig, path, by="omar@bayan.example")] == ["entered"]
    with rig.ledger.read() as book:
        assert [row.note for row in book.work.all()] == ["entered by omar@bayan.example"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"id;name\nx;y\n", "missing: outcome, done_by, done_at"),
        (b"", "missing: id, outcome"),
        ("id,outcome,done_by,done_at\nx,done,مريم,\n".encode("cp1256"), "save it as “CSV UTF-8”"),
    ],
)
def test_a_file_that_is_not_such_a_list_is_refused_as_a_whole(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match=why):
        rows_of(path)
    with pytest.raises(Refused, match="can't be read"):
        rows_of(tmp_path / "nowhere.csv")


def test_answers_before_and_after_a_doubt_are_entered_in_their_order(rig_of: MakeRig) -> None:
    answers: dict[str, Any] = {"mona@example.com": [Answer(Outcome.UNKNOWN, "timed out")]}
    rig = rig_of(tour, mailer=FakeMailer(answers))
    rig.submit("mona")
    rig.run(tour)
    with rig.desk(tour) as desk:
        items = [item for chain in ahead(desk) for item in chain][:2]
    rig.clock.advance(hours(1))
    path = sheet(rig, items, done(outcome="did not", done_at="2025-03-03 12:10"), done())
    assert [one.became for one in enter(rig, path)] == ["entered", "entered"]
    assert [one.became for one in enter(rig, path)] == ["already there", "already there"]
    assert [effect.actor for effect in rig.effects(tour, Stage.PERFORMED) if effect.counts] == [MARIAM]


def test_while_the_company_file_is_broken_everybody_is_believed_what_they_did_and_nobody_approves(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.letter(echo, "hello", decides="offer")
    rig.approve(echo)
    rig.submit("mona")
    rig.run(echo)
    entry = rig.entry(echo)
    row = {"id": item_id(entry.id, entry.step, entry.visit), "done_by": "a passer-by", "done_at": "2025-03-03 09:00"}
    rig.save(rig.settings.policies / "company.yaml", "switch: [")
    with rig.desk(echo) as desk:
        without = Desks([desk], None, rig.clock.now(), MARIAM)
        told = [without.enter([Row(2, {**row, "outcome": outcome})])[0].became for outcome in ("approve", "done")]
    assert told == ["refused", "entered"]
