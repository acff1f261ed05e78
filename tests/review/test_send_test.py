from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.act.ports import Order
from offswitch.errors import Refused
from offswitch.journey.journey import Journey
from offswitch.messages.compose import digest
from offswitch.messages.letter import Letter
from offswitch.model.receipt import Receipt
from offswitch.project.plan import senders_of
from offswitch.review.send_test import Tried, send_test
from tests.act.rig import Rig
from tests.review.conftest import Site
from tests.review.law import with_real_texts

COLLEAGUE = "colleague@bayan.example"
FLOWS = (welcome, donor_thanks, diagnostic_triage)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", *FLOWS)
    for journey in FLOWS:
        with_real_texts(made, journey)
    yield made
    made.close()


def send(rig: Rig, journey: Journey = welcome, to: str = COLLEAGUE, languages: tuple[str, ...] = ()) -> tuple[Tried, ...]:
    link = rig.project.unsubscribe_link(rig.project.company(), "nobody")
    with rig.desk(journey) as desk:
        return send_test(desk, rig.project.library, senders_of(rig.project, journey), to=to, languages=languages, link=link)


@pytest.mark.parametrize("journey", FLOWS, ids=[journey.name for journey in FLOWS])
def test_every_message_goes_out_once_in_every_language_and_is_marked(rig: Rig, journey: Journey) -> None:
    tried = send(rig, journey)
    library = rig.project.library
    assert [(one.message, one.language) for one in tried] == [(m, lang) for m in library.messages(journey.name) for lang in ("ar", "en")]
    letters = [letter for _, letter in rig.mailer.journal]
    assert {letter.to for letter in letters} == {COLLEAGUE}
    assert all(letter.subject.startswith("[TEST] ") for letter in letters)
    assert all(letter.digest == digest(letter.to, letter.subject, letter.text, letter.html) for letter in letters)
    assert len({letter.message_id for letter in letters}) == len(tried)


def test_one_language_alone_is_sent_where_it_is_asked_for(rig: Rig) -> None:
    assert {one.language for one in send(rig, languages=("ar",))} == {"ar"}
    assert len(rig.mailer.journal) == 4


def test_a_test_leaves_nothing_in_the_ledger(rig: Rig) -> None:
    send(rig)
    assert rig.effects(welcome) == []
    assert rig.entries(welcome) == []


@pytest.mark.parametrize("address", ["mona@example.com", "MONA@EXAMPLE.COM"])
def test_a_contact_never_gets_a_test(rig: Rig, address: str) -> None:
    rig.submit("mona")
    with pytest.raises(Refused, match="is a contact's address"):
        send(rig, to=address)
    assert rig.mailer.journal == []


def test_the_flow_s_own_switch_does_not_stop_a_test(rig: Rig) -> None:
    rig.switch(welcome, "off")
    assert len(send(rig)) == 8


def test_everything_off_stops_tests_too(rig: Rig) -> None:
    rig.company(switch="off")
    with pytest.raises(Refused, match="everything is off"):
        send(rig)
    assert rig.mailer.journal == []


@pytest.mark.parametrize("scope", ["channel", "connector"])
def test_a_channel_or_a_connector_that_is_off_sends_no_test(rig: Rig, scope: str) -> None:
    with rig.ledger.write() as book:
        name = "email" if scope == "channel" else rig.mailer.name
        book.stops.add(scope, name, reason="trouble", by="omar@bayan.example", at=rig.clock.now())
    with pytest.raises(Refused, match="trouble"):
        send(rig)


def test_a_stop_between_two_tests_holds_the_others(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    perform = rig.mailer.perform

    def stopping(orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        receipts = list(perform(orders))
        rig.settings.stop_file().touch()
        return iter(receipts)

    monkeypatch.setattr(rig.mailer, "perform", stopping)
    assert [one.outcome for one in send(rig)] == ["performed", *["lapsed"] * 7]
    assert len(rig.mailer.journal) == 1


def test_an_address_that_is_none_is_wrong_usage(site: Site) -> None:
    with pytest.raises(click.BadParameter):
        site.run("send-test", "welcome", "--to", "not an address")
