"""A fake AWS with recorded responses: real boto3 clients, whose requests are answered before they are sent.

    recorded = RecordedAws({"ec2.describe_vpcs": {"Vpcs": []}, "iam.list_roles": refusal("AccessDenied")})
    recorded("ec2").describe_vpcs()

A response must match botocore's model of the operation.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters

from wealist.spec.account import REGION


class Refusal(NamedTuple):
    """An error response of AWS."""

    code: str
    status: int
    message: str


def refusal(code: str, status: int = 400, message: str = "as recorded") -> Refusal:
    return Refusal(code, status, message)


DENIED = refusal("AccessDenied", 403, "User: arn:aws:iam::290008131187:user/nobody is not authorized")
Recording = Mapping[str, Any] | Refusal | Exception | Callable[[Mapping[str, Any]], Any]
"""A response, an error response, an exception of botocore, or a function that returns one of them for parameters."""


class RecordedAws:
    """Creates clients, as `wealist.operations.aws.clients` does.

    Attributes:
        asked: `service.operation` and parameters of each call, in order.
        answers: `service.operation` → recorded response.
    """

    def __init__(self, answers: Mapping[str, Recording]) -> None:
        """Record responses.

        Args:
            answers: `service.operation`, with boto3's names → response. Any other call fails the test.
        """
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers = answers

    @property
    def operations(self) -> set[str]:
        """`service.operation` of every call."""
        return {operation for operation, _ in self.asked}

    def __call__(self, service: str, region: str | None = None) -> "_Client":
        return _Client(self, _client(service, region or REGION))

    def answer(self, named: str, parameters: Mapping[str, Any]) -> Any:
        self.asked.append((named, parameters))
        try:
            recording = self.answers[named]
        except KeyError:
            raise AssertionError(f"no response is recorded for {named}") from None
        return recording(parameters) if callable(recording) else recording


class _Client:
    """A boto3 client with recorded responses. Instances share boto3's clients, which are slow to create."""

    def __init__(self, recorded: RecordedAws, client: Any) -> None:
        self._recorded, self._boto = recorded, client

    def __getattr__(self, name: str) -> Any:
        self._boto.recorded = self._recorded
        return getattr(self._boto, name)


@functools.cache
def _client(service: str, region: str) -> Any:
    client = boto3.client(service, region_name=region, aws_access_key_id="recorded", aws_secret_access_key="recorded")
    client.meta.events.register("before-parameter-build", _keep)
    client.meta.events.register("before-call", functools.partial(_answer, client))
    return client


def _keep(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
    context["recorded"] = dict(params)


def _answer(client: Any, model: Any, context: Mapping[str, Any], **_: object) -> tuple[AWSResponse, Any]:
    named = f"{model.service_model.service_name}.{xform_name(model.name)}"
    answer = client.recorded.answer(named, context["recorded"])
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, Refusal):
        error = {"Code": answer.code, "Message": answer.message}
        return _http(answer.status), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": answer.status}}
    _refuse_other_shapes(named, answer, model)
    return _http(200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _http(status: int) -> AWSResponse:
    return AWSResponse("https://recorded", status, {}, None)


def _refuse_other_shapes(named: str, answer: Mapping[str, Any], model: Any) -> None:
    """Validate a response with botocore's model. The content of a stream is not validated."""
    streamed = model.get_streaming_output() is not None
    plain = {name: value for name, value in answer.items() if not (streamed and name == "Body")}
    unknown = plain.keys() - model.output_shape.members if model.output_shape else plain.keys()
    assert not unknown, f"responses of {named} have no {unknown}"
    if plain:
        validate_parameters(plain, model.output_shape)
