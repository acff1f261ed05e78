"""`offswitch on`: says what would happen, asks for a second person when it is much, and changes nothing before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result

from offswitch.cli.off import who
from offswitch.errors import Refused
from offswitch.project.agreement import STANDS, Wish, two_people
from tests.cli.conftest import LINA, MARIAM, OMAR, Shop

Call = Callable[..., Result]


def waits(shop: Shop, people: int) -> None:
    """So many are due while the flow is off."""
    shop.forms(*(f"p{n}" for n in range(people)))
    shop.pass_()


def refusal(result: Result) -> str:
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def state(shop: Shop) -> tuple[object, ...]:
    with shop.project.ledger.read() as book:
        return shop.path.read_bytes(), book.stops.now(), book.stops.unreleased("welcome"), list(map(tuple, book.entries.all()))


def test_look_says_what_would_happen_and_changes_nothing(shop: Shop, call: Call) -> None:
    waits(shop, 7)
    shop.forms("later")
    (shop.project.settings.policies / "approvals" / "welcome.yaml").unlink()
    before = state(shop)
    done = call("on", "welcome", "--look")
    assert done.output.splitlines() == [
        "welcome, when it goes on:",
        "        8 due: 2 per hour, about 3 h",
        "        1 of them came meanwhile; nobody has looked at them yet",
        "  stays in the way: not approved yet: see `offswitch plan welcome`",
    ]
    assert state(shop) == before


def test_the_same_as_json(shop: Shop, call: Call) -> None:
    waits(shop, 7)
    found = json.loads(call("on", "welcome", "--look", "--json").output)["flows"]["welcome"]
    assert (found["acted_on"], found["takes_seconds"], found["release"], found["second_person"]) == (7, 3 * 3600, "2 per hour", True)


def test_a_little_goes_on_at_a_word(shop: Shop, call: Call) -> None:
    waits(shop, 2)
    done = call("on", "welcome", "--by", LINA)
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        ["welcome, when it goes on:", "        2 due: all with the next run", "flow welcome: switched on"],
    )
    shop.pass_()
    assert len(shop.mailer.journal) == 2


def test_more_than_that_needs_yes(shop: Shop, call: Call) -> None:
    waits(shop, 4)
    before = state(shop)
    assert "then say --yes" in refusal(call("on", "welcome", "--by", LINA))
    assert state(shop) == before
    assert call("on", "welcome", "--by", LINA, "--yes").exit_code == 0
    shop.pass_()
    assert len(shop.mailer.journal) == 2  # two an hour


def test_very_many_need_a_second_person(shop: Shop, call: Call) -> None:
    waits(shop, 7)
    before = state(shop)
    said = refusal(call("on", "welcome", "--by", LINA, "--yes"))
    command = f"offswitch on welcome --yes --by {MARIAM}"
    assert said.splitlines() == [
        f"7 are due in welcome: It takes a second person. Within 4 hours {MARIAM} or {OMAR} can say:", f"  {command}"
    ]  # fmt: skip
    assert state(shop) == before
    assert "It takes a second person" in refusal(call("on", "welcome", "--by", LINA, "--yes"))
    assert call(*command.split()[1:]).exit_code == 0
    assert "switch: on " in shop.path.read_text("utf-8")
    shop.pass_()
    assert len(shop.mailer.journal) == 2


def test_the_second_person_must_be_an_approver_and_known(shop: Shop, call: Call) -> None:
    waits(shop, 7)
    call("on", "welcome", "--by", OMAR)
    assert f"{LINA} is not an approver" in refusal(call("on", "welcome", "--by", LINA, "--yes"))
    assert "is not among the people" in refusal(call("on", "welcome", "--by", "eve@example.com", "--yes"))
    assert "is not among the people" in refusal(call("on", "welcome", "--yes"))  # whoever is logged in
    assert call("on", "welcome", "--by", MARIAM).exit_code == 0


@pytest.mark.parametrize(("size", "later", "agreed"), [(10, 0, True), (11, 0, True), (12, 0, False), (3, 0, True), (10, 1, False)])
def test_an_agreement_is_about_the_number_that_was_asked_for_and_not_for_ever(shop: Shop, size: int, later: int, agreed: bool) -> None:
    now, company = datetime(2025, 3, 3, tzinfo=UTC), shop.project.company()
    with shop.project.ledger.write() as book:
        first = two_people(book, company, Wish("on", "welcome", 10, "do"), LINA, now)
        other = two_people(book, company, Wish("on", "other", 10, "do"), OMAR, now)
        second = two_people(book, company, Wish("on", "welcome", size, "do"), OMAR, now + STANDS + later * timedelta(seconds=1))
    assert (first.agreed_by, other.agreed_by) == ("", "")
    assert (second.agreed_by == OMAR) is agreed
    assert ("since lina@bayan.example asked, 10 have become 12" in second.text) is (size == 12)


def test_an_agreement_is_used_up(shop: Shop) -> None:
    now, company, wish = datetime(2025, 3, 3, tzinfo=UTC), shop.project.company(), Wish("on", "welcome", 10, "do")
    with shop.project.ledger.write() as book:
        assert [two_people(book, company, wish, by, now).agreed_by for by in (LINA, OMAR, MARIAM, OMAR)] == ["", OMAR, "", OMAR]


def test_off_that_no_run_has_seen_is_released_bit_by_bit_too(shop: Shop, call: Call) -> None:
    shop.switch("on")
    shop.pass_()
    call("off", "welcome", "--why", "price")
    shop.forms(*(f"p{n}" for n in range(5)))
    assert call("on", "welcome", "--by", LINA, "--yes").exit_code == 0
    shop.pass_()
    assert len(shop.mailer.journal) == 2


def test_what_people_hold_is_counted_and_stays_with_them(shop: Shop, call: Call) -> None:
    waits(shop, 3)
    item = json.loads(call("worklist", "list", "--json").output)["items"][0]["id"]
    call("worklist", "take", item, "--by", LINA)
    done = call("on", "welcome", "--by", LINA)
    assert done.output.splitlines()[1:3] == ["        2 due: all with the next run", "        1 with people, and stay with them"]
    shop.pass_()
    assert len(shop.mailer.journal) == 2


def test_a_step_goes_off_and_on_by_itself(shop: Shop, call: Call) -> None:
    shop.switch("on")
    assert call("off", "welcome", "--step", "confirm", "--why", "typo").output.startswith("step confirm of welcome is off\n")
    waits(shop, 2)
    assert shop.mailer.journal == []
    done = call("on", "welcome", "--step", "confirm", "--by", LINA)
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "step confirm of welcome: switched on")
    shop.pass_()
    assert len(shop.mailer.journal) == 2


@pytest.mark.usefixtures("shop")
def test_a_step_that_is_not_there_stops_nothing_and_says_so(call: Call) -> None:
    assert "did you mean confirm?" in refusal(call("off", "welcome", "--step", "confrim"))


def test_it_says_what_it_ends_and_what_stays_in_the_way(shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("off", "--all")
    call("off", "welcome")
    for name in ("", "welcome"):
        shop.project.settings.stop_file(name).touch()
    with shop.project.ledger.write() as book:
        book.stops.add("flow", "welcome", reason="too many complaints", by="machine", at=datetime.now(UTC), automatic=True)
    automatic = "flow welcome is off (ledger): too many complaints"

    def stays(*words: str) -> list[str]:
        found: list[str] = json.loads(call("on", *words, "--look", "--json").output)["flows"]["welcome"]["stays_in_the_way"]
        return sorted(line.partition(": /")[0] for line in found)

    everything = ["everything is off (company.yaml)", f"everything is off (ledger): by {who(shop.project.settings)}"]
    assert stays("welcome") == [*everything, automatic, "flow welcome is off (stop file)"]
    assert stays("--all") == [
        f"flow welcome is off (ledger): by {who(shop.project.settings)}", automatic, "flow welcome is off (stop file)",
        "flow welcome is off (welcome.yaml)",
    ]  # fmt: skip
    monkeypatch.setenv("OFFSWITCH_STOP", "1")
    assert "everything is off (environment): OFFSWITCH_STOP is set" in stays("--all")


def test_nothing_is_wider_than_a_terminal(shop: Shop, call: Call) -> None:
    waits(shop, 7)
    for words in (("on", "welcome", "--look"), ("on", "--all", "--look"), ("on", "--help"), ("retire", "--help"), ("off", "--help")):
        assert max(map(len, call(*words).output.splitlines())) <= 80, words


def test_status_says_how_many_still_wait_for_their_turn(shop: Shop, call: Call) -> None:
    waits(shop, 5)
    assert call("on", "welcome", "--by", LINA, "--yes").exit_code == 0
    shop.pass_()
    flow = json.loads(call("status", "--json").output)["flows"][-1]
    assert flow["release"]["wait"] == 3
    assert "welcome: goes on after a stop; 3 still wait for their turn, the last one in 2 h" in call("status").output
