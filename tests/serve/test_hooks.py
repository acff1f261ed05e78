"""Webhooks over a real socket: who is believed, what is stored, and what the sender hears."""

from __future__ import annotations

import asyncio
import csv
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from offswitch.testing.fakes import NOON, FrozenClock
from tests.serve.site import SECRET, Site, form, project_in, served

OTHER = "whsec_" + b64encode(b"another secret of length").decode()
EVENTS = "SELECT count(*) FROM events"


def answered(response: httpx.Response) -> tuple[int, dict[str, str]]:
    return response.status_code, response.json()


def rejects(site: Site) -> list[dict[str, str]]:
    files = sorted((site.project.settings.home / "rejects").glob("*.csv"))
    return [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())]


def test_a_signed_form_is_stored_before_the_sender_hears_yes(site: Site) -> None:
    assert answered(site.send(form())) == (200, {"received": "new"})
    [(name, kind, source, data)] = site.rows("SELECT id, kind, source, data FROM events")
    assert (name, kind, source, json.loads(data)) == ("site:f-1", "form.submitted", "site", {"utm": "spring"})


def test_a_form_without_an_id_of_its_own_goes_by_the_webhooks(site: Site) -> None:
    for number in (1, 2):
        assert answered(site.send(form(id=None), id="msg_9")) == (200, {"received": "new" if number == 1 else "known"})
    assert site.rows("SELECT id FROM events") == [("site:msg_9",)]


def test_the_same_form_46_times_in_29_hours_is_one(tmp_path: Path) -> None:
    clock = FrozenClock(NOON)
    with served(project_in(tmp_path, clock)) as site:
        answers = []
        for _ in range(46):
            answers.append(site.send(form()).json()["received"])
            clock.advance(timedelta(hours=29) / 46)
        assert answers == ["new"] + ["known"] * 45
        assert site.rows(EVENTS) == [(1,)]


def test_the_same_id_with_another_body_is_refused_and_kept_for_a_person(site: Site) -> None:
    site.send(form())
    answers = [site.send(form(data={"utm": "autumn"})) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {409}
    assert site.rows("SELECT data FROM events") == [('{"utm":"spring"}',)]
    [kept] = rejects(site)
    assert (kept["id"], kept["email"], kept["utm"]) == ("f-1", "sara@example.com", "autumn")
    assert kept["reject_reason"] == answers[0].json()["error"]


def test_what_is_not_signed_is_not_believed(site: Site) -> None:
    changed = {
        "webhook-id": ("msg_2", "does not fit the body"),
        "webhook-timestamp": ("soon", "not a number of seconds"),
        "webhook-signature": ("v1,AAAA", "does not fit the body"),
    }
    for header, (value, words) in changed.items():
        for given, said in ((value, words), ("", "are all needed")):
            status, answer = answered(site.send(form(), {header: given}))
            assert (status, said in answer["error"]) == (401, True)
    assert site.rows(EVENTS) == [(0,)]


def test_an_old_or_early_signature_is_not_believed(tmp_path: Path) -> None:
    with served(project_in(tmp_path, FrozenClock(NOON))) as site:
        answers = {seconds: site.send(form(), at=NOON + timedelta(seconds=seconds)) for seconds in (-301, -300, 300, 301)}
    assert {seconds: answer.status_code for seconds, answer in answers.items()} == {-301: 401, -300: 200, 300: 200, 301: 401}
    assert "more than 5 minutes" in answers[-301].text


def test_a_body_written_anew_after_signing_is_not_believed(site: Site) -> None:
    body = json.dumps(form()).encode()
    answer = site.client.post("/hooks/site", content=body.replace(b": ", b":"), headers=site.signed(body))
    assert answer.status_code == 401


def test_while_a_secret_is_changed_both_are_believed(tmp_path: Path) -> None:
    rotating = {"OFFSWITCH_HOOK_SECRET_SITE": "", "OFFSWITCH_HOOK_SECRETS_SITE": f"{OTHER} {SECRET}"}
    with served(project_in(tmp_path, environment=rotating)) as site:
        for number, secret in enumerate((OTHER, SECRET)):
            body = json.dumps(form(id=str(number))).encode()
            assert site.client.post("/hooks/site", content=body, headers=site.signed(body, secret=secret)).status_code == 200


def test_a_source_without_a_secret_is_refused_and_may_come_again(site: Site) -> None:
    answer = site.send(form(), source="shop")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "no webhook secret" in answer.json()["error"]


def test_one_source_has_one_name(site: Site) -> None:
    others = ["Site", "SITE", "si-te", "site/", "site%2F", "../site", "سايت", "x" * 50]
    assert {site.send(form(), source=source).status_code for source in others} == {404}
    assert site.rows(EVENTS) == [(0,)]


def test_one_byte_more_than_a_mebibyte_is_refused_and_a_mebibyte_is_read(site: Site) -> None:
    whole = b" " * (1024 * 1024)
    assert answered(site.send(whole)) == (400, {"error": "the body is empty"})
    assert answered(site.send(whole + b" ")) == (413, {"error": "the body is larger than 1 MiB"})


def test_a_body_of_unknown_length_is_given_up_at_the_limit(site: Site) -> None:
    read = []

    def endless() -> object:
        for number in range(1_000):
            read.append(number)
            yield b" " * 65_536

    answer = site.client.post("/hooks/site", content=endless())  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert len(read) < 1_000


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "the body is not JSON"),
        (b'{"id": 1, "id": 2}', 400, "gives 'id' twice"),
        (b"[]", 422, "the body is not a JSON object"),
        (b'{"id": "1"}', 422, "email is missing"),
        (b'{"email": "a@example.com", "event": "form.sumbitted"}', 422, "did you mean form.submitted?"),
    ],
)
def test_what_cant_be_read_is_refused_in_one_line_and_kept(site: Site, body: bytes, status: int, said: str) -> None:
    answer = site.send(body)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert [row["reject_reason"] for row in rejects(site)] == [answer.json()["error"]]


