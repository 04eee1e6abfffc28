"""Names, arguments and expressions that refer to secrets. shapes.toml lists the words in such names.

`db_password`, `API_KEY`, `secrets`     a secret: `is_secret_name`
`secret_arn`, `aws:TokenIssueTime`      information about a secret: `is_secret_metadata`
`auth_token`, `password_wo`             an argument that holds one: `is_secret_argument_name`; `password_policy` is not

${data.aws_ssm_parameter.cache_auth_token.value}                                the secret
${base64encode(…)}, ${nonsensitive(…)}, "db-${…}"                               contains the secret
${aws_ssm_parameter.parameters_jwt_jwt_secret}                                  the whole object: contains the secret
${aws_ssm_parameter.parameters_jwt_jwt_secret.arn}                              not a secret
"""

import re
from functools import lru_cache
from typing import Final

from wealist.checks.secrets.tokens import secret_patterns
from wealist.model.stack import Resource, StackJson
from wealist.model.types import row

WORDS: Final = f"(?:{'|'.join(secret_patterns()['words'])})"
"""A pattern of the words, to be used with `re.IGNORECASE`. It matches in `db_pass` and not in `bypass`."""
GENERATED: Final = "aws_secretsmanager_random_password"
PARAMETER: Final = "aws_ssm_parameter"
PUBLIC: Final = "/aws/service/"
"""Prefix of the public parameters of AWS, such as the ids of images."""
_SECRET_NAME: Final = re.compile(WORDS, re.IGNORECASE)
_METADATA: Final = re.compile(
    r"(?:^|[_.-])(?:arn|ids?|names?|types?|versions?|enabled|length|days|status|state|path|file|policy|strategy|endpoint"
    r"|required|validity|units?|seconds|stdin|refs?|from)$|(?-i:(?<=[a-z])(?:Refs?|From)$)",
    re.IGNORECASE,
)
_CONDITION_KEY: Final = re.compile(
    r"(?:aws|ec2|iam|kms|rds|s3|secretsmanager|ssm|sts):[A-Z][\w-]*(?:/.*)?|[\w-]+(?:\.[\w-]+)+(?:/[\w./-]+)?:\w+"
)
"""IAM condition keys: `aws:TokenIssueTime`, `token.actions.githubusercontent.com:sub`."""
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:\S+")
_ARGUMENT: Final = re.compile(rf"(?:^|_)(?:pw|{WORDS}s?)(?:_wo|_value|_string|_binary)*$", re.IGNORECASE)
_SECURE: Final = "SecureString"
_VALUES: Final = frozenset({"value", "value_wo"})
_ARN_BLOCK: Final = "master_user_secret"
"""A database's block with the ARN of its secret, not with the secret."""
_REFERENCE: Final = re.compile(
    r"(?<![\w.-])(?P<address>(?:module\.[\w-]+\.(?=(?:data\.|ephemeral\.)?aws_\w+\.))?"
    r"(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?:\[[^\]]*\])?(?:\.(?P<attribute>\w+))?"
)
_PUBLIC_ATTRIBUTES: Final = frozenset({"arn", "bucket", "id", "ids", "name", "zone_id"})
"""Attributes that are never secrets; most references end with one of them, and skipping them is much faster."""


@lru_cache(maxsize=65_536)
def is_secret_name(name: str) -> bool:
    """Return whether a value of this name is a secret: true for `db_password`, false for `secret_arn`."""
    return bool(_SECRET_NAME.search(name)) and not is_secret_metadata(name)


@lru_cache(maxsize=65_536)
def is_secret_metadata(name: str) -> bool:
    """Return whether a value of this name only describes a secret: true for `arn` in `master_user_secret`."""
    return bool(_METADATA.search(name) or _CONDITION_KEY.fullmatch(name))


@lru_cache(maxsize=4096)
def is_secret_argument_name(name: str) -> bool:
    """Return whether an argument of this name holds a secret: false for `password_length` and `http_tokens`."""
    return _ARGUMENT.search(name) is not None


def is_arn(text: str) -> bool:
    """Return whether a text is an ARN. The ARN of a secret is not secret."""
    return _ARN.fullmatch(text) is not None


def is_secret_argument(resource: Resource | None, key: str) -> bool:
    """Return whether an argument holds a secret, by its name or by the column `secrets` of types.toml.

    The value of a parameter is a secret if the parameter is a SecureString or has the name of a secret.
    """
    if resource is None:
        return is_secret_argument_name(key)
    if resource.type == PARAMETER and key in _VALUES:
        return _is_secret_parameter(resource)
    return is_secret_argument_name(key) or (resource.type != PARAMETER and key in _secrets_of(resource.kind))


def referenced_secrets(stack: StackJson, text: str) -> list[str]:
    """Return the addresses of the resources whose secret an expression contains."""
    if "${" not in text:
        return []
    return [match["address"] for match in _REFERENCE.finditer(text) if _is_secret(stack, match)]


def _is_secret(stack: StackJson, reference: re.Match[str]) -> bool:
    attribute = reference["attribute"]
    if attribute in _PUBLIC_ATTRIBUTES:
        return False
    resource = stack.resources.get(reference["address"]) or stack.data.get(reference["address"])
    if resource is None or (resource.type == PARAMETER and not _is_secret_parameter(resource)):
        return False
    secrets = _secrets_of(resource.kind)
    if attribute is None:
        return bool(secrets)
    return attribute in secrets or (attribute != _ARN_BLOCK and is_secret_argument_name(attribute))


def _is_secret_parameter(parameter: Resource) -> bool:
    """Return whether a parameter holds a secret. A data source reads one unless the parameter is public."""
    name = str(parameter.get("name"))
    if parameter.kind.startswith("data."):
        return not name.startswith(PUBLIC)
    return parameter.get("type") == _SECURE or is_secret_argument_name(name.rpartition("/")[2])


@lru_cache(maxsize=512)
def _secrets_of(kind: str) -> frozenset[str]:
    """Return the names of a type's secret arguments and attributes."""
    known = row(kind)
    return frozenset(path.rpartition(".")[2] for path in known.secrets) if known else frozenset()
