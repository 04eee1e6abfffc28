"""Which service runs as which role: every argument that names a role, and what must stand there.

aws_iam_instance_profile.role ───────────────► a role of this stack that trusts ec2.amazonaws.com alone
aws_launch_template.iam_instance_profile.arn ► an instance profile of this stack
aws_lambda_function.role ────────────────────► a role of this stack that trusts lambda.amazonaws.com alone

The column `roles` of types.toml lists the arguments of each type. A role that is named in any other argument fails
closed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.model.types import SHOWN, Passed, row

PASSED: Final = "iam.role-passing"
_ROLE: Final = "aws_iam_role"
_NOBODY: Final = "none"
"""In a row: the role gets something, and nobody runs as it."""
_NAMES_A_ROLE: Final = re.compile(r"(?:^|_)roles?(?:_(?:arns?|names?|ids?))?$|instance_profile")
_NO_ROLES: Final = frozenset({"//", "tags", "tag", "tag_specifications", "depends_on"})


def check(documents: Documents) -> Iterator[Finding]:
    """Every argument that passes a role to somebody who must not run as it."""
    trusted = _trusted(documents)
    for resource in documents.stack.resources.values():
        takers = _takers(resource.type)
        values = dict(_named(resource.values))
        for path in sorted(values.keys() - takers.keys()):
            problem = f"{path} names the role {values[path]!r}; no row of types.toml says who runs as it"
            remedy = f"leave it out, or list the argument in the column `roles` of [{resource.type}] in {SHOWN}"
            yield Finding(documents.stack.name, resource.address, PASSED, problem, remedy)
        for path, taker in takers.items():
            if taker.to != _NOBODY and (wrong := _problem(documents, values, path, taker, trusted)):
                kind, service = _expected(taker)
                remedy = f"refer to an {kind} of this stack" + (f" that trusts {service} alone" if service else "")
                yield Finding(documents.stack.name, resource.address, PASSED, wrong, remedy)


def takers_of(documents: Documents) -> dict[str, set[str]]:
    """Role → the services that run as it, by the resources that name it."""
    takers: dict[str, set[str]] = {}
    for resource in documents.stack.resources.values():
        values = dict(_named(resource.values)) if (rows := _takers(resource.type)) else {}
        for path, taker in rows.items():
            role = documents.stack.target(values.get(path))
            if "." in taker.to and role is not None and role.type == _ROLE:
                takers.setdefault(role.address, set()).add(taker.to)
    return takers


def _takers(kind: str) -> Mapping[str, Passed]:
    known = row(kind)
    return known.roles if known else {}


def _expected(taker: Passed) -> tuple[str, str | None]:
    """The type that an argument must refer to, and the service that must be trusted where it is a role."""
    return (_ROLE, taker.to) if "." in taker.to else (taker.to, None)


def _problem(
    documents: Documents, values: Mapping[str, object], path: str, taker: Passed, trusted: Mapping[str, set[str]]
) -> str | None:
    if path not in values:
        return f"{path} is not set" if taker.required else None
    kind, service = _expected(taker)
    value = values[path]
    target = documents.stack.target(value)
    whole = target and value in {f"${{{target.address}.{attribute}}}" for attribute in taker.by}
    if target is None or not whole or target.type != kind:
        return f"{path} is {value!r}, which is no {kind} of this stack"
    if service and trusted.get(target.address) != {service}:
        return f"{path} is {value!r}, which trusts {', '.join(sorted(trusted.get(target.address, ()))) or 'nobody'}"
    return None


def _trusted(documents: Documents) -> dict[str, set[str]]:
    """Role → whom it trusts."""
    return {
        policy.address: {who for statement in policy.statements for _, who in statement.principals}
        for policy in documents.of_kind("trust")
    }


def _named(values: Mapping[str, object], path: str = "", *, named: bool = False) -> Iterator[tuple[str, object]]:
    """Every argument that names a role, nested ones too: path and value."""
    for key, value in values.items():
        if key in _NO_ROLES or value in (None, "", [], {}):
            continue
        speaks = named or _NAMES_A_ROLE.search(key) is not None
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                yield from _named(each, f"{path}{key}.", named=speaks)
            elif speaks:
                yield f"{path}{key}", each
