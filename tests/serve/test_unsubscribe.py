"""The unsubscribe link as people and mail programs use it."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.project.links import contact_of, token
from tests.serve.site import Site, project_in, served

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SAID = "SELECT count(*) FROM consent WHERE given = 0"


def multipart(site: Site, link: str) -> httpx.Response:
    return site.client.post(link, files={"List-Unsubscribe": (None, "One-Click")})


def test_opening_the_page_changes_nothing(site: Site) -> None:
    contact = site.joined()
    page = site.client.get(site.link(contact))
    assert (page.status_code, site.agrees(contact), site.rows(SAID)) == (200, True, [(0,)])
    assert '<form method="post">' in page.text


def test_the_pages_button_unsubscribes(site: Site) -> None:
    contact = site.joined()
    page = site.client.post(site.link(contact), data=ONE_CLICK)
    assert (page.status_code, page.is_redirect, site.agrees(contact)) == (200, False, False)
    assert "You are unsubscribed" in page.text
    assert "mailto:hello@bayan.example" in page.text


def test_a_mail_program_unsubscribes_with_multipart(site: Site) -> None:
    contact = site.joined()
    assert multipart(site, site.link(contact)).status_code == 200
    assert not site.agrees(contact)


def test_no_opt_out_is_lost_for_its_body(site: Site) -> None:
    contact = site.joined()
    assert site.client.post(site.link(contact), content=b"\xff{").status_code == 200
    assert not site.agrees(contact)


def test_a_second_press_finds_it_done(site: Site) -> None:
    contact = site.joined()
    assert {site.client.post(site.link(contact), data=ONE_CLICK).status_code for _ in range(5)} == {200}
    assert site.rows(SAID) == [(1,)]
    assert site.rows("SELECT count(*) FROM events WHERE kind = 'contact.unsubscribed'") == [(1,)]


def test_who_agreed_again_can_leave_again(site: Site) -> None:
    contact = site.joined()
    site.client.post(site.link(contact), data=ONE_CLICK)
    site.send({"id": "f-again", "contact": {"email": "sara@example.com"}, "consent": {"marketing": True}})
    assert site.agrees(contact)
    site.client.post(site.link(contact), data=ONE_CLICK)
    assert not site.agrees(contact)


def test_guessed_links_open_nothing_and_say_nothing(site: Site) -> None:
    contact = site.joined()
    good = site.link(contact)
    dice = random.Random(1)
    guesses = [f"/u/{contact}.{dice.getrandbits(128):032x}" for _ in range(200)]
    guesses += [good[:-1], f"{good}0", f"/u/{good[3:].upper()}", f"/u/{contact}", f"/u/{'x' * 5_000}", "/u/%00", "/u/ٱ", f"/u/x{good[3:]}"]
    answers = [site.client.post(guess, data=ONE_CLICK) for guess in guesses]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert site.agrees(contact)


@given(st.text(max_size=120))
def test_no_text_is_a_token_but_the_one_that_was_made(text: str) -> None:
    assert contact_of(b"key", text) is None
    assert contact_of(b"key", token(b"other key", text or "x")) is None
    assert contact_of(b"key", token(b"key", text or "x")) == (text or "x")


@pytest.mark.parametrize(
    ("language", "direction", "title"), [("en", "ltr", "No more mail from us?"), ("ar", "rtl", "ألا تريد رسائلنا بعد الآن؟")]
)
def test_the_page_speaks_the_contacts_language(site: Site, language: str, direction: str, title: str) -> None:
    page = site.client.get(site.link(site.joined(language=language))).text
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert title in page
    assert ("مريم حداد" if language == "ar" else "Mariam Haddad") in page


def test_who_has_said_no_language_is_asked_in_the_browsers(site: Site) -> None:
    link = site.link(site.joined())
    assert 'lang="ar"' in site.client.get(link, headers={"accept-language": "ar-EG,ar;q=0.9"}).text
    assert 'lang="en"' in site.client.get(link, headers={"accept-language": "tlh"}).text


def test_the_names_on_a_page_are_text(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    company = tmp_path / "policies" / "company.yaml"
    company.write_text(
        company.read_text(encoding="utf-8").replace("name: Mariam Haddad\n  names", "name: <b>M</b>\n  names"), encoding="utf-8"
    )
    with served(project) as site:
        page = site.client.get(site.link(site.joined())).text
    assert "&lt;b&gt;M&lt;/b&gt;" in page


def test_the_link_works_while_company_yaml_is_broken(site: Site) -> None:
    contact = site.joined()
    (site.project.settings.policies / "company.yaml").write_text("switch: [", encoding="utf-8")
    assert site.client.get(site.link(contact)).status_code == 200
    assert site.client.post(site.link(contact), data=ONE_CLICK).status_code == 200
    assert not site.agrees(contact)


def test_a_wish_that_cant_be_saved_is_never_answered_with_yes(tmp_path: Path) -> None:
    with served(project_in(tmp_path, opened=True), patience=1) as site:
        contact = site.joined()
        opt_outs = site.project.opt_outs.path
        opt_outs.mkdir()  # nothing can be kept there
        with site.locked():
            assert site.client.get(site.link(contact)).status_code == 200
            answer = site.client.post(site.link(contact), data=ONE_CLICK)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert '<form method="post">' in answer.text
    opt_outs.rmdir()
    with served(project_in(tmp_path)) as site:
        assert site.client.post(site.link(contact), data=ONE_CLICK).status_code == 200
        assert not site.agrees(contact)
        assert site.rows(SAID) == [(1,)]
