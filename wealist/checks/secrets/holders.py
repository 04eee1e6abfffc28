"""What holds a secret, and which expressions pass it on.

${data.aws_ssm_parameter.cache_auth_token.value}                                the secret itself
${base64encode(…)}, ${nonsensitive(…)}, "db-${…}"                               still the secret
${aws_ssm_parameter.parameters_jwt_jwt_secret}                                  the whole object: the secret, too
${aws_ssm_parameter.parameters_jwt_jwt_secret.arn}                              no secret
"""

import re
from functools import lru_cache
from typing import Final

from wealist.checks.secrets.names import says_secret
from wealist.model.stack import Resource, StackJson
from wealist.model.types import row

GENERATED: Final = "aws_secretsmanager_random_password"
PARAMETER: Final = "aws_ssm_parameter"
_SECURE: Final = "SecureString"
_VALUES: Final = frozenset({"value", "value_wo"})
_WHERE_IT_IS: Final = "master_user_secret"
"""Of a database: the ARN of what AWS keeps, not what is in it."""
PUBLIC: Final = "/aws/service/"
"""What the names of parameters begin with that AWS shows to everybody: the ids of images."""
_MENTION: Final = re.compile(
    r"(?<![\w.-])(?P<address>(?:module\.[\w-]+\.(?=(?:data\.|ephemeral\.)?aws_\w+\.))?"
    r"(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?:\[[^\]]*\])?(?:\.(?P<attribute>\w+))?"
)
_PUBLIC_ATTRIBUTES: Final = frozenset({"arn", "bucket", "id", "ids", "name", "zone_id"})
"""Attributes that most references take: to leave them out is much faster."""


def is_secret_argument(thing: Resource | None, key: str) -> bool:
    """Return whether an argument holds a secret: by its name, or because types.toml says so.

    A parameter's value is one where the parameter is a SecureString, or named like a secret.
    """
    if thing is None:
        return says_secret(key)
    if thing.type == PARAMETER and key in _VALUES:
        return is_secret_parameter(thing)
    return says_secret(key) or (thing.type != PARAMETER and key in _secrets_of(thing.kind))


def is_secret_parameter(resource: Resource) -> bool:
    """Return whether a resource is a parameter that holds a secret, by its type or by its name."""
    if resource.type != PARAMETER:
        return False
    return resource.get("type") == _SECURE or says_secret(str(resource.get("name")).rpartition("/")[2])


def held_in(stack: StackJson, text: str) -> list[str]:
    """Return the addresses of those whose secret an expression passes on, however it is wrapped."""
    if "${" not in text:
        return []
    return [found["address"] for found in _MENTION.finditer(text) if _is_secret(stack, found)]


def _is_secret(stack: StackJson, found: re.Match[str]) -> bool:
    attribute = found["attribute"]
    if attribute in _PUBLIC_ATTRIBUTES:
        return False
    resource = stack.resources.get(found["address"]) or stack.data.get(found["address"])
    if resource is None or (resource.type == PARAMETER and not _holds(resource)):
        return False
    held = _secrets_of(resource.kind)
    if attribute is None:
        return bool(held)
    return attribute in held or (attribute != _WHERE_IT_IS and says_secret(attribute))


def _holds(parameter: Resource) -> bool:
    if parameter.kind.startswith("data."):
        return not str(parameter.get("name")).startswith(PUBLIC)
    return is_secret_parameter(parameter)


@lru_cache(maxsize=512)
def _secrets_of(kind: str) -> frozenset[str]:
    """Return the names of a type's arguments and attributes that are secrets."""
    known = row(kind)
    return frozenset(path.rpartition(".")[2] for path in known.secrets) if known else frozenset()
