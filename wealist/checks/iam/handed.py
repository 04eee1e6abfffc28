"""Who is handed which role: every argument by which AWS takes one, and what must stand there.

aws_iam_instance_profile.role ───────────────────► a role of this stack that ec2.amazonaws.com runs as
aws_launch_template.iam_instance_profile.arn ────► an instance profile of this stack
aws_codedeploy_deployment_group.service_role_arn ► a role of this stack that codedeploy.amazonaws.com runs as
aws_flow_log.iam_role_arn ───────────────────────► a role of this stack that vpc-flow-logs.amazonaws.com runs as

A role that is named in any other place fails closed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents

HANDED: Final = "iam.handed"


@dataclass(frozen=True)
class _Taker:
    """What an argument must refer to.

    Attributes:
        kind: the type of it.
        by: the attributes that name it.
        service: who must run as it; None where it is no role.
    """

    kind: str
    by: tuple[str, ...]
    service: str | None = None


_ROLE: Final = "aws_iam_role"
_TAKERS: Final[Mapping[str, Mapping[str, _Taker]]] = {
    "aws_iam_instance_profile": {"role": _Taker(_ROLE, ("name", "id"), "ec2.amazonaws.com")},
    "aws_launch_template": {"iam_instance_profile.arn": _Taker("aws_iam_instance_profile", ("arn",))},
    "aws_codedeploy_deployment_group": {"service_role_arn": _Taker(_ROLE, ("arn",), "codedeploy.amazonaws.com")},
    "aws_flow_log": {"iam_role_arn": _Taker(_ROLE, ("arn",), "vpc-flow-logs.amazonaws.com")},
}
"""Type → argument, a nested one after a dot → what it takes; none may be left out."""
_POLICIES_OF: Final = frozenset({"aws_iam_role_policy", "aws_iam_role_policy_attachment"})
"""Types whose `role` is given a policy, and handed to nobody: `documents.py` reads them."""
_NAMES_A_ROLE: Final = re.compile(r"(?:^|_)roles?(?:_(?:arns?|names?|ids?))?$|instance_profile")
_APART: Final = frozenset({"//", "tags", "tag", "tag_specifications", "depends_on"})
_DESCRIBE: Final = "leave it out, or describe in wealist/checks/iam/handed.py what it takes"


def check(documents: Documents) -> Iterator[Finding]:
    """Every role that is handed to somebody for whom it is not."""
    services = _services(documents)
    for resource in documents.stack.resources.values():
        if resource.type in _POLICIES_OF:
            continue
        takers = _TAKERS.get(resource.type, {})
        given = dict(_given(resource.values))
        for path in sorted(given.keys() - takers.keys()):
            problem = f"is handed a role by {path} = {given[path]!r}, which nobody has described"
            yield Finding(documents.stack.name, resource.address, HANDED, problem, _DESCRIBE)
        for path, taker in takers.items():
            if wrong := _problem(documents, given.get(path), taker, services):
                said = f"{path} is {given[path]!r}, {wrong}" if path in given else f"{path} is not given"
                remedy = f"refer to an {taker.kind} of this stack that {taker.service or 'instances'} may run as"
                yield Finding(documents.stack.name, resource.address, HANDED, said, remedy)


def takers_of(documents: Documents) -> dict[str, set[str]]:
    """Role → the services that take it, by the resources that hand it to them."""
    found: dict[str, set[str]] = {}
    for resource in documents.stack.resources.values():
        given = dict(_given(resource.values)) if resource.type in _TAKERS else {}
        for path, taker in _TAKERS.get(resource.type, {}).items():
            role = documents.stack.target(given.get(path))
            if taker.service and role is not None:
                found.setdefault(role.address, set()).add(taker.service)
    return found


def _problem(documents: Documents, value: object, taker: _Taker, services: Mapping[str, set[str]]) -> str | None:
    target = documents.stack.target(value)
    whole = target and value in {f"${{{target.address}.{attribute}}}" for attribute in taker.by}
    if target is None or not whole or target.type != taker.kind:
        return f"which is no {taker.kind} of this stack"
    if taker.service and services.get(target.address) != {taker.service}:
        return f"which {taker.service} does not run as"
    return None


def _services(documents: Documents) -> dict[str, set[str]]:
    """Role → whom it trusts."""
    return {
        policy.address: {who for statement in policy.statements for _, who in statement.principals}
        for policy in documents.policies
        if policy.kind == "trust"
    }


def _given(values: Mapping[str, object], path: str = "", *, named: bool = False) -> Iterator[tuple[str, object]]:
    """Every argument that names a role, nested ones too: path and value."""
    for key, value in values.items():
        if key in _APART or value in (None, "", [], {}):
            continue
        speaks = named or _NAMES_A_ROLE.search(key) is not None
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                yield from _given(each, f"{path}{key}.", named=speaks)
            elif speaks:
                yield f"{path}{key}", each
