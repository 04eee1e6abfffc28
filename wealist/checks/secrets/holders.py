"""What holds a secret, and which expressions hand it on.

${data.aws_ssm_parameter.cache_auth_token.value}                                the secret itself
${base64encode(…)}, ${nonsensitive(…)}, "db-${…}"                               still the secret
${aws_ssm_parameter.parameters_jwt_jwt_secret}                                  the whole object: the secret, too
${aws_ssm_parameter.parameters_jwt_jwt_secret.arn}                              no secret
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from wealist.model.stack import Resource, StackJson

_NAME: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pass|pwd|pw|secret|token|credentials?"
    r"|(?:private|secret|api|auth|access|license|signing)_key)(?:_wo|_value|_string|_binary)?$",
    re.IGNORECASE,
)
"""Names of arguments that hold secrets; `password_length` and `http_tokens` do not."""
GENERATED: Final = "aws_secretsmanager_random_password"
PARAMETER: Final = "aws_ssm_parameter"
_SECURE: Final = "SecureString"
_HOLD: Final[Mapping[str, frozenset[str]]] = {
    GENERATED: frozenset({"random_password"}),
    PARAMETER: frozenset({"value", "value_wo", "insecure_value"}),
    "aws_db_instance": frozenset({"password"}),
    "aws_elasticache_replication_group": frozenset({"auth_token"}),
    "aws_rds_cluster": frozenset({"master_password"}),
    "aws_secretsmanager_secret_version": frozenset({"secret_string", "secret_binary"}),
}
"""Type → the attributes that are secrets."""
_TELLS_WHERE: Final = "master_user_secret"
"""Of a database: the ARN of what AWS keeps, not what is in it."""
PUBLIC: Final = "/aws/service/"
"""What the names of parameters begin with that AWS shows to everybody: the ids of images."""
_MENTION: Final = re.compile(
    r"(?<![\w.-])(?P<address>(?:data\.|ephemeral\.)?(?P<type>[a-z][a-z0-9_]*)\.[A-Za-z_][\w-]*)"
    r"(?:\[[^\]]*\])?(?:\.(?P<attribute>\w+))?"
)


_HINTS: Final = (*_HOLD, "pass", "pw", "secret", "token", "credential", "_key")
"""One of these stands in whatever hands a secret on: to look for them is much faster."""


@lru_cache(maxsize=4096)
def says_secret(name: str) -> bool:
    """Whether an argument of this name holds a secret."""
    return _NAME.search(name) is not None


def is_secret_parameter(resource: Resource) -> bool:
    """Whether a resource is a parameter that holds a secret, by its type or by its name."""
    if resource.type != PARAMETER:
        return False
    return resource.get("type") == _SECURE or says_secret(str(resource.get("name")).rpartition("/")[2])


def held_in(stack: StackJson, text: str) -> list[str]:
    """The addresses of those whose secret an expression hands on, however it is wrapped."""
    if "${" not in text or not any(hint in text for hint in _HINTS):
        return []
    return [found["address"] for found in _MENTION.finditer(text) if _is_secret(stack, found)]


def _is_secret(stack: StackJson, found: re.Match[str]) -> bool:
    attribute = found["attribute"]
    resource = stack.resources.get(found["address"]) or stack.data.get(found["address"])
    if resource is None:
        return False
    if resource.type == PARAMETER and not _holds(resource):
        return False
    held = _HOLD.get(resource.type, frozenset())
    if attribute is None:
        return bool(held)
    return attribute in held or (attribute != _TELLS_WHERE and says_secret(attribute))


def _holds(parameter: Resource) -> bool:
    if parameter.address.startswith("data."):
        return not str(parameter.get("name")).startswith(PUBLIC)
    return is_secret_parameter(parameter)
