"""The commands: one file per verb, loaded when it is called."""

from __future__ import annotations

import gc
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

import click

from offswitch.errors import ConfigError, Lapsed, Refused

_FRAME = ("output", "progress", "verb")
_SELDOM = 50_000  # new objects between two looks for garbage: what a command loads is none, and looking took a quarter of its time
VERBS = tuple(sorted(name.replace("_", "-") for _, name, _ in iter_modules(__path__) if name not in _FRAME))


class Verbs(click.Group):
    """Imports a verb's module only when that verb is called, so that `off` doesn't wait for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb there is a module of."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb, loaded now."""
        if name not in VERBS:
            return None
        gc.set_threshold(_SELDOM)
        command: click.Command = import_module(f"offswitch.cli.{name.replace('-', '_')}").command
        gc.freeze()
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Says which verb was likely meant."""
        if args and args[0] not in VERBS:
            near = get_close_matches(args[0], VERBS, 1)
            ctx.fail(f"there is no command {args[0]!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"max_content_width": 80, "help_option_names": ["-h", "--help"]})
@click.version_option(package_name="offswitch", message="offswitch %(version)s")
def verbs() -> None:
    """Marketing automation that you can switch off without collapse.

    Exit code 0: done. 1: refused or failed, with the reason. 2: wrong usage.
    """


def main() -> None:
    """The console script."""
    try:
        code = verbs.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 1
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (ConfigError, Refused, Lapsed) as error:
        click.echo(str(error), err=True)
        code = 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        line = _of_the_store(error)
        if not line:
            raise
        click.echo(line, err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _of_the_store(error: Exception) -> str:
    """What to do about a ledger or a disk that can't be used, "" for any other error. Loads nothing that wasn't loaded before."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import SQLAlchemyError

    from offswitch.ledger.trouble import in_words

    return in_words(error) if isinstance(error, SQLAlchemyError | OSError) else ""
