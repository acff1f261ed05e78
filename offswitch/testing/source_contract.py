"""What every declared source promises, as tests that find the sources by themselves.

A project's test file says `class TestSources(EverySource)`, with `folder` where its sources are not in `sources/`.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

import offswitch.events  # noqa: F401 - sources speak of its kinds
from offswitch.intake.inbound import Source, sources_in
from offswitch.model.event import KINDS
from offswitch.model.post import Post
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject

_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the form that most kinds want; it signs nothing here
_BODIES = (b"", b"{", b"[]", b"null", b"{}", b'{"id": null}', b'[{"id": 1}]', b"a=b&a=c", b"\xff\xfe", b'{"a":' * 500, b"--x\r\n\r\n--x--")


class EverySource:
    """What can be asked of a source without its sender."""

    folder: ClassVar[Path] = Path("sources")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One source file after the other."""
        if "source" in metafunc.fixturenames:
            found, problems = sources_in(self.folder)
            assert not problems, "\n".join(map(str, problems))
            metafunc.parametrize("source", found, ids=[source.name for source in found])

    def test_it_says_what_it_is_and_brings_kinds_of_event_that_there_are(self, source: Source) -> None:
        """For whoever looks at the list of sources."""
        assert source.about
        assert source.kinds
        assert set(source.kinds) <= set(KINDS)

    @pytest.mark.parametrize("secrets", [[], [""], [_SECRET], [_SECRET, "another"]], ids=["none", "empty", "one", "two"])
    def test_a_post_without_proof_is_never_believed(self, source: Source, secrets: list[str]) -> None:
        """Whatever secret is set, and also where none is."""
        for body in _BODIES:
            with pytest.raises(Refusal) as refused:
                source.verify(Post(body), secrets, _NOW)
            assert refused.value.status in ((400, 401, 503) if secrets else (503,))

    def test_nonsense_is_refused_or_kept_and_breaks_nothing(self, source: Source) -> None:
        """Even when its sender is believed."""
        for body in _BODIES:
            post = Post(body, {"content-type": "application/json"})
            with suppress(Refusal):
                assert all(isinstance(one, Reject) for one in source.read(post, "post-1", _NOW, frozenset(KINDS)).found)
