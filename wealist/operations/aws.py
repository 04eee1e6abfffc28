"""boto3 clients of AWS or the embedded AWS, as the process environment selects."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wealist.spec.account import REGION

Clients = Callable[..., Any]
"""`client(service, region)` returns a boto3 client. The region defaults to `REGION`."""


def clients(environ: Mapping[str, str], limits: Any = None) -> Clients:  # noqa: ANN401 -- boto3 has no types
    """Return a function that creates boto3 clients.

    Args:
        environ: The process environment. Without credentials in it, boto3 searches for them.
        limits: botocore's `Config` of time-outs and retries. Defaults to botocore's own.
    """

    def client(service: str, region: str | None = None) -> Any:  # noqa: ANN401 -- boto3 creates its classes at run time
        import boto3  # noqa: PLC0415 -- slow, and most commands do not call AWS

        return boto3.client(
            service,
            endpoint_url=environ.get("AWS_ENDPOINT_URL"),
            region_name=region or REGION,
            config=limits,
            aws_access_key_id=environ.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=environ.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=environ.get("AWS_SESSION_TOKEN"),
        )

    return client


def items(client: Any, operation: str, part: str, **arguments: object) -> Iterator[Any]:  # noqa: ANN401 -- a boto3 client
    """Iterate over all pages of a list operation.

    Args:
        client: The service's client.
        operation: The operation's name in boto3.
        part: The key or JMESPath of the list in each response.
        arguments: The operation's arguments.
    """
    if not client.can_paginate(operation):
        yield from search(part, getattr(client, operation)(**arguments)) or []
        return
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from search(part, page) or []


def search(path: str, answer: Any) -> Any:  # noqa: ANN401 -- a response of boto3
    """Return the value at a JMESPath of a response, or None."""
    import jmespath  # noqa: PLC0415 -- comes with boto3

    return jmespath.search(path, answer)
