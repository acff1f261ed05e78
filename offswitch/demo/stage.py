"""The demo's own place: a copy of the policies, a real SMTP server that keeps every mail, and the commands as a person types them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from offswitch.errors import Refused
from offswitch.project.settings import Settings

HOOK_SECRET = "whsec_b2Zmc3dpdGNoLWRlbW8tb2Zmc3dpdGNoLWRlbW8="  # noqa: S105 - of the demo alone, on loopback
MARKETER, APPROVER, OPERATOR = "mariam@bayan.example", "omar@bayan.example", "lina@bayan.example"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of one demo lies, and the environment its commands run in."""

    root: Path
    environment: dict[str, str]

    @property
    def mail(self) -> Path:
        """The folder of mails, one file each."""
        return self.root / "mail"

    @property
    def journal(self) -> Path:
        """The mail server's own list of what it accepted."""
        return self.root / "mail.jsonl"

    @property
    def policy(self) -> Path:
        """The file that a marketer edits."""
        return self.root / "policies" / "welcome.yaml"

    def offswitch(self, *words: str, show: bool = True, lines: int | None = None, typed: str = "", refused: bool = False) -> str:
        """Run a command and show it as a person would see it. Raises Refused when it ends otherwise than it must.

        `typed` is what somebody types into it; `refused`: it has to say no, and why. `lines`: no more of its output; 1: its first words.
        """
        if show:
            click.secho(_command(words), bold=True)
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "offswitch", *words], env=self.environment, input=typed, capture_output=True, text=True, check=False
        )
        if done.returncode != refused:
            raise Refused(f"offswitch {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        if show:
            out = (done.stderr if refused else done.stdout).rstrip().splitlines()
            answer = takewhile(str.strip, out) if lines == 1 else out[:lines]
            click.echo("\n".join(part for line in answer for part in (wrap(line, 80, subsequent_indent="  ") if refused else [line])))
            if lines is not None and 1 < lines < len(out):
                click.echo(f"… and {len(out) - lines} lines more")
        return done.stdout

    def answer(self, *words: str) -> Any:
        """A command's JSON."""
        return json.loads(self.offswitch(*words, "--json", show=False))

    def accepted(self) -> list[dict[str, Any]]:
        """What the mail server has accepted so far, by its own journal."""
        if not self.journal.exists():
            return []
        whole = self.journal.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in whole if line.endswith("\n")]

    @contextmanager
    def process(self, *command: str, log: str) -> Iterator[subprocess.Popen[str]]:
        """A process beside the story, ended with it."""
        with (self.root / log).open("w", encoding="utf-8") as errors:
            running = subprocess.Popen(  # noqa: S603 - our own programs
                command, env=self.environment, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
            )
            try:
                yield running
            finally:
                _end(running)


def set_stage(settings: Settings) -> Stage:
    """A fresh folder under the project's home. What an earlier demo left there goes; nothing else is touched."""
    root = settings.home / "demo"
    shutil.rmtree(root, ignore_errors=True)
    (root / "policies").mkdir(parents=True)
    for path in settings.policies.glob("*.yaml"):
        shutil.copy(path, root / "policies")
    _open_wide(root / "policies" / "welcome.yaml")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OFFSWITCH_", "PREFECT_"))},
        "OFFSWITCH_HOME": str(root),
        "OFFSWITCH_POLICIES": str(root / "policies"),
        "OFFSWITCH_MESSAGES": str(settings.messages.absolute()),
        "OFFSWITCH_FLOWS": str(settings.flows.absolute()),
        "OFFSWITCH_SMTP_HOST": "127.0.0.1",
        "OFFSWITCH_SMTP_TLS": "none",
        "OFFSWITCH_HOOK_SECRET_SITE": HOOK_SECRET,
        "PYTHONUNBUFFERED": "1",
    }
    return Stage(root, environment)


def _command(words: tuple[str, ...]) -> str:
    """As somebody types it into a terminal of 80 columns."""
    lines = wrap(f"$ offswitch {shlex.join(words)}", 78, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return " \\\n".join(lines)


def _open_wide(policy: Path) -> None:
    """In the demo everybody may enter at once; a real flow climbs the steps that the file has."""
    text = policy.read_text(encoding="utf-8")
    wide = re.sub(r"(?m)^(\s+)steps:.*(?:\n\1\s*- .*)*$", r"\1steps: [100%]  # the demo lets everybody in", text, count=1)
    policy.write_text(re.sub(r"(?m)^switch: \w+", "switch: on", wide), encoding="utf-8")


def _end(running: subprocess.Popen[str]) -> None:
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
