"""`offswitch diff`: what is different between two plans."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from offswitch.cli.output import answer, json_option, say
from offswitch.errors import Refused
from offswitch.project.settings import Settings
from offswitch.review.difference import Difference, difference
from offswitch.review.difference_page import as_html as show_page
from offswitch.review.kept import APPROVED, find, load
from offswitch.review.show_difference import as_json as show_json
from offswitch.review.show_difference import as_text as show_text
from offswitch.review.words import Language

FAILURES: Mapping[str, tuple[str, Callable[[Difference], object]]] = {
    "new-recipients": ("somebody is newly reached", lambda one: one.newly.count),
    "unapproved": ("something has changed that nobody has approved yet", lambda one: one.unapproved),
    "texts": ("a text has changed", lambda one: one.texts),
    "code": ("a step has changed", lambda one: one.steps or one.elsewhere),
    "warnings": ("there is a new warning", lambda one: one.warnings),
    "any": ("there is a difference", lambda one: not one.empty),
}


@click.command("diff")
@click.argument("before")
@click.argument("now")
@click.option("--fail-on", "failures", multiple=True, type=click.Choice(list(FAILURES)), help="Exit 1 when this is so; may be repeated.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the difference as a page to read or print.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="The language of the page.")
@json_option
def command(before: str, now: str, failures: tuple[str, ...], page: Path | None, lang: Language, as_json: bool) -> None:
    """Show what is different between the plans BEFORE and NOW.

    Each is the digest of a plan that was made here, or a file that `offswitch
    plan --out` wrote. BEFORE may be `approved`: the plan that was approved last.
    """
    home = Settings().home
    later = load(find(home, now))
    earlier = load(find(home, before, later.flow) if before == APPROVED else find(home, before))
    if earlier.flow != later.flow:
        raise Refused(f"these are plans of two flows, {earlier.flow} and {later.flow}: nothing in them can be compared")
    found = difference(earlier, later)
    if page is not None:
        page.write_text(show_page(found, lang), encoding="utf-8")
        say(f"written: {page}")
    failed = [name for name in failures if FAILURES[name][1](found)]
    answer({**show_json(found), "failed_on": failed}, as_json, lambda: show_text(found))
    for name in failed:
        say(f"--fail-on {name}: {FAILURES[name][0]}")
    if failed:
        sys.exit(1)
