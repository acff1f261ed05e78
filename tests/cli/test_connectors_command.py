"""`offswitch connectors` and `offswitch doctor`, as somebody types them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from connectors.http.traffic import Service, traffic_to
from offswitch.model.receipt import Guarantee
from offswitch.project.catalogue import PROMISES
from tests.cli.conftest import LINA, Shop

Call = Callable[..., Result]
SECRET = "canary-9f2c-s3cr3t"


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("EMAIL", "CRM", "SMTP_HOST", "SENDGRID_API_KEY"):
        monkeypatch.delenv(f"OFFSWITCH_{name}", raising=False)


def connectors(call: Call) -> dict[str, dict[str, object]]:
    document = json.loads(call("connectors", "--json").stdout)
    assert document["schema"] == "offswitch.connectors/1"
    return {row["name"]: row for row in document["connectors"]}


@pytest.mark.usefixtures("shop")
def test_every_connector_is_listed_with_promise_limits_and_what_it_lacks(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = connectors(call)
    assert [name for name, row in rows.items() if row["in_use"]] == ["smtp", "local"]
    assert rows["sendgrid"]["missing"] == ["OFFSWITCH_SENDGRID_API_KEY"]
    assert rows["sendgrid"]["promise"] == PROMISES[Guarantee.NONE]
    assert not [name for name, row in rows.items() if not row["limits"]]
    monkeypatch.setenv("OFFSWITCH_EMAIL", "sendgrid")
    monkeypatch.setenv("OFFSWITCH_SENDGRID_API_KEY", SECRET)
    rows = connectors(call)
    assert (rows["sendgrid"]["in_use"], rows["smtp"]["in_use"], rows["sendgrid"]["missing"]) == (True, False, [])
    shown = call("connectors")
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert SECRET not in shown.stdout


@pytest.mark.usefixtures("shop")
def test_listing_connectors_does_without_prefect() -> None:
    code = "import sys; from offswitch.cli import verbs; verbs(['connectors'], standalone_mode=False); print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False", done.stderr


@pytest.mark.usefixtures("shop")
def test_a_name_that_is_no_connector_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_EMAIL", "sendgird")
    assert "OFFSWITCH_EMAIL is 'sendgird': there is no such connector" in call("connectors").stdout


def test_an_open_breaker_of_any_process_and_a_switch_are_shown(shop: Shop, call: Call) -> None:
    traffic = traffic_to(Service("sendgrid", failures=1), "https://api.example.com")
    traffic.badly("the provider did not answer in time")
    breaker = connectors(call)["sendgrid"]["breaker"]
    assert isinstance(breaker, dict)
    assert (breaker["position"], breaker["failures"], breaker["why"]) == ("open", 1, "the provider did not answer in time")
    assert "BREAKER OPEN for 0 s, 1 failures, holds 30 s more" in call("connectors").stdout
    traffic.pause(600)
    assert "the provider asked for a pause: 600 s more" in call("connectors").stdout
    assert call("off", "--connector", "smtp", "--why", "moving house").exit_code == 0
    assert connectors(call)["smtp"]["off"] == "company.yaml"
    with shop.project.ledger.write() as book:
        book.stops.add("connector", "local", reason="moving house", by=LINA, at=shop.project.clock.now())
    assert connectors(call)["local"]["off"] == "ledger, moving house"
    assert "OFF: ledger, moving house" in call("connectors").stdout


@pytest.mark.usefixtures("shop")
def test_the_doctor_finds_what_is_wrong_says_what_to_do_and_ends_with_1(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_EMAIL", "sendgrid")
    done = call("doctor", "--offline")
    assert done.exit_code == 1
    assert "TROUBLE OFFSWITCH_EMAIL=sendgrid: not set: OFFSWITCH_SENDGRID_API_KEY" in done.stdout
    assert "not looked at (--offline):" in done.stdout
    assert not [line for line in done.stdout.splitlines() if len(line) > 80 and "/" not in line]  # a path is not broken


@pytest.mark.usefixtures("shop")
def test_the_doctor_is_content_with_what_is_in_order(call: Call, tmp_path: Path) -> None:
    records = {"bayan.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"], "MX": ["1 mx.bayan.example."]}}
    records["_dmarc.bayan.example"] = {"TXT": ["v=DMARC1; p=reject; rua=mailto:r@bayan.example"]}
    (tmp_path / "dns.json").write_text(json.dumps(records))
    done = call("doctor", "--offline", "--dns", "dns.json", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "offswitch.doctor/1"
    troubles = [finding for finding in document["findings"] if finding["level"] == "trouble"]
    assert (done.exit_code, troubles) == (0, [])
    assert {"settings", "secrets", "ledger", "home", "packages", "SPF", "DMARC"} <= {finding["check"] for finding in document["findings"]}
    assert set(document["skipped"]) == {"email smtp", "crm local", "serve"}
    assert document["counts"]["fine"] == len([one for one in document["findings"] if one["level"] == "fine"])


def test_the_doctor_shows_neither_secrets_nor_people_and_survives_a_broken_company_file(
    shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.forms("dana")
    monkeypatch.setenv("OFFSWITCH_SMTP_PASSWORD", SECRET)
    monkeypatch.setenv("OFFSWITCH_HOOK_SECRET_SITE", SECRET)
    company = shop.project.settings.policies / "company.yaml"
    company.write_text(company.read_text("utf-8").replace("switch: on", "switch: maybe"), "utf-8")
    done = call("doctor", "--offline", "--dns", str(company))
    assert done.exit_code == 1
    done = call("doctor", "--offline")
    assert "company.yaml" in done.stdout
    assert not [one for one in (SECRET, "dana", "mariam", "omar") if one in done.output.lower()]


@pytest.mark.usefixtures("shop")
def test_the_doctor_knows_which_domains_are_meant(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dns.json").write_text('{"bayan.example": {"MX": ["1 mx.bayan.example."]}}')

    def abouts() -> set[str]:
        found = json.loads(call("doctor", "--offline", "--dns", "dns.json", "--json").stdout)["findings"]
        return {f"{one['about']}: {one['said']}" for one in found if one["check"] in {"SPF", "DKIM"}}

    monkeypatch.setenv("OFFSWITCH_EMAIL", "mailgun")
    monkeypatch.setenv("OFFSWITCH_MAILGUN_DOMAIN", "mg.bayan.example")
    monkeypatch.setenv("OFFSWITCH_DKIM_SELECTORS", "one, two")
    lacking = {f"DKIM of bayan.example: there is no key at {selector}._domainkey" for selector in ("one", "two")}
    assert abouts() == {"SPF of mg.bayan.example: there is no record"} | lacking
    monkeypatch.setenv("OFFSWITCH_RETURN_PATH", "Bounces.Bayan.example")
    assert abouts() == {"SPF of bounces.bayan.example: there is no record"} | lacking
