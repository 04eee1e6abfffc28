"""Every policy document of a stack, read from the literal JSON that it must be, with who holds it.

aws_iam_policy ── attachment ──► aws_iam_role    what a role may do          identity
aws_iam_role_policy ───────────► aws_iam_role    the same                    identity
aws_iam_role.assume_role_policy                  who may become it           trust
aws_s3_bucket_policy, aws_kms_key, …             who may use a resource      resource
aws_lambda_permission.principal, …               the same, as an argument    resource

The column `policies` of types.toml says which argument of a type holds what. A reference may stand for one whole ARN of
the same stack. All else that is not literal is a finding, and so is an argument that gives rights unread.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.iam.evaluate import Rights
from wealist.model.iam.policy import Kind, NotReadError, Statement, read_statement
from wealist.model.iam.references import resolved
from wealist.model.stack import Resource, StackJson
from wealist.model.types import SHOWN, PolicyKind, row
from wealist.model.values import several, values_at

LITERAL: Final = "iam.literal"
KNOWN: Final = "iam.known"
FORM: Final = "iam.form"

_STATEMENT: Final = '"Statement"'
_ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_OF_ROLES: Final = frozenset({"aws_iam_policy", "aws_iam_role_policy", _ATTACHMENT})
_RIGHTLESS: Final = frozenset(
    {
        "aws_iam_account_password_policy",
        "aws_iam_instance_profile",
        "aws_iam_openid_connect_provider",
        "aws_iam_service_linked_role",
    }
)
"""Types of IAM that give nobody rights."""
_IAM: Final = _OF_ROLES | _RIGHTLESS | {"aws_iam_role"}
_OPEN_WITHOUT: Final = frozenset({"aws_kms_key", "aws_vpc_endpoint"})
"""Types to which AWS gives a policy of its own where it is left out; that of a VPC endpoint lets everything through."""
_SOURCES: Final = {"source_arn": ("ArnLike", "aws:SourceArn"), "source_account": ("StringEquals", "aws:SourceAccount")}
"""Argument beside a principal → the condition that AWS makes of it."""
_WRITE_IT_OUT: Final = (
    "write the policy out as JSON, each name from wealist/spec/naming.py; a reference must be the whole ARN of a "
    "resource of this stack"
)
_TO_A_ROLE: Final = "give rights to roles alone, by aws_iam_policy and aws_iam_role_policy_attachment"


@dataclass(frozen=True)
class Policy:
    """One policy document.

    Attributes:
        resource: that holds it.
        kind: `identity`, `trust` or `resource`.
        holders: names of the roles that have it.
        statements: those that can be read, references resolved.
    """

    resource: Resource
    kind: Kind
    holders: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def address(self) -> str:
        """The address of the resource that holds it."""
        return self.resource.address

    @property
    def name(self) -> str:
        """The name of the resource that holds it."""
        return str(self.resource.get("name"))

    def why(self, statement: Statement) -> str:
        """The reason that the construct gives for a statement; empty without one."""
        return str((self.resource.get("//") or {}).get("reasons", {}).get(statement.sid, ""))


@dataclass(frozen=True)
class Role:
    """One role.

    Attributes:
        boundary: the ARN of its permissions boundary; None without one.
        rights: all that its policies say.
        trust: who may become it.
    """

    name: str
    address: str
    boundary: str | None
    rights: Rights
    trust: tuple[Statement, ...]


@dataclass
class Documents:
    """Every policy of one stack, and what cannot be read."""

    stack: StackJson
    policies: list[Policy] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of_kind(self, kind: Kind) -> list[Policy]:
        """The policies of one kind."""
        return [policy for policy in self.policies if policy.kind == kind]

    def find(self, address: str, control: str, problem: str, remedy: str) -> None:
        """Note a finding of this stack."""
        self.findings.append(Finding(self.stack.name, address, control, problem, remedy))


def read(stack: StackJson) -> Documents:
    """Read every policy document of a stack."""
    documents = Documents(stack)
    holders = _holders(documents)
    for resource in stack.resources.values():
        if resource.type.startswith("aws_iam_") and resource.type not in _IAM:
            documents.find(resource.address, KNOWN, "gives rights to somebody who is no role", _TO_A_ROLE)
            continue
        known = row(resource.type)
        arguments = known.policies if known else {}
        for argument, kind in arguments.items():
            for value in values_at(resource.values, argument):
                _read_argument(documents, resource, argument, kind, value, tuple(holders.get(resource.address, ())))
        _refuse_unread(documents, resource, arguments)
    documents.roles.extend(_role(documents, role) for role in stack.all("aws_iam_role"))
    return documents


def _holders(documents: Documents) -> dict[str, list[str]]:
    """Address of a policy of roles → the names of the roles that have it; a role holds its own trust policy."""
    stack = documents.stack
    names = {role.address: str(role.get("name")) for role in stack.all("aws_iam_role")}
    holders = {address: [name] for address, name in names.items()}
    for each in stack.all("aws_iam_role_policy", _ATTACHMENT):
        role = stack.target(each.get("role"))
        policy = stack.target(each.get("policy_arn")) if each.type == _ATTACHMENT else each
        if role is None or role.address not in names or policy is None or policy.type not in _OF_ROLES:
            problem = f"attaches what is not in this stack: role = {each.get('role')!r}, {each.get('policy_arn')!r}"
            remedy = "attach a policy of this stack to a role of this stack, both by reference"
            documents.find(each.address, LITERAL, problem, remedy)
        else:
            holders.setdefault(policy.address, []).append(names[role.address])
    return holders


def _read_argument(
    documents: Documents, resource: Resource, argument: str, kind: PolicyKind, value: object, holders: tuple[str, ...]
) -> None:
    if kind == "unread" and value:
        remedy = f"put it into a policy of its own, in an argument that {SHOWN} lists as one"
        documents.find(resource.address, KNOWN, f"{argument} gives rights that the proof does not read", remedy)
    elif kind == "principal" and value:
        statements = _read_statements(documents, resource, _let_in(resource, value), "resource")
        documents.policies.append(Policy(resource, "resource", (), statements))
    elif kind in {"identity", "trust"} or (kind == "resource" and (value or resource.type in _OPEN_WITHOUT)):
        written = _written(documents, resource, argument, value)
        documents.policies.append(Policy(resource, kind, holders, _read_statements(documents, resource, written, kind)))


def _let_in(resource: Resource, value: object) -> list[dict[str, Any]]:
    """An argument that names who is let in, as the statements that AWS makes of it."""
    known = row(resource.type)
    service = known.service if known else None
    condition: dict[str, dict[str, object]] = {}
    for argument, (operator, key) in _SOURCES.items():
        if resource.get(argument):
            condition.setdefault(operator, {})[key] = resource.get(argument)
    return [
        {
            "Sid": resource.address.partition(".")[2],
            "Effect": "Allow",
            "Principal": {"Service" if str(who).endswith(".amazonaws.com") else "AWS": who},
            "Action": resource.get("action") or f"{service}:*",
            "Resource": "*",
            "Condition": condition,
        }
        for who in several(value)
    ]


def _written(documents: Documents, resource: Resource, argument: str, value: object) -> list[Any]:
    """The statements of a document; none, and a finding, where it is none."""
    try:
        document = json.loads(value if isinstance(value, str) else "")
    except ValueError:
        documents.find(resource.address, LITERAL, f"{argument} is no literal JSON: {value!r}", _WRITE_IT_OUT)
        return []
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements or document.get("Version") != "2012-10-17":
        problem = f"{argument} lacks its Statement or the Version 2012-10-17"
        documents.find(resource.address, FORM, problem, "write a whole policy document")
        return []
    return several(statements)


def _read_statements(
    documents: Documents, resource: Resource, written: Iterable[Any], kind: Kind
) -> tuple[Statement, ...]:
    """The statements that can be read, with ARNs in the place of references."""
    read_ = []
    for each in written:
        whole, unknown = resolved(documents.stack, each)
        for value in unknown:
            documents.find(resource.address, LITERAL, f"names {value!r}, of which no ARN is known", _WRITE_IT_OUT)
        try:
            read_ += [] if unknown else [read_statement(whole, kind)]
        except NotReadError as error:
            documents.find(resource.address, error.control, error.problem, error.remedy)
    return tuple(read_)


def _role(documents: Documents, role: Resource) -> Role:
    name = str(role.get("name"))
    held = [policy for policy in documents.of_kind("identity") if name in policy.holders]
    rights = Rights(grant for policy in held for statement in policy.statements for grant in statement.grants)
    trust = (each for policy in documents.of_kind("trust") if policy.resource == role for each in policy.statements)
    return Role(name, role.address, role.get("permissions_boundary"), rights, tuple(trust))


def _refuse_unread(documents: Documents, resource: Resource, arguments: Mapping[str, PolicyKind]) -> None:
    """A policy in an argument that holds none, by the type's row, fails closed."""
    for argument, value in resource.values.items():
        if argument not in arguments and isinstance(value, str) and _STATEMENT in value:
            remedy = f"list the argument in the column `policies` of [{resource.type}] in {SHOWN}"
            documents.find(resource.address, KNOWN, f"{argument} holds a policy that the proof does not read", remedy)
