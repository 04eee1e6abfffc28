"""Secrets by the word before them: `DB_PASSWORD=hunter22`, `"password": "hunter22"`, `curl -u admin:hunter22`.

What a shell, a template or Terraform fills in is none, nor is a path, nor what is itself the name of a secret.
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.secrets.holders import says_secret
from wealist.checks.secrets.tokens import beginning
from wealist.spec.parameters import PLACEHOLDER

_ASSIGNED: Final = re.compile(
    r"(?P<name>password|passwd|passphrase|secret|token|(?:private|secret|api|auth|access|license|signing)_?key"
    r"|(?<![a-z])(?:pass|pwd|pw))[\"']?[ \t]*[=:][ \t]*[\"']?(?P<value>[^\s\"'$%{}()\[\],;<>|=][^\s\"',;<>|]{5,})",
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(
    r"\bcurl\b.*?\s(?:-u|--user)[ =]+[\"']?[^\s:\"'$]*:(?P<of_curl>[^\s\"'$][^\s\"']{3,})"
    r"|\blogin\b.*?\s-p[ =]+[\"']?(?P<of_login>[^\s\"'$-][^\s\"']{3,})"
    r"|\s--\w*password[ =]+[\"']?(?P<of_option>[^\s\"'$-][^\s\"']{3,})"
)
"""Passwords on a command's line."""
_NONE: Final = re.compile(
    # A path, with a slash in it: `secrets/grafana-admin-password`.
    r"[./~]*[a-z][a-z0-9._-]*(?:/[a-z0-9._*-]*)+"
    # Terraform's references and functions.
    r"|(?:local|var|each|module|data|path|self|aws_\w+)\.\S+|[a-z_0-9]+\(.*"
)


_WORDS: Final = ("pass", "secret", "token", "key", "pw", "curl", "login")
"""One of these stands in whatever is found here: to look for them is much faster."""


def assigned_in(text: str) -> Iterator[tuple[str, str]]:
    """Each secret that a text assigns: what it is, and its beginning."""
    lower = text.lower()
    if not any(word in lower for word in _WORDS):
        return
    for found in _ASSIGNED.finditer(text):
        if not _is_none(found["value"]):
            yield f"a literal {found['name']}", beginning(found["value"])
    for found in _GIVEN.finditer(text):
        yield "a password on a command's line", beginning(next(filter(None, found.groups())))


def _is_none(value: str) -> bool:
    names_one = value == value.lower() and value.replace("_", "").isalpha() and says_secret(value)
    return value == PLACEHOLDER or names_one or _NONE.fullmatch(value) is not None
