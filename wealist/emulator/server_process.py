"""The server of the embedded AWS: moto behind HTTP, in its own process.

    python -m wealist.emulator.server_process PORT [SEED …]

The program prints one line of JSON when it is ready or cannot start. All other output goes to stderr.
"""

import json
import os
import signal
import socket
import sys
import threading
from typing import Any, TextIO

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from wealist.emulator.corrections import correct
from wealist.emulator.server import HOST, Seed, endpoint_at
from wealist.emulator.unsupported import service_app
from wealist.errors import OperatorError
from wealist.spec.account import DOMAIN, OIDC_AUDIENCE, OIDC_URL, REGION, STATE_BUCKET


def main(port: int, seeds: list[Seed]) -> int:
    """Serve until the parent process closes stdin. Returns the exit code."""
    report = _take_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the parent still needs AWS: Terraform releases its lock
    try:
        correct()
    except OperatorError as error:
        print(json.dumps({"incompatible": error.message, "remedy": error.remedy}), file=report, flush=True)
        return error.exit_code
    try:
        # werkzeug itself would end the process if the port is in use.
        listener = socket.create_server((HOST, port))
    except OSError as error:
        print(json.dumps({"error": str(error.strerror)}), file=report, flush=True)
        return 1
    server = _server(listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for each in seeds:
        _create(each, endpoint_at(server.port))
    print(json.dumps({"port": server.port}), file=report, flush=True)
    sys.stdin.read()  # returns when the parent closes the pipe or dies
    return 0


def _take_stdout() -> TextIO:
    """Return stdout for the report, and redirect everything that moto prints to stderr."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return report


def _server(listener: socket.socket) -> BaseWSGIServer:
    host, port = listener.getsockname()
    application = DomainDispatcherApplication(service_app)
    return make_server(host, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno())


def _create(seed: Seed, endpoint: str) -> None:
    """Create a resource that the account contains before Terraform runs."""

    def client(service: str) -> Any:  # noqa: ANN401 -- boto3 creates its client classes at run time
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION)

    if seed is Seed.STATE_BUCKET:
        s3 = client("s3")
        s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    elif seed is Seed.HOSTED_ZONE:
        client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="seed")
    elif seed is Seed.GITHUB_OIDC:
        # https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
        client("iam").create_open_id_connect_provider(Url=OIDC_URL, ClientIDList=[OIDC_AUDIENCE])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), [Seed(name) for name in sys.argv[2:]]))
