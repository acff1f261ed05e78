"""A real Tryton server with one database in a folder: made in seconds, with two users, ours and a colleague's.

It takes `example.com` for a domain that gets mail, for Tryton asks the DNS about every address.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE, PASSWORD = "bayan", "a-long-password-for-tests"
US, COLLEAGUE = "offswitch", "mariam"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server with an empty database; gives its address, which ends with the database's name."""
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "trytond.conf").write_text(f"[database]\nuri = sqlite://\npath = {folder}\n")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-W", "ignore", __file__, str(folder)], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{_port(server, folder)}/{DATABASE}"
    finally:
        server.terminate()
        server.wait(10)


def _port(server: subprocess.Popen[bytes], folder: Path) -> str:
    """Where it answers, as soon as it does."""
    until = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < until:
        if (folder / "port").exists():
            return (folder / "port").read_text()
        time.sleep(0.05)
    raise RuntimeError(f"Tryton did not start: {(folder / 'log').read_text()[-2_000:]}")


def serve(folder: Path) -> None:
    """In a process of its own: make the database and answer."""
    from trytond import config

    config.update_etc([str(folder / "trytond.conf")])
    from trytond.tools import email_

    email_.validate_email = lambda email, check_deliverability=True: email  # noqa: ARG005 - asked by name
    from trytond import backend
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    backend.Database(DATABASE).init()
    pool = Pool(DATABASE)
    pool.init(update=["party"], lang=["en"], activatedeps=True)
    with Transaction().start(DATABASE, 0) as transaction:
        group = pool.get("ir.model.data").get_id("party", "group_party_admin")  # may make categories
        user = {"password": PASSWORD, "groups": [("add", [group])]}
        pool.get("res.user").create([{"name": name.title(), "login": name, **user} for name in (US, COLLEAGUE)])
        transaction.commit()
    from trytond.wsgi import app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    (folder / "port.new").write_text(str(server.port))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
