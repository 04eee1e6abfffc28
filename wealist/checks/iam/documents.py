"""Every policy document of a stack, read from the literal JSON that it must be, with who holds it.

aws_iam_policy ── attachment ──► aws_iam_role    what a role may do          identity
aws_iam_role_policy ───────────► aws_iam_role    the same                    identity
aws_iam_role.assume_role_policy                  who may become it           trust
aws_s3_bucket_policy, aws_kms_key, aws_vpc_endpoint, …                       resource

A reference may stand for one whole ARN of the same stack, of a type whose ARN can be told: then it reads as
`arn:aws:kms:<region>:<account>:key/aws_kms_key.encryption_key`. All else that is not literal is a finding, and so is a
resource that speaks of rights in a way that is not read here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from wealist.checks.finding import Finding
from wealist.checks.iam.form import problem_of
from wealist.model.iam.evaluate import Grant, grants_of_statement, listed
from wealist.model.iam.references import ARNS, resolved
from wealist.model.stack import Resource, StackJson

Kind = Literal["identity", "trust", "resource"]

LITERAL: Final = "iam.literal"
KNOWN: Final = "iam.known"
FORM: Final = "iam.form"

_RESOURCE_POLICIES: Final = frozenset(
    {"aws_ecr_repository_policy", "aws_kms_key", "aws_s3_bucket_policy", "aws_vpc_endpoint"}
)
_ROLES_OWN: Final = ("inline_policy", "managed_policy_arns")
"""Arguments of a role that would hold rights beside the policies that are read."""
_ELSEWHERE: Final = frozenset({"access_policy", "acl", "grant", "resource_policy"})
"""Arguments by which other types give rights."""
_STATEMENT: Final = '"Statement"'
_READ: Final = _RESOURCE_POLICIES | {
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
}
_OF_SOMETHING_ELSE: Final = frozenset({"aws_autoscaling_policy", "aws_ecr_lifecycle_policy"})
"""Policies of scaling and of keeping images: they give nobody a right."""
_SPEAKS_OF_RIGHTS: Final = re.compile(
    r"^aws_(iam|ssoadmin|organizations|ram|identitystore)_|(?<!cache)(?<!request)(?<!headers)_policy$|_policy_"
    r"|_permissions?$|_grants?$|_principal|_access_(key|point|entry|policy)|^aws_s3_bucket_acl$"
)
_WRITE_IT_OUT: Final = "write the policy out as JSON, each name from wealist/spec/naming.py"


@dataclass(frozen=True)
class Statement:
    """One statement, well-formed, its references resolved.

    Attributes:
        sid: its name.
        effect: `Allow` or `Deny`.
        principals: (type, who) for each; none in the policy of a role.
        actions: as written.
        resources: the same, ARNs in the place of references; `*` in a trust policy, which has none.
        condition: as JSON; empty without one.
        grants: each of its actions on each of its resources.
    """

    sid: str
    effect: str
    principals: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str
    grants: frozenset[Grant]

    @property
    def conditions(self) -> Mapping[str, Mapping[str, Any]]:
        """The condition block: operator → key → value or values."""
        return next(iter(self.grants)).conditions


@dataclass(frozen=True)
class Policy:
    """One policy document.

    Attributes:
        address: of the resource that holds it.
        kind: `identity`, `trust` or `resource`.
        holders: names of the roles that have it; of an endpoint its service.
    """

    address: str
    kind: Kind
    holders: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Role:
    """One role.

    Attributes:
        boundary: the ARN of its permissions boundary; None without one.
        grants: all that its policies say, refusals too.
    """

    name: str
    address: str
    boundary: str | None
    grants: frozenset[Grant]


@dataclass
class Documents:
    """What one stack says of rights."""

    stack: StackJson
    policies: list[Policy] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(self, address: str, control: str, problem: str, remedy: str) -> None:
        """Notes a finding of this stack."""
        self.findings.append(Finding(self.stack.name, address, control, problem, remedy))


def read(stack: StackJson) -> Documents:
    """Reads every policy document of a stack."""
    found = Documents(stack)
    names = {role.address: str(role.get("name")) for role in stack.all("aws_iam_role")}
    held: dict[str, list[str]] = {}
    for attachment in stack.all("aws_iam_role_policy_attachment"):
        role, policy = stack.target(attachment.get("role")), stack.target(attachment.get("policy_arn"))
        if role is None or role.address not in names or policy is None or policy.type != "aws_iam_policy":
            ends = f"role = {attachment.get('role')!r}, policy_arn = {attachment.get('policy_arn')!r}"
            remedy = "attach a policy of this stack to a role of this stack, both by reference"
            found.find(attachment.address, LITERAL, f"attaches what does not stand in the output: {ends}", remedy)
            continue
        held.setdefault(policy.address, []).append(names[role.address])
    for resource in stack.resources.values():
        _refuse_unread(found, resource)
        for kind, argument, holders in _documents(stack, resource, names, held):
            found.policies.append(_policy(found, resource, kind, argument, holders))
    found.roles.extend(_role(found, role) for role in stack.all("aws_iam_role"))
    return found


def _documents(
    stack: StackJson, resource: Resource, names: Mapping[str, str], held: Mapping[str, list[str]]
) -> Iterator[tuple[Kind, str, tuple[str, ...]]]:
    """The policy documents of one resource: kind, argument, holders."""
    if resource.type == "aws_iam_policy":
        yield "identity", "policy", tuple(held.get(resource.address, ()))
    elif resource.type == "aws_iam_role_policy":
        role = stack.target(resource.get("role"))
        yield "identity", "policy", (names[role.address],) if role and role.address in names else ()
    elif resource.type == "aws_iam_role":
        yield "trust", "assume_role_policy", (names[resource.address],)
    elif resource.type == "aws_vpc_endpoint":
        yield "resource", "policy", (str(resource.get("service_name", "")).rpartition(".")[2],)
    elif resource.type in _RESOURCE_POLICIES:
        yield "resource", "policy", ()


def _policy(found: Documents, resource: Resource, kind: Kind, argument: str, holders: tuple[str, ...]) -> Policy:
    try:
        document = json.loads(resource.get(argument) or "")
    except (TypeError, ValueError):
        problem = f"{argument} is no literal JSON: {resource.get(argument)!r}"
        found.find(resource.address, LITERAL, problem, _WRITE_IT_OUT)
        return Policy(resource.address, kind, holders, ())
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements or document.get("Version") != "2012-10-17":
        problem = f"{argument} lacks its Statement or the Version 2012-10-17"
        found.find(resource.address, FORM, problem, "write a whole policy document")
        return Policy(resource.address, kind, holders, ())
    whole = []
    for statement in listed(statements):
        if malformed := problem_of(statement, kind):
            found.find(resource.address, *malformed)
        elif (resolved := _resolved(found, resource, statement)) is not None:
            whole.append(_statement(resolved))
    return Policy(resource.address, kind, holders, tuple(whole))


def _statement(statement: Mapping[str, Any]) -> Statement:
    principal = statement.get("Principal", {})
    by_type = {"*": "*"} if principal == "*" else principal
    statement = {"Resource": "*", **statement}
    grants = frozenset(grants_of_statement(statement))
    return Statement(
        sid=str(statement.get("Sid", "")),
        effect=statement["Effect"],
        principals=tuple((kind, who) for kind, each in by_type.items() for who in listed(each)),
        actions=tuple(listed(statement["Action"])),
        resources=tuple(listed(statement["Resource"])),
        condition=next(iter(grants)).condition,
        grants=grants,
    )


def _resolved(found: Documents, resource: Resource, statement: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A statement with ARNs in the place of references; None, and findings, where one cannot be told."""
    whole, unknown = resolved(found.stack, statement)
    for value in unknown:
        remedy = f"{_WRITE_IT_OUT}; only the whole ARN of a {', a '.join(sorted(ARNS))} can be a reference"
        found.find(resource.address, LITERAL, f"names {value!r}, of which no ARN can be told", remedy)
    return None if unknown else whole


