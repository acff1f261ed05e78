"""The private Prefect server's own process: serves an inherited socket, and ends with the command that started it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

import uvicorn


def main() -> None:
    """`python -m offswitch.orchestrate.private_server FD`; standard input is a pipe that the command holds open."""
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, log_level="error", lifespan="on")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def _end_with_the_command() -> None:
    """A killed command can't end its server, but its end of the pipe closes in any case."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
