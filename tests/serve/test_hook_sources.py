"""Declared sources over a real socket: every kind of body, several events in one post, secrets that change."""

from __future__ import annotations

import csv
import hmac
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlencode

import httpx
import pytest

from offswitch.model.post import Believed
from offswitch.project.settings import Settings
from offswitch.serve.secrets import HookSecrets
from offswitch.testing.fakes import NOON, FrozenClock
from tests.connectors.signing import SENDERS
from tests.serve.site import ROOT, Site, project_in, served

SECRET = "a-secret-of-the-provider"
PAYLOADS = ROOT / "tests/connectors/payloads"
BATCH = """\
signature: {kind: hmac, header: x-sig}
each: events
id: id
event: {from: type, map: {form: form.submitted, bounce: message.bounced, left: contact.unsubscribed}}
contact: {email: email}
"""
FORM = "signature: {kind: hmac, header: x-sig}\nbody: form\nid: id\nevent: form.submitted\ncontact: {email: email}\ndata: {boxes: 'box'}\n"
SECRETS = {f"OFFSWITCH_HOOK_SECRET_{name}": SECRET for name in ("BATCH", "FORM", "STRIPE", "JOTFORM", "BROKEN")}


def sources(folder: Path) -> None:
    room = folder / "sources"
    room.mkdir()
    for name in ("stripe", "jotform"):
        shutil.copy(ROOT / f"sources/{name}.yaml", room)
    for name, text in (("batch", BATCH), ("form", FORM), ("broken", "signature: stipe\n")):
        (room / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def hooked(tmp_path: Path) -> Iterator[Site]:
    sources(tmp_path)
    with served(project_in(tmp_path, FrozenClock(NOON), environment=SECRETS, opened=True)) as site:
        yield site


def posted(site: Site, source: str, body: bytes, secret: str = SECRET, **headers: str) -> httpx.Response:
    signed = {"x-sig": hmac.digest(secret.encode(), body, "sha256").hex()}
    return site.client.post(f"/hooks/{source}", content=body, headers=signed | headers)


def batch(*events: dict[str, object]) -> bytes:
    return json.dumps({"events": [{"type": "form", "email": "sara@example.com", **event} for event in events]}).encode()


def rejects(site: Site) -> list[dict[str, str]]:
    files = sorted((site.project.settings.home / "rejects").glob("*.csv"))
    return [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())]


def test_a_payment_a_form_of_parts_and_a_web_form_are_each_an_event(hooked: Site) -> None:
    body = (PAYLOADS / "stripe_charge.json").read_bytes()
    answers = [
        hooked.client.post("/hooks/stripe", content=body, headers=SENDERS["stripe"].post(body, NOON, SECRET).headers) for _ in range(2)
    ]
    assert [answer.json() for answer in answers] == [{"new": 1}, {"known": 1}]
    parts = (PAYLOADS / "jotform.multipart").read_bytes()
    boundary = {"content-type": f"multipart/form-data; boundary={parts.split()[0].decode()[2:]}"}
    assert hooked.client.post(f"/hooks/jotform?token={SECRET}", content=parts, headers=boundary).json() == {"new": 1}
    form = urlencode({"id": "f-1", "email": "sara@example.com", "box": ["a", "b"]}, doseq=True).encode()
    assert posted(hooked, "form", form).json() == {"new": 1}
    kinds = hooked.rows("SELECT source, kind FROM events ORDER BY source")
    assert kinds == [("form", "form.submitted"), ("jotform", "form.submitted"), ("stripe", "donation.succeeded")]
    assert json.loads(hooked.rows("SELECT data FROM events WHERE source = 'form'")[0][0]) == {"boxes": ["a", "b"]}


