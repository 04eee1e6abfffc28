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
from wealist.checks.iam.documents import Documents, Role
from wealist.model.stack import Resource
from wealist.model.types import SHOWN, Passed, row

PASSED: Final = "iam.role-passing"
_ROLE: Final = "aws_iam_role"
_NOBODY: Final = "none"
"""In a row: the role gets something, and nobody runs as it."""
_NAMES_A_ROLE: Final = re.compile(r"(?:^|_)roles?(?:_(?:arns?|names?|ids?))?$|instance_profile")
_NO_ROLES: Final = frozenset({"//", "tags", "tag", "tag_specifications", "depends_on"})


def check(documents: Documents) -> Iterator[Finding]:
    """Every argument that passes a role to somebody who must not run as it."""
    roles = {role.address: role for role in documents.roles}
    for resource in documents.stack.resources.values():
        takers = _takers(resource.type)
        named = list(_named(resource))
        for path, value in (*named, *((path, None) for path in takers.keys() - dict(named).keys())):
            taker = takers.get(path)
            if taker is None:
                problem = f"{path} names the role {value!r}; no row of types.toml says who runs as it"
                remedy = f"leave it out, or list the argument in the column `roles` of [{resource.type}] in {SHOWN}"
                yield Finding(documents.stack.name, resource.address, PASSED, problem, remedy)
            elif taker.to != _NOBODY and (problem_ := _problem(documents, value, taker, roles)):
                remedy = f"refer to an {_type(taker)} of this stack" + (
                    " that it alone may become" if _to(taker) else ""
                )
                yield Finding(documents.stack.name, resource.address, PASSED, f"{path} is {problem_}", remedy)


def takers_of(documents: Documents) -> dict[str, set[str]]:
    """Role → the services that run as it, by the resources that name it."""
    takers: dict[str, set[str]] = {}
    for resource in documents.stack.resources.values():
        rows = _takers(resource.type)
        for path, value in _named(resource) if rows else ():
            role = documents.stack.target(value)
            if path in rows and _to(rows[path]) and role is not None and role.type == _ROLE:
                takers.setdefault(role.address, set()).add(rows[path].to)
    return takers


def _takers(kind: str) -> Mapping[str, Passed]:
    known = row(kind)
    return known.roles if known else {}


def _to(taker: Passed) -> str | None:
    """The service that runs as a role; None where an argument names something else."""
    return taker.to if "." in taker.to else None


def _type(taker: Passed) -> str:
    return _ROLE if _to(taker) else taker.to


def _problem(documents: Documents, value: object, taker: Passed, roles: Mapping[str, Role]) -> str | None:
    if value is None:
        return "not set" if taker.required else None
    target = documents.stack.target(value)
    whole = target and value in {f"${{{target.address}.{attribute}}}" for attribute in taker.by}
    if target is None or not whole or target.type != _type(taker):
        return f"{value!r}, which is no {_type(taker)} of this stack"
    role = roles.get(target.address)
    trusted = {who for statement in role.trust for _, who in statement.principals} if role else set()
    if (service := _to(taker)) and trusted != {service}:
        return f"{value!r}, which {service} takes, and which trusts {', '.join(sorted(trusted)) or 'nobody'}"
    return None


def _named(resource: Resource) -> Iterator[tuple[str, object]]:
    """Every argument that names a role, nested ones too: path and value."""
    for path, value in resource.leaves:
        steps = path.split(".")
        if _NO_ROLES.isdisjoint(steps) and any(map(_NAMES_A_ROLE.search, steps)):
            yield path, value