def _role(found: Documents, role: Resource) -> Role:
    name = str(role.get("name"))
    given = (each for each in found.policies if each.kind == "identity" and name in each.holders)
    grants = frozenset(grant for policy in given for statement in policy.statements for grant in statement.grants)
    return Role(name, role.address, role.get("permissions_boundary"), grants)


def _is_policy(resource: Resource, argument: str) -> bool:
    """Whether an argument holds a policy, whatever stands there: maybe a reference to one, or a function that makes it.

    That of a listener is of TLS.
    """
    named = argument == "policy" or argument.endswith("_policy")
    return named and argument != "ssl_policy" and resource.type not in _OF_SOMETHING_ELSE


def _refuse_unread(found: Documents, resource: Resource) -> None:
    """A resource that speaks of rights in a way that no rule here reads fails closed."""
    if resource.type == "aws_iam_role_policy":
        role = found.stack.target(resource.get("role"))
        if role is None or role.type != "aws_iam_role":
            problem = f"is of a role that does not stand in the output: role = {resource.get('role')!r}"
            found.find(resource.address, LITERAL, problem, "refer to a role of this stack")
    if resource.type not in _READ | _OF_SOMETHING_ELSE and _SPEAKS_OF_RIGHTS.search(resource.type):
        problem = f"is of the type {resource.type}, which gives rights, and which the proof does not read"
        found.find(resource.address, KNOWN, problem, "teach wealist/checks/iam/documents.py the type")
    for argument, value in resource.values.items():
        extra = resource.type == "aws_iam_role" and argument in _ROLES_OWN and value
        unread = resource.type not in _READ and (
            argument in _ELSEWHERE
            or (isinstance(value, str) and (_is_policy(resource, argument) or _STATEMENT in value))
        )
        if extra or unread:
            remedy = "put it into a policy of its own, of a type that the proof reads"
            found.find(resource.address, KNOWN, f"{argument} holds a policy that the proof does not read", remedy)
