"""Are the installed packages those that this release works with?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from offswitch.model.finding import Finding, Level


def of_versions(lines: Iterable[str] | None = None, installed: Callable[[str], str] = version) -> Iterator[Finding]:
    """`lines` as in pyproject.toml, by default those of this package."""
    wanted = [Requirement(line) for line in (lines if lines is not None else requires("offswitch") or ())]
    wrong = [finding for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""}) for finding in _of_one(one, installed)]
    yield from wrong
    if not wrong:
        fixed = ", ".join(f"{name} {installed(name)}" for name in ("prefect", "fastapi", "sqlalchemy"))
        yield Finding("packages", Level.FINE, f"as this release wants them: {fixed}")


def _of_one(one: Requirement, installed: Callable[[str], str]) -> Iterator[Finding]:
    todo = f"pip install -c constraints.txt '{one.name}{one.specifier}'"
    try:
        found = installed(one.name)
    except PackageNotFoundError:
        yield Finding(one.name, Level.TROUBLE, "is not installed", todo)
        return
    if not one.specifier.contains(found, prereleases=True):
        yield Finding(one.name, Level.TROUBLE, f"{found} is installed, and {one.specifier} is needed", todo)
