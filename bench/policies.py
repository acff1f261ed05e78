"""Loading the policies of a large organisation: 200 flows, each file read strictly and checked against all others.

The bound is libyaml's bare events of the same files. Cold: no condition was ever compiled in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time

from ruamel.yaml.cyaml import CSafeLoader

from bench.every_key import CONDITIONS, PACE, write_besides
from bench.measure import Case, Row, turns
from bench.site import FLOW
from offswitch.policy import conditions, load
from offswitch.policy.load import check_all, load_company, load_flow

TITLE = "policy files, from their bytes to checked values (CPU time)"
FLOWS = 200
NAMES = tuple(f"flow_{number}" for number in range(FLOWS))
PLAIN = FLOW + PACE


def measured(*, short: bool) -> list[Row]:
    """Files without and with conditions, all of them and one."""
    with folder_of(PLAIN) as plain, folder_of(PLAIN + CONDITIONS) as rich:
        cases = (
            _bare("200 files: bare libyaml", plain),
            Case("200 files without conditions", "ms", lambda: _ms(lambda: _check(plain)), "200 files: bare libyaml", "< 300"),
            _bare("200 with conditions: bare libyaml", rich),
            Case("200 with conditions, cold", "ms", lambda: _cold(rich), "200 with conditions: bare libyaml", "< 300"),
            Case("200 with conditions, again", "ms", lambda: _ms(lambda: _check(rich)), "200 with conditions: bare libyaml", "< 300"),
            Case("one changed file: bare libyaml", "ms", lambda: _ms(lambda: _events(rich / "flow_0.yaml"))),
            Case("one changed file", "ms", lambda: _changed(rich), "one changed file: bare libyaml", "a few"),
        )
        return turns(cases, 3 if short else 9)


@contextmanager
def folder_of(flow: str) -> Iterator[Path]:
    """A company, what it knows of people, and its flows. No two flows have the same conditions."""
    with TemporaryDirectory(prefix="offswitch-bench-") as name:
        folder = Path(name)
        write_besides(folder)
        for number, flow_name in enumerate(NAMES):
            text = flow.replace("score.points < 10", f"score.points < {number}").replace(">= 5.0", f">= {number}.5")
            (folder / f"{flow_name}.yaml").write_text(text, encoding="utf-8")
        yield folder


def _bare(name: str, folder: Path) -> Case:
    return Case(name, "ms", lambda: _ms(lambda: _events(*folder.glob("*.yaml"))))


def _events(*paths: Path) -> None:
    for path in paths:
        reader = CSafeLoader(path.read_text(encoding="utf-8"))
        while reader.check_event():
            reader.get_event()


def _check(folder: Path) -> None:
    problems = check_all(folder, NAMES)
    if problems:
        raise ValueError(str(problems[0]))


def _cold(folder: Path) -> float:
    for known in (conditions._tree, conditions._program, conditions._mistake, load._sorting):  # noqa: SLF001 - as in a new process
        known.cache_clear()
    return _ms(lambda: _check(folder))


def _changed(folder: Path) -> float:
    """Somebody has written another limit into the file; all else is known."""
    company = load_company(folder)
    path = folder / "flow_0.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "# one more line\n", encoding="utf-8")
    took = _ms(lambda: load_flow(folder, "flow_0", company))
    path.write_text(text, encoding="utf-8")
    return took


def _ms(work: Callable[[], object]) -> float:
    began = thread_time()
    work()
    return (thread_time() - began) * 1000
