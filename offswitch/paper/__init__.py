"""What all pages that people read, print and send have in common: their head, colours and type."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def pages(package: str, folder: str) -> Environment:
    """The templates of one room. They may include `head.html` and `paper.css`; everything else in them is data, never markup."""
    loader = ChoiceLoader([PackageLoader(package, folder), PackageLoader("offswitch.paper", ".")])
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=loader)
