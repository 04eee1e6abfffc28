"""IAM statements for the calls that Terraform makes for the types in use.

rows of the types ─► actions ─┬─ lists, and resources with an id of AWS's ─► on *
                              ├─ resources with a name ───────────────────► on names of this project
                              ├─ changes of roles' policies ──────────────► only under the boundary
                              └─ calls that AWS makes as the caller ──────► only through that service
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Final, Literal, NamedTuple

from wealist.model import types
from wealist.model.iam.catalog import READ_LEVELS, Action, catalog
from wealist.model.iam.classification import BOUNDARY_KEY, Escalation, escalations
from wealist.model.iam.evaluate import matches_pattern
from wealist.model.iam.forward_access import forward_access
from wealist.model.type_row import Type
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, PROJECT, REGION
from wealist.toolkit.policy import Conditions, Statement

Verb = Literal["Read", "Write"]
_WHY: Final[Mapping[Verb, str]] = {
    "Read": "what the stacks hold is compared with the code",
    "Write": "what the stacks hold is created, changed and deleted",
}
_ROLES: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/{PROJECT}-*"
_POLICIES: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/{PROJECT}-*"
_CLASSIC_KINDS: Final = frozenset({"secgrp", "securitygroup"})
"""Kinds of ARNs of RDS and ElastiCache security groups outside a VPC, which EC2-Classic's end has removed.

https://aws.amazon.com/blogs/aws/ec2-classic-is-retiring-heres-how-to-prepare/
"""
_OBJECT: Final = "${ObjectName}"
_VARIABLE: Final = re.compile(r"\$\{\w+\}")
_BOUNDED: Final[Conditions] = {"StringEquals": {BOUNDARY_KEY: BOUNDARY_ARN}}


class Scope(NamedTuple):
    """Resources and conditions of an action. Actions of one service with the same scope share a statement.

    Attributes:
        resources: ARN patterns.
        conditions: Conditions of the statement, as JSON.
        sid: Id of the statement. Defaults to the verb, the service and a number.
        why: Reason of the statement. Defaults to that of all reads or writes.
    """

    resources: tuple[str, ...] = ("*",)
    conditions: str = "{}"
    sid: str = ""
    why: str = ""


def statements(verb: Verb, kinds: Iterable[str], stack: str = "*") -> dict[str, list[Statement]]:
    """Return the statements that Terraform needs: service → statements, sorted by service.

    S3 objects are excluded: their type does not identify the objects that the stacks hold.

    Args:
        verb: `Read` for a plan; `Write` for the further rights of an apply.
        kinds: The types in use.
        stack: Stack whose parameters are readable; `*` for all of this project.
    """
    path = f"/{PROJECT}/{stack}/*" if stack != "*" else f"/{PROJECT}/*"
    rows = [(row, _patterns(row, path)) for kind in sorted(kinds) if (row := types.row(kind))]
    names = _names(patterns for _, patterns in rows)
    scopes: dict[str, dict[Scope, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row, patterns in rows:
        for name in row.actions("read") if verb == "Read" else row.write_actions:
            action = catalog().expand(name)[0]
            if not any(_OBJECT in arn for arn in action.arns):
                service = name.partition(":")[0]
                scope = _scope(action, row, patterns, names)
                scopes[service][scope].add(name)
    return {service: _statements(verb, service, scopes[service]) for service in sorted(scopes)}


def passing(services: Iterable[str]) -> Statement:
    """Return the right to pass the project's roles to some services, given as `ec2.amazonaws.com`."""
    return Statement(
        sid="PassOwnRoles",
        why="each role is passed to the service that runs as it",
        actions=["iam:PassRole"],
        resources=[_ROLES],
        conditions={"StringEquals": {"iam:PassedToService": sorted(services)}},
    )