def test_of_several_events_the_good_are_taken_the_others_kept_and_none_comes_again(hooked: Site) -> None:
    body = batch({"id": "1"}, {"id": "2", "email": "nobody"}, {"id": "3", "type": "opened"}, {"id": "4"}, {"id": ["x"]})
    answers = [posted(hooked, "batch", body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    first, again = (answer.json() for answer in answers)
    assert {name: first[name] for name in ("new", "rejected", "ignored")} == {"new": 2, "rejected": 2, "ignored": 1}
    assert {name: again[name] for name in ("known", "rejected", "ignored")} == {"known": 2, "rejected": 2, "ignored": 1}
    assert len(first["errors"]) == 2
    assert hooked.rows("SELECT id FROM events ORDER BY id") == [("batch:1",), ("batch:4",)]
    assert [(row["id"], row["email"]) for row in rejects(hooked)] == [("2", "nobody"), ('["x"]', "sara@example.com")]  # once


def test_an_id_that_was_taken_with_other_content_is_kept_for_a_person(hooked: Site) -> None:
    posted(hooked, "batch", batch({"id": "1"}))
    answer = posted(hooked, "batch", batch({"id": "1", "email": "omar@example.com"}, {"id": "2"}))
    assert (answer.status_code, answer.json()) == (200, {"new": 1, "conflict": 1})
    assert [(row["id"], row["email"]) for row in rejects(hooked)] == [("1", "omar@example.com")]


def test_while_the_ledger_is_locked_a_no_is_kept_and_all_else_comes_again(tmp_path: Path) -> None:
    sources(tmp_path)
    with served(project_in(tmp_path, opened=True, environment=SECRETS), patience=0.4) as site:
        with site.locked():
            assert posted(site, "batch", batch({"id": "1", "type": "left"}, {"id": "2", "type": "bounce"})).json() == {"new": 2}
            mixed = batch({"id": "3", "type": "left"}, {"id": "4"})
            assert posted(site, "batch", mixed).status_code == 503
        assert posted(site, "batch", mixed).json() == {"new": 2}
        kept = (site.project.settings.home / "opt-outs.jsonl").read_text(encoding="utf-8")
        assert [name in kept for name in ("batch:1", "batch:2", "batch:3", "batch:4")] == [True, True, True, False]


def test_a_source_whose_file_is_broken_makes_the_sender_come_again(hooked: Site) -> None:
    answer = posted(hooked, "broken", batch({"id": "1"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "stipe" not in answer.text


def test_a_changed_file_holds_from_the_next_post(hooked: Site, tmp_path: Path) -> None:
    (tmp_path / "sources/broken.yaml").write_text(BATCH, encoding="utf-8")
    assert posted(hooked, "broken", batch({"id": "1"})).json() == {"new": 1}


def test_people_are_told_when_amazon_ends_a_subscription_for_nothing_comes_any_more(
    hooked: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: SimpleQueue[str] = SimpleQueue()  # after the answer
    monkeypatch.setattr("offswitch.serve.store.tell", lambda _, news: told.put(*[text for _, text in news]))
    monkeypatch.setattr("connectors.inbound.source.believe_sns", lambda _, post, *__: Believed("1", post.body.decode()))
    shutil.copy(ROOT / "sources/ses.yaml", tmp_path / "sources")
    for done in ("subscribed", "unsubscribed"):
        assert hooked.client.post("/hooks/ses", content=done).json() == {"received": done}
    assert told.get(timeout=5).startswith("hook ses: the sender has ended the subscription")
    assert told.empty()


def test_a_secret_changed_in_dotenv_holds_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = HookSecrets(Settings(environment={"OFFSWITCH_HOOK_SECRET_SHOP": "old-old-old"}), rereads=True)
    assert told("shop") == ["old-old-old"]
    (tmp_path / ".env").write_text("OFFSWITCH_HOOK_SECRETS_SHOP=old-old-old new-new-new\n")
    assert told("shop") == ["old-old-old", "new-new-new"]
    (tmp_path / ".env").write_text("OFFSWITCH_HOOK_SECRET_SHOP=new-new-new\n")
    assert told("shop") == ["new-new-new"]
    (tmp_path / ".env").unlink()
    assert told("shop") == []


def test_a_secret_in_a_prefect_block_is_asked_for_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def reveal(value: str) -> str:
        asked.append(value)
        return "from-the-block"

    monkeypatch.setattr("offswitch.serve.secrets.reveal", reveal)
    told = HookSecrets(Settings(environment={"OFFSWITCH_HOOK_SECRET_SHOP": "prefect:shop-hook"}))
    assert [told("shop"), told("shop")] == [["from-the-block"]] * 2
    assert asked == ["prefect:shop-hook"]
