"""The mail server of the benchmarks: a process of its own that accepts everything as fast as it can."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.site import ROOT


@contextmanager
def sink(journal: Path | None = None) -> Iterator[int]:
    """Its port. The journal gets one line for each accepted message, with the machine's monotonic time."""
    told = ["--journal", str(journal)] if journal else []
    command = [sys.executable, "-m", "offswitch.testing.smtp_sink", "--port", "0", *told]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()
