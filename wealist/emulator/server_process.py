"""The embedded AWS itself: moto behind HTTP, as a process of its own.

    python -m wealist.emulator.server_process PORT [SEED …]

Prints one line of JSON when it is ready (or cannot start), then nothing: everything else goes to stderr.
"""

import json
import os
import signal
import socket
import sys
import threading
from typing import TextIO

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from wealist.emulator.corrections import correct
from wealist.emulator.seed import Seed, seed
from wealist.emulator.server import HOST
from wealist.emulator.unsupported import service_app
from wealist.errors import OperatorError


def main(port: int, seeds: list[Seed]) -> int:
    """Serve until the parent closes our stdin."""
    report = _take_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: Terraform still has a lock to release
    try:
        correct()
    except OperatorError as error:
        print(json.dumps({"misfit": error.message, "remedy": error.remedy}), file=report, flush=True)
        return error.exit_code
    try:
        # Bound here: werkzeug would end the process with advice of its own.
        listener = socket.create_server((HOST, port))
    except OSError as error:
        print(json.dumps({"error": str(error.strerror)}), file=report, flush=True)
        return 1
    server = _server(listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seed(f"http://{HOST}:{server.port}", seeds)
    print(json.dumps({"port": server.port}), file=report, flush=True)
    sys.stdin.read()  # ends when the parent closes the pipe, or dies
    return 0


def _take_stdout() -> TextIO:
    """Keep stdout for our report alone: moto prints there, and nobody would read it."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return report


def _server(listener: socket.socket) -> BaseWSGIServer:
    host, port = listener.getsockname()
    application = DomainDispatcherApplication(service_app)
    return make_server(host, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno())


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), [Seed(name) for name in sys.argv[2:]]))
