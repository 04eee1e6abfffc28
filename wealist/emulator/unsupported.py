"""Reject calls that moto does not support, with the name of the call, in an error that no SDK retries.

    request ─► moto ─┬─► its answer
                     └─ no such service, path or action ─► 400 "not in the embedded AWS: ec2:CreateFleet"

moto itself returns 500 or 404 with HTML. SDKs retry a 500 for minutes, and Terraform interprets a 404 as a resource
that does not exist.
"""

import json
import re
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final, cast
from uuid import uuid4
from xml.sax.saxutils import escape

import flask
from botocore.loaders import Loader
from flask import Flask
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import BackendRequest, create_backend_app
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from moto.core.request import Request

CODE: Final = "NotInEmbeddedAWS"
"""The error code. AWS has no such code, so SDKs do not retry it and Terraform does not ignore it.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""
STATUS: Final = 400
"""The HTTP status. SDKs retry 5xx and 429, and Terraform interprets 404 as a resource that does not exist."""

_NO_ACTION: Final = re.compile(r"The \w+ action has not been implemented")
"""moto's message for an action that it lacks. Any other message concerns a parameter, and becomes part of the error."""
_S3_CONTROL_PATH: Final = "/v20180820/"
"""Path prefix of the S3 Control API, whose requests are signed for S3."""


def service_app(service: str | None) -> Flask:
    """Create the web application for one service. It rejects calls for which moto raises `NotImplementedError`.

    Args:
        service: moto's name of the service. None for a service that moto lacks.
    """
    if service is None:
        app = Flask("unsupported")
        app.request_class = BackendRequest
    else:
        app = create_backend_app(service)  # type: ignore[arg-type] # moto's type lists every name
    app.before_request(_refuse_unknown_path)
    app.register_error_handler(NotImplementedError, _refusal)
    return app


def _refuse_unknown_path() -> None:
    if isinstance(flask.request.routing_exception, NotFound):
        raise NotImplementedError


def _refusal(error: Exception) -> Response:
    traceback.print_exception(error)
    request = cast("Request", flask.request)
    service = _signing_name(request)
    action, respond = _operation(request, service)
    reason = str(error)
    detail = f" ({reason})" if reason and not _NO_ACTION.fullmatch(reason) else ""
    return respond(f"not in the embedded AWS: {service}:{action}{detail}")


def _signing_name(request: "Request") -> str:
    """Return the service that a request is signed for, which is mostly its prefix in IAM."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", request.headers.get("Authorization", ""))
    return scope[1] if scope else "unsigned"


def _operation(request: "Request", service: str) -> tuple[str, Callable[[str], Response]]:
    """Return the action of a request, and the function that formats an error in its protocol.

    https://smithy.io/2.0/aws/protocols/index.html
    """
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], _json
    if action := request.values.get("Action"):
        return action, _ec2_xml if service == "ec2" else _xml
    action = _rest_action(request, service)
    if service == "s3" and not request.path.startswith(_S3_CONTROL_PATH):
        return action, _s3_xml
    return action, _xml if service in {"cloudfront", "route53", "s3"} else _json


def _rest_action(request: "Request", service: str) -> str:
    """Return the action of a method and path, or the method and path if botocore does not know the action."""
    for model in _models(service):
        try:
            operation, _ = get_service_router(model).match(request)
        except (NotFound, NotImplementedError):
            continue
        return str(operation.name)
    return f"{request.method} {request.path}"


def _models(service: str) -> Iterator[str]:
    """Yield the botocore models that are signed for a service: the one with the same name first."""
    same_name = service.replace("-", "")
    if same_name in _all_models():
        yield same_name
    yield from (model for model in _all_models() if model != same_name and _signed_for(model) == service)


@cache
def _all_models() -> tuple[str, ...]:
    return tuple(Loader().list_available_services("service-2"))


@cache
def _signed_for(model: str) -> str:
    metadata = Loader().load_service_model(model, "service-2")["metadata"]
    return str(metadata.get("signingName", metadata["endpointPrefix"]))


def _json(message: str) -> Response:
    body = json.dumps({"__type": CODE, "message": message})
    return Response(body, STATUS, {"x-amzn-ErrorType": CODE}, content_type="application/json")


def _xml(message: str) -> Response:
    return _xml_response(f"<ErrorResponse>{_xml_error(message)}<RequestId>{uuid4()}</RequestId></ErrorResponse>")


def _ec2_xml(message: str) -> Response:
    return _xml_response(f"<Response><Errors>{_xml_error(message)}</Errors><RequestID>{uuid4()}</RequestID></Response>")


def _s3_xml(message: str) -> Response:
    return _xml_response(_xml_error(message))


def _xml_error(message: str) -> str:
    return f"<Error><Type>Sender</Type><Code>{CODE}</Code><Message>{escape(message)}</Message></Error>"


def _xml_response(body: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', STATUS, content_type="text/xml")
