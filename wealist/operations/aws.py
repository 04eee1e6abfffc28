"""AWS's own API by boto3, at AWS or at the embedded AWS: where the environment variables lead."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wealist.spec.account import REGION

Clients = Callable[..., Any]
"""`client(service, region)`: a boto3 client; the region is the environments' own where it is left out."""


def clients(environ: Mapping[str, str], limits: Any = None) -> Clients:  # noqa: ANN401  boto3 brings no types
    """Makes clients of the AWS that environment variables name; boto3's own search is for credentials they lack.

    Args:
        environ: The environment variables.
        limits: botocore's `Config` of time-outs and repetitions; its defaults, where it is left out.
    """

    def client(service: str, region: str | None = None) -> Any:  # noqa: ANN401  boto3 builds its clients at run time
        import boto3  # noqa: PLC0415  operators' commands that ask AWS nothing start in milliseconds

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


def items(client: Any, operation: str, part: str, **arguments: object) -> Iterator[Any]:  # noqa: ANN401  a boto3 client
    """Everything that an operation lists, page after page.

    Args:
        client: Of the service.
        operation: Its name in boto3.
        part: The part of each answer that holds the things: a key, or a JMESPath.
        arguments: Of the operation.
    """
    if not client.can_paginate(operation):
        yield from search(part, getattr(client, operation)(**arguments)) or []
        return
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from search(part, page) or []


def search(path: str, answer: Any) -> Any:  # noqa: ANN401  as boto3 answers
    """What stands at a JMESPath of an answer; None where nothing does."""
    import jmespath  # noqa: PLC0415  comes with boto3

    return jmespath.search(path, answer)
