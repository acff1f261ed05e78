"""Another version of a flow's module, with other code that decides the same."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from offswitch.errors import Refused
from offswitch.journey.code import code_digest
from offswitch.journey.journey import Journey


def changed_journey(journey: Journey, folder: Path) -> Journey:
    """The same journey from a copy of its module that has one line more. The digest of its code is another one."""
    name = journey.first.decide.__module__
    module = sys.modules[name]
    if not module.__file__:
        raise Refused(f"the code of {journey.name} stands in no file")
    path = folder / f"changed_{journey.name}.py"
    path.write_text(Path(module.__file__).read_text(encoding="utf-8") + "\n_DEPLOYED_AGAIN = True\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    again = importlib.util.module_from_spec(spec)
    sys.modules[name] = again
    try:
        spec.loader.exec_module(again)
        found = next(value for value in vars(again).values() if isinstance(value, Journey) and value.name == journey.name)
        code_digest(found)  # taken now, while the module goes by this name
    finally:
        sys.modules[name] = module
    return found
