"""What holds for every answer: methods, headers, health, and the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from offswitch.serve.shell import Shell
from tests.serve.site import COMPANY, ROOT, SECRET, Site, form, project_in, served


def test_other_methods_are_not_allowed(site: Site) -> None:
    allowed = {"/healthz": {"GET"}, "/u/x.y": {"GET", "POST"}, "/hooks/site": {"POST"}}
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
    found = {path: {method for method in methods if site.client.request(method, path).status_code != 405} for path in allowed}
    assert found == allowed


def test_every_answer_keeps_browsers_strict(site: Site) -> None:
    for path in ("/", "/healthz", "/u/x.y", "/hooks/site", "/../etc/passwd"):
        headers = site.client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert [headers[name] for name in ("cache-control", "x-content-type-options", "referrer-policy")] == [
            "no-store",
            "nosniff",
            "no-referrer",
        ]


def test_the_pages_style_is_the_one_that_the_header_allows(site: Site) -> None:
    page = site.client.get(site.link(site.joined()))
    [style] = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert " style=" not in page.text


def test_health_names_the_part_that_is_wrong(tmp_path: Path) -> None:
    with served(project_in(tmp_path, opened=True), patience=1) as site:
        assert site.client.get("/healthz").json() == {"ok": True, "ledger": True, "links": True}
        with site.locked():
            answer = site.client.get("/healthz")
        assert (answer.status_code, answer.json()["ledger"], answer.json()["ok"]) == (503, False, False)


def test_an_error_of_ours_is_answered_without_its_words_and_logged_without_them(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Request) -> Response:
        raise KeyError("canary@example.com")

    with TestClient(Starlette(routes=[Route("/", broken)], middleware=[Middleware(Shell)])) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["cache-control"]) == (500, "60", "no-store")
    assert "canary" not in answer.text + caplog.text
    assert "KeyError at" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_address_and_ends_in_peace(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "company.yaml").write_text(COMPANY, encoding="utf-8")
    environment = {**os.environ, "OFFSWITCH_FLOWS": str(ROOT / "flows"), "OFFSWITCH_HOOK_SECRET_SITE": SECRET}
    command = [sys.executable, "-m", "offswitch", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            assert Site(project_in(tmp_path), client).send(form()).json() == {"received": "new"}
        server.send_signal(number)
        rest, log = server.communicate(timeout=30)
    assert (server.returncode, rest) == (0, "")
    assert "hook site: new" in log
    assert "sara" not in log


def test_a_port_in_use_is_said_in_one_line(site: Site, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "offswitch", "serve", "--port", str(site.client.base_url.port)]
    environment = {**os.environ, "OFFSWITCH_HOME": str(tmp_path / "other"), "OFFSWITCH_FLOWS": str(ROOT / "flows")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "can't be listened on" in done.stderr.splitlines()[-1]
