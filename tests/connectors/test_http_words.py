"""What is read from and written into HTTP beside JSON: resets of limits, forms with files, and answers as findings."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.http import Answer, Body, Busy, NotSent, Rejected, Result, Unknown, as_multipart
from connectors.http.finding import unanswered
from connectors.http.retry_after import LONGEST, limit_reset
from offswitch.model.finding import Level
from offswitch.testing.http_server import ScriptedHttpServer, reply
from tests.connectors.http_rig import WRITE, client_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-reset": f"{EPOCH + 30}"}, 30),
        ({"x-ratelimit-reset": f"{EPOCH + 30}", "date": "Sun, 01 Nov 2026 11:59:30 GMT"}, 60),
        ({"x-ratelimit-reset": f"{EPOCH - 30}"}, 0),
        ({"x-ratelimit-reset": "17"}, 17),
        ({"ratelimit-reset": "17"}, 17),
        ({"x-ratelimit-reset": "9" * 400}, LONGEST),
        *(({"x-ratelimit-reset": junk}, None) for junk in ("", "soon", "-5", "1.5", "٥")),
    ],
)
def test_the_reset_of_a_limit_is_an_instant_or_seconds(told: dict[str, str], seconds: float | None) -> None:
    assert limit_reset(told, NOW) == seconds


@pytest.mark.parametrize(("status", "kind"), [(429, Busy), (500, Unknown), (400, Rejected)])
def test_a_reset_holds_only_where_the_limit_is_what_is_wrong(status: int, kind: type) -> None:
    headers = {"X-RateLimit-Reset": f"{int(datetime.now(UTC).timestamp()) + 90}"}
    with ScriptedHttpServer(answer=lambda _: reply(status, {}, headers)) as server, client_of(server.url) as client:
        result = client.call(WRITE)
    assert isinstance(result, kind)
    until = getattr(result, "until", None)
    assert (until is not None) is (status == 429)
    assert until is None or until - datetime.now(UTC) > timedelta(seconds=80)


def test_a_reset_gives_way_to_a_plain_retry_after() -> None:
    headers = {"X-RateLimit-Reset": "3", "Retry-After": "300"}
    with ScriptedHttpServer(answer=lambda _: reply(429, {}, headers)) as server, client_of(server.url) as client:
        result = client.call(WRITE)
    assert isinstance(result, Busy)
    assert result.until - datetime.now(UTC) > timedelta(seconds=290)


def test_a_form_with_a_file_keeps_every_byte_of_it() -> None:
    content = bytes(range(256)) + b"\r\n--x\r\n.\r\n"
    body = as_multipart({"to": "منى"}, {"message": Body(content, "application/octet-stream")})
    edge = body.type.partition("boundary=")[2].encode()
    assert body.type.startswith("multipart/form-data; ")
    assert body.content.count(b"--" + edge) == 3
    assert b'name="message"; filename="message"\r\nContent-Type: application/octet-stream\r\n\r\n' + content + b"\r\n--" in body.content
    assert "منى".encode() in body.content
    with pytest.raises(ValueError, match="surrogates"):
        as_multipart({"to": "\ud800"}, {})


@pytest.mark.parametrize(
    ("result", "level", "helps"),
    [
        (Rejected("no", answer=Answer(401, {}, b"")), Level.TROUBLE, "take another key"),
        (Rejected("no", answer=Answer(404, {}, b"")), Level.TROUBLE, "check the base URL and the settings of this connector"),
        (NotSent("away"), Level.UNKNOWN, "look again later"),
        (Busy("held", NOW), Level.UNKNOWN, "look again later"),
    ],
)
def test_a_question_without_an_answer_is_a_finding(result: Result, level: Level, helps: str) -> None:
    found = unanswered("the key", result, "take another key")
    assert (found.level, found.todo) == (level, helps)
