"""A worker that is killed while several letters are on their way leaves one doubt for each connection, and no lie."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offswitch.act.marks import left_behind
from offswitch.model.receipt import Outcome
from offswitch.testing.smtp_server import ScriptedSmtpServer

pytestmark = pytest.mark.slow

LANES = 4
WORKER = """
import sys
from pathlib import Path
from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.act.marks import Marks
from offswitch.testing.connector_contract import make_orders

marks = Marks(Path(sys.argv[2]), "worker")
marks.reset(7)
smtp = Smtp(SmtpSettings(host="127.0.0.1", port=int(sys.argv[1]), connections=int(sys.argv[3])))
for slot, receipt in enumerate(smtp.perform(make_orders("email", 50, mark=marks))):
    marks.ended(slot, receipt.outcome)
"""


@pytest.mark.parametrize("point", ["begun:5", "begun:30", "accepted:5", "accepted:30"])
def test_a_kill_leaves_at_most_one_doubt_for_each_connection(point: str, tmp_path: Path) -> None:
    with ScriptedSmtpServer() as server:
        command = [sys.executable, "-c", WORKER, str(server.port), str(tmp_path), str(LANES)]
        killed = subprocess.run(command, env={**os.environ, "OFFSWITCH_FAILPOINT": point}, check=False)
        assert killed.returncode == -signal.SIGKILL
        marks = left_behind(tmp_path, "worker", 7)
        assert marks is not None
        assert 1 <= marks[:50].count(Outcome.UNKNOWN) <= LANES
        time.sleep(0.1)  # what the kernel still had to hand over
        held = {taken.to for taken in server.taken}
    for slot, mark in enumerate(marks[:50]):
        if mark is not Outcome.UNKNOWN:
            assert (f"person{slot}@example.com" in held) is (mark is Outcome.PERFORMED)
