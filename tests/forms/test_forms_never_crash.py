"""Laws for whatever strangers send: an answer always, never an exception, and nothing unseen gets in."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.forms.files import read_file
from connectors.forms.strict_json import parse_json
from connectors.forms.submission import FRAME, PERSON, read_submission
from connectors.forms.text import clean, one_line
from connectors.inbound.verify import verify_form as verify
from offswitch.errors import ConfigError
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
EXAMPLES = settings(max_examples=600)

words = st.sampled_from([*FRAME, *PERSON, "message", "sara@example.com", "نعم", "2026-11-21T08:00:00Z", "Asia/Riyadh", "SA"])
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=6),
    max_leaves=12,
)
forms = st.builds(
    lambda rest, frame: rest | frame,
    st.dictionaries(words | st.text(max_size=8), values, max_size=6),
    st.fixed_dictionaries({"id": st.text(max_size=5) | st.just("1"), "email": st.just("sara@example.com") | values}),
)


def texts(value: Any) -> Iterator[str]:
    """Every text at every level, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts([*value.keys(), *value.values()])
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def rows_or_error(path: Path) -> list[Submission | Reject]:
    """The rows; or the error, as if it were one that stands in the file."""
    found: list[Submission | Reject] = []
    try:
        found.extend(read_file(path, now=NOW, default_kind="form.submitted", known_kinds=["form.submitted"]))
    except ConfigError as error:
        found.extend(Reject(f"{problem.path}:{problem.line}", problem.what, {}) for problem in error.problems)
    return found


def read(raw: dict[str, Any]) -> Submission | Reject:
    return read_submission(raw, source="site", now=NOW, default_kind="form.submitted", known_kinds=["form.submitted"])


@EXAMPLES
@given(forms)
def test_any_form_is_taken_or_turned_away_with_a_reason(raw: dict[str, Any]) -> None:
    found = read(raw)
    if isinstance(found, Reject):
        assert found.reason
        return
    assert found.id
    assert found.at <= NOW + timedelta(minutes=5)
    text = "".join(texts([found.id, found.email, found.contact, found.data])).replace("\n", "").replace("\t", "")
    assert not {unicodedata.category(letter) for letter in text} & {"Cc", "Cs"}
    assert not {unicodedata.bidirectional(letter) for letter in text} & {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}


@EXAMPLES
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass"))
    | values.map(lambda v: json.dumps(v).encode())
)
def test_any_body_is_an_object_or_refused(body: bytes) -> None:
    found = parse_json(body)
    if isinstance(found, Refusal):
        assert 400 <= found.status < 500
        assert found.message
    else:
        assert json.loads(json.dumps(found, allow_nan=False).encode()) == found


@EXAMPLES
@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=40)), st.binary(max_size=40)
)
def test_no_headers_that_were_guessed_are_believed(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        verify(body, headers, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], NOW)
    assert caught.value.status in {400, 401}


@settings(max_examples=500)
@given(
    st.sampled_from([b"id,email\n", b"id;email;x\n", b"[", b"{", b""]),
    st.binary(max_size=80) | st.text(",;\n\r\"'[]{}:1a@", max_size=80).map(str.encode),
)
def test_any_file_gives_rows_or_one_error_with_its_place(begin: bytes, rest: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "leads")
        path.write_bytes(begin + rest)
        places = [found.where if isinstance(found, Reject) else found.source for found in rows_or_error(path)]
        assert all(place.startswith(f"{path}:") for place in places)


@EXAMPLES
@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)