def linked_roles(kinds: Iterable[str]) -> Statement:
    """Return the right to create the service-linked roles of the types in use."""
    rows = (row for kind in kinds if (row := types.row(kind)) and not row.by_hand)
    services = sorted({row.linked_role for row in rows if row.linked_role})
    return Statement(
        sid="MakeServiceLinkedRoles",
        why="the first resource of its kind in an account creates the service's own role",
        actions=["iam:CreateServiceLinkedRole"],
        resources=[f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/*"],
        conditions={"StringEquals": {"iam:AWSServiceName": services}},
    )


def _statements(verb: Verb, service: str, scopes: Mapping[Scope, set[str]]) -> list[Statement]:
    word = "".join(part.title() for part in service.split("-"))
    return [
        Statement(
            sid=scope.sid or f"{verb}{word}{number}".removesuffix("1"),
            why=scope.why or _WHY[verb],
            actions=sorted(scopes[scope]),
            resources=scope.resources,
            conditions=json.loads(scope.conditions),
        )
        for number, scope in enumerate(sorted(scopes), 1)
    ]


def _scope(action: Action, row: Type, patterns: Iterable[str], names: Mapping[str, Iterable[str]]) -> Scope:
    """Return the scope of an action: names of this project if the row's resources have names, else `*`."""
    if by_service := forward_access(action, row.service):
        return Scope((by_service.resource,), _json(by_service.conditions), by_service.name, by_service.why)
    lists = action.level in READ_LEVELS and ":Get" not in action.name
    if lists or not any(PROJECT in arn and action.takes(arn) for arn in patterns):
        return Scope()
    own = [arn for arn in names.get(action.name.partition(":")[0], ()) if action.takes(arn)]
    # A write also needs the right on resources that its arguments name: RDS' option groups, a web ACL's load balancer.
    formats = map(_filled, action.formats_without(own)) if action.level == "Write" else ()
    others = (arn for arn in formats if arn.split(":")[2] in names and _kind(arn) not in _CLASSIC_KINDS)
    kinds = {_kind(arn) for arn in own}
    resources = _widest({*own, *(arn for arn in others if _kind(arn) not in kinds)})
    if escalations().get(action.name, Escalation()).held_to != BOUNDARY_KEY:
        return Scope(resources)
    if action.reads("iam:PolicyARN"):
        conditions = {**_BOUNDED, "ArnLike": {"iam:PolicyARN": _POLICIES}}
        why = "roles get our own policies, under the boundary alone (ADR 0019)"
        return Scope(resources, _json(conditions), "AttachOwnPolicies", why)
    why = "roles are created and filled, under the boundary alone (ADR 0019)"
    return Scope(resources, _json(_BOUNDED), "MakeBoundedRoles", why)


def _widest(patterns: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that no other pattern covers, such as a key in any region for a key in one region."""
    return tuple(
        sorted(
            each for each in patterns if not any(matches_pattern(each, wider) for wider in patterns if wider != each)
        )
    )


def _kind(arn: str) -> str:
    """Return the kind of resource in an ARN, such as `loadbalancer`."""
    return re.split("[:/]", arn.split(":", 5)[5])[0]


def _names(patterns: Iterable[Iterable[str]]) -> dict[str, list[str]]:
    """Group ARN patterns by service."""
    services = defaultdict(set)
    for pattern in chain.from_iterable(patterns):
        services[pattern.split(":")[2]].add(pattern)
    return {service: sorted(patterns) for service, patterns in services.items()}


def _patterns(row: Type, path: str) -> list[str]:
    """Return the ARN patterns of a row's resources with names of this project."""
    region = "*" if row.cdn_region else REGION
    values = {"account": ACCOUNT_ID, "name": f"{PROJECT}-*", "path": path, "id": "*"}
    return [form.format(region=region, **values) for form in row.arns]


def _filled(form: str) -> str:
    """Return an ARN format of AWS with our account and region, and `*` for every other variable."""
    for variable, value in (("Partition", "aws"), ("Region", REGION), ("Account", ACCOUNT_ID)):
        form = form.replace(f"${{{variable}}}", value)
    return _VARIABLE.sub("*", form)


def _json(conditions: Conditions) -> str:
    return json.dumps(conditions, sort_keys=True)
