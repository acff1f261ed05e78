"""Every shipped source keeps the contract of sources."""

from pathlib import Path
from typing import ClassVar

from offswitch.testing.source_contract import EverySource


class TestShippedSources(EverySource):
    folder: ClassVar[Path] = Path(__file__).parents[2] / "sources"


def test_the_suite_finds_sources_by_their_files() -> None:
    assert len(list(TestShippedSources.folder.glob("*.yaml"))) >= 17
