"""Small pages, windows and batches, so that a few people fill several of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from offswitch.act import advance, collect
from offswitch.worklist import query, snapshot

_SIZES = ((advance, "WINDOW", 3), (collect, "CHUNK", 5), (query, "CHUNK", 4), (snapshot, "PAGE", 4), (snapshot, "PAGES", 2))


@contextmanager
def small_pages() -> Iterator[None]:
    """Within this, in this process."""
    before = [(module, name, getattr(module, name)) for module, name, _ in _SIZES]
    for module, name, size in _SIZES:
        setattr(module, name, size)
    try:
        yield
    finally:
        for module, name, size in before:
            setattr(module, name, size)
