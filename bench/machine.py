"""On what it was measured."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("sqlalchemy", "pydantic", "jinja2", "click", "httpx", "prefect")


def machine() -> dict[str, str]:
    """Processor, system, interpreter, SQLite and the packages that matter, by name."""
    return {
        "processor": f"{len(os.sched_getaffinity(0))} x {_processor()}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        **{name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    """Model name where the kernel tells it, with family and model, which tell more on a rented machine."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    first = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return f"{first.get('model name', 'unknown')} (family {first.get('cpu family', '?')} model {first.get('model', '?')})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
