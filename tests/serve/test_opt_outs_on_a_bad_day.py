"""The unsubscribe link while the ledger is locked, damaged, read-only or gone: the answer is true, and the wish holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from offswitch.intake.opt_outs import obey_missing
from offswitch.project.project import Project
from tests.serve.site import Site, project_in, served

Trouble = Callable[[Site], AbstractContextManager[None]]
SHOP = "signature: token\neach: events\nid: id\nevent: contact.unsubscribed\ncontact: {email: email}\n"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@contextmanager
def damaged(site: Site) -> Iterator[None]:
    """The ledger as a bad disk leaves it; afterwards as it was."""
    file = site.project.settings.home / "ledger.sqlite"
    site.project.ledger.close()
    whole = file.read_bytes()
    file.write_bytes(b"not a database, any more" * 999)
    yield
    site.project.ledger.close()
    file.write_bytes(whole)


@pytest.mark.parametrize("trouble", [damaged, Site.locked])
def test_one_click_is_answered_with_yes_and_holds_when_the_ledger_is_back(tmp_path: Path, trouble: Trouble) -> None:
    with served(project_in(tmp_path, opened=True), patience=3) as site:
        contact = site.joined()
        with trouble(site):
            answer = site.client.post(site.link(contact), data=ONE_CLICK)
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
        fresh = Project(site.project.settings, site.project.clock)
        obey_missing(fresh.ledger, fresh.opt_outs, fresh.clock.now())
        fresh.ledger.close()
        assert not site.agrees(contact)
        assert site.rows("SELECT count(*) FROM consent WHERE given = 0") == [(1,)]


def test_pressing_again_and_again_keeps_one_line(tmp_path: Path) -> None:
    with served(project_in(tmp_path)) as site:
        contact = site.joined()
        assert {site.client.post(site.link(contact), data=ONE_CLICK).status_code for _ in range(5)} == {200}
        [(_, kept)] = site.project.opt_outs.after(0)
    assert (kept.contact_id, kept.address) == (contact, "sara@example.com")


def test_who_guesses_a_link_writes_nothing(tmp_path: Path) -> None:
    with served(project_in(tmp_path)) as site:
        contact = site.joined()
        assert site.client.post(f"/u/{contact}.{'0' * 32}", data=ONE_CLICK).status_code == 404
        assert not site.project.opt_outs.path.exists()


def test_a_no_beside_something_bad_holds_when_the_bad_cant_be_kept(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/shop.yaml").write_text(SHOP, encoding="utf-8")
    body = b'{"events": [{"id": "1", "email": "nobody"}, {"id": "2", "email": "sara@example.com"}]}'
    environment = {"OFFSWITCH_HOOK_SECRET_SHOP": "a-secret-of-the-shop"}
    with served(project_in(tmp_path, opened=True, environment=environment)) as site:
        contact = site.joined()
        (site.project.settings.home / "rejects").write_text("no folder")
        answer = site.client.post("/hooks/shop?token=a-secret-of-the-shop", content=body)
        assert answer.status_code == 503  # the bad one would be lost
        assert not site.agrees(contact)


def test_a_complaint_from_a_provider_holds_while_the_ledger_is_damaged(tmp_path: Path) -> None:
    complaint = {"id": "c-1", "event": "message.complained", "contact": {"email": "sara@example.com"}}
    with served(project_in(tmp_path, opened=True), patience=3) as site:
        contact = site.joined()
        with damaged(site):
            assert site.send({"id": "f-2", "contact": {"email": "nour@example.com"}}).status_code == 503
            for _ in range(2):
                assert site.send(complaint).status_code == 200
        fresh = Project(site.project.settings, site.project.clock)
        assert obey_missing(fresh.ledger, fresh.opt_outs, fresh.clock.now()) == 1
        with fresh.ledger.read() as book:
            assert book.consent.suppressed([contact]) == {contact: frozenset({"email"})}
        fresh.ledger.close()
