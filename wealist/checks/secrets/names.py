"""Names that say that a value is a secret. The words stand in shapes.toml.

`db_password`, `API_KEY`, `secrets`     a secret, wherever the name stands: `is_secret_name`
`secret_arn`, `aws:TokenIssueTime`      says something about one: `is_about_a_secret`
`auth_token`, `password_wo`             an argument that holds one: `says_secret`, where `password_policy` is none
"""

import functools
import re
import tomllib
from pathlib import Path
from typing import Any, Final

_PATH: Final = Path(__file__).with_name("shapes.toml")


@functools.cache
def table() -> dict[str, Any]:
    """Return what shapes.toml holds."""
    return tomllib.loads(_PATH.read_text(encoding="utf-8"))


WORDS: Final = f"(?:{'|'.join(table()['words'])})"
"""A pattern of the words, to be used with `re.IGNORECASE`: `bypass` holds none, `db_pass` does."""
_SECRET_NAME: Final = re.compile(WORDS, re.IGNORECASE)
_ABOUT_A_SECRET: Final = re.compile(
    r"(?:^|[_.-])(?:arn|ids?|names?|types?|versions?|enabled|length|days|status|state|path|file|policy|strategy|endpoint"
    r"|required|validity|units?|seconds|stdin|refs?|from)$|(?-i:(?<=[a-z])(?:Refs?|From)$)",
    re.IGNORECASE,
)
_CONDITION_KEY: Final = re.compile(
    r"(?:aws|ec2|iam|kms|rds|s3|secretsmanager|ssm|sts):[A-Z][\w-]*(?:/.*)?|[\w-]+(?:\.[\w-]+)+(?:/[\w./-]+)?:\w+"
)
"""Of IAM: `aws:TokenIssueTime`, `token.actions.githubusercontent.com:sub`."""
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:\S+")
_ARGUMENT: Final = re.compile(rf"(?:^|_)(?:pw|{WORDS}s?)(?:_wo|_value|_string|_binary)*$", re.IGNORECASE)


@functools.lru_cache(maxsize=65_536)
def is_secret_name(name: str) -> bool:
    """Return whether a value of this name is a secret: `db_password` is, `secret_arn` is not."""
    return bool(_SECRET_NAME.search(name)) and not is_about_a_secret(name)


@functools.lru_cache(maxsize=65_536)
def is_about_a_secret(name: str) -> bool:
    """Return whether a value of this name only says something about a secret: `arn` below `master_user_secret`."""
    return bool(_ABOUT_A_SECRET.search(name) or _CONDITION_KEY.fullmatch(name))


@functools.lru_cache(maxsize=4096)
def says_secret(name: str) -> bool:
    """Return whether an argument of this name holds a secret; `password_length` and `http_tokens` do not."""
    return _ARGUMENT.search(name) is not None


def is_arn(text: str) -> bool:
    """Return whether a text is an ARN: it says which secret is meant, and is none itself."""
    return _ARN.fullmatch(text) is not None