def test_strangers_fill_no_disk(site: Site) -> None:
    assert site.send(b"{", {"webhook-signature": "v1,AAAA"}).status_code == 401
    assert not (site.project.settings.home / "rejects").exists()


def test_200_forms_at_once_are_stored_exactly_once(site: Site) -> None:
    async def rush() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=site.client.base_url, timeout=60, trust_env=False) as client:
            bodies = [json.dumps(form(id=f"f-{n % 100}", contact={"email": f"p{n % 100}@example.com"})).encode() for n in range(200)]
            return await asyncio.gather(*(client.post("/hooks/site", content=body, headers=site.signed(body)) for body in bodies))

    with ThreadPoolExecutor(1) as other:
        answers = other.submit(asyncio.run, rush()).result()
    said = [answer.json().get("received") for answer in answers]
    assert (said.count("new"), said.count("known")) == (100, 100)
    assert site.rows("SELECT count(*), count(DISTINCT id), count(DISTINCT contact_id) FROM events") == [(100, 100, 100)]


def test_while_the_ledger_is_locked_the_sender_comes_again_and_nothing_is_lost(tmp_path: Path) -> None:
    with served(project_in(tmp_path, opened=True), patience=1) as site:
        assert site.send(form(id="f-0")).status_code == 200
        with site.locked():
            answers = [site.send(form(id=f"f-{n}"), id=f"msg_{n}") for n in (1, 2)]
        assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "60")] * 2
        patient = project_in(tmp_path)
    with served(patient) as site:
        assert [site.send(form(id=f"f-{n}"), id=f"msg_{n}").status_code for n in (1, 2)] == [200, 200]
        assert site.rows("SELECT id FROM events ORDER BY id") == [("site:f-0",), ("site:f-1",), ("site:f-2",)]


def test_without_a_place_for_the_ledger_nobody_hears_yes(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with served(project_in(tmp_path)) as site:
        assert site.send(form()).status_code == 503
        assert answered(site.client.get("/healthz"))[0] == 503


def test_the_log_names_nobody(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "offswitch")
    contact = site.joined(email="canary@example.com", name="Canary")
    site.client.post(site.link(contact))
    site.send(form(contact={"email": "canary@nowhere"}), id="canary")
    assert "hook site: new" in caplog.text
    assert "canary" not in caplog.text.lower()
    assert contact not in caplog.text
