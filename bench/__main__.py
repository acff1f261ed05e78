"""`python -m bench [NAME…] [--json FILE] [--check | --commit]`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

import click

from bench.committed import losses, read, shares, write
from bench.machine import machine
from bench.measure import Row
from bench.report import document, table

NAMES = ("decide", "policies", "steps", "mails", "connectors", "stop", "kill", "recover", "worklist", "plan", "forecast", "workers", "cold")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAME]...")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures to this file.")
@click.option("--check", is_flag=True, help="Short runs; exit 1 when a share of a bound is below half of the committed one.")
@click.option("--commit", is_flag=True, help="Keep the shares in bench/committed.json.")
def main(names: tuple[str, ...], path: Path | None, check: bool, commit: bool) -> None:
    """Measure all of them, or those that are named."""
    on = machine()
    click.echo("\n".join(f"{name:<11}{value}" for name, value in on.items()))
    began = perf_counter()
    results: dict[str, list[Row]] = {}
    failures: list[str] = []
    for name in names or NAMES:
        results[name] = _run(name, short=check)
        if check:
            failures += [f"{name}, {loss}" for loss in _losses(name, results)]
    click.echo(f"\n{perf_counter() - began:.0f} s")
    if path is not None:
        path.write_text(document(on, results), encoding="utf-8")
    if commit:
        write({name: value for name, value in on.items() if name != "load"}, shares(results))
    if failures:
        click.echo("slower than committed:\n  " + "\n  ".join(failures), err=True)
        sys.exit(1)


def _losses(name: str, results: dict[str, list[Row]]) -> list[str]:
    """What is still lost when it is measured again: one unlucky moment of a shared machine is no loss."""
    before = read().get(name, {})
    if not list(losses(before, results[name])):
        return []
    results[name] = _run(name, short=True)
    return list(losses(before, results[name]))


def _run(name: str, *, short: bool) -> list[Row]:
    bench = import_module(f"bench.{name}")
    rows: list[Row] = bench.measured(short=short)
    click.echo(table(name, bench.TITLE, rows))
    return rows


if __name__ == "__main__":
    main()
