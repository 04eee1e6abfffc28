"""Read the policy documents of a stack, and the roles that they are attached to.

aws_iam_policy, aws_iam_role_policy    what a role can do             identity
aws_iam_role.assume_role_policy        who can assume the role        trust
aws_s3_bucket_policy, aws_kms_key, …   who can use a resource         resource
aws_lambda_permission.principal, …     the same, as an argument       resource

The column `policies` of types.toml lists the arguments of each type that hold a policy. A document must be literal
JSON, in which a reference may replace a whole ARN of a resource of the same stack. Anything else is a finding, and so
is an argument that grants rights and cannot be read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.iam.arns import resolve_references
from wealist.model.iam.evaluate import Rights
from wealist.model.iam.policy import Kind, NotReadError, Statement, read_statement
from wealist.model.stack import Resource, StackJson
from wealist.model.type_row import PolicyKind
from wealist.model.types import SHOWN, row
from wealist.model.values import as_list, values_at

LITERAL: Final = "iam.literal"
KNOWN: Final = "iam.known"
FORM: Final = "iam.form"

_STATEMENT: Final = '"Statement"'
_ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_ROLE_POLICY_TYPES: Final = frozenset({"aws_iam_policy", "aws_iam_role_policy", _ATTACHMENT})
_TYPES_WITHOUT_RIGHTS: Final = frozenset(
    {
        "aws_iam_account_password_policy",
        "aws_iam_instance_profile",
        "aws_iam_openid_connect_provider",
        "aws_iam_service_linked_role",
    }
)
_SUPPORTED_IAM_TYPES: Final = _ROLE_POLICY_TYPES | _TYPES_WITHOUT_RIGHTS | {"aws_iam_role"}
_POLICY_BY_DEFAULT: Final = frozenset({"aws_kms_key", "aws_vpc_endpoint"})
"""Types to which AWS attaches a default policy if none is set. The default of a VPC endpoint allows everything."""
_SOURCE_CONDITIONS: Final = {
    "source_arn": ("ArnLike", "aws:SourceArn"),
    "source_account": ("StringEquals", "aws:SourceAccount"),
}
"""Argument next to a principal → operator and key of the condition that AWS derives from it."""
_WRITE_LITERAL_JSON: Final = (
    "write the policy as literal JSON, with names from wealist/spec/naming.py; a reference must be the whole ARN of a "
    "resource of this stack"
)
_GRANT_TO_ROLES: Final = "grant rights to roles only, by aws_iam_policy and aws_iam_role_policy_attachment"


@dataclass(frozen=True)
class Policy:
    """One policy document.

    Attributes:
        resource: The resource that contains it.
        kind: `identity`, `trust` or `resource`.
        roles: The names of the roles that it is attached to.
        statements: The statements that can be read, with references replaced by ARNs.
    """

    resource: Resource
    kind: Kind
    roles: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def address(self) -> str:
        """The address of the resource that contains the policy."""
        return self.resource.address

    @property
    def name(self) -> str:
        """The name of the resource that contains the policy."""
        return str(self.resource.get("name"))

    def why(self, statement: Statement) -> str:
        """Return the reason that the construct gives for a statement; empty if it gives none."""
        return str((self.resource.get("//") or {}).get("reasons", {}).get(statement.sid, ""))


@dataclass(frozen=True)
class Role:
    """One role.

    Attributes:
        boundary: The ARN of its permissions boundary; None without one.
        rights: The grants and denials of all its policies.
        trust: The statements of its trust policy.
    """

    name: str
    address: str
    boundary: str | None
    rights: Rights
    trust: tuple[Statement, ...]


@dataclass
class Documents:
    """The policies and roles of one stack, and a finding for each document that cannot be read."""

    stack: StackJson
    policies: list[Policy] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of_kind(self, kind: Kind) -> list[Policy]:
        """Return the policies of one kind."""
        return [policy for policy in self.policies if policy.kind == kind]

    def report(self, address: str, control: str, problem: str, remedy: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(self.stack.name, address, control, problem, remedy))


def read_documents(stack: StackJson) -> Documents:
    """Read every policy document of a stack."""
    documents = Documents(stack)
    attached = _roles_by_policy(documents)
    for resource in stack.resources.values():
        if resource.type.startswith("aws_iam_") and resource.type not in _SUPPORTED_IAM_TYPES:
            documents.report(resource.address, KNOWN, "grants rights to a principal other than a role", _GRANT_TO_ROLES)
            continue
        known = row(resource.type)
        arguments = known.policies if known else {}
        for argument, kind in arguments.items():
            for value in values_at(resource.values, argument):
                _read_argument(documents, resource, argument, kind, value, tuple(attached.get(resource.address, ())))
        _report_unlisted_policies(documents, resource, arguments)
    documents.roles.extend(_role(documents, role) for role in stack.all("aws_iam_role"))
    return documents


def _roles_by_policy(documents: Documents) -> dict[str, list[str]]:
    """Map the address of each policy to the names of its roles. The trust policy of a role has the role's address."""
    stack = documents.stack
    names = {role.address: str(role.get("name")) for role in stack.all("aws_iam_role")}
    attached = {address: [name] for address, name in names.items()}
    for each in stack.all("aws_iam_role_policy", _ATTACHMENT):
        role = stack.target(each.get("role"))
        policy = stack.target(each.get("policy_arn")) if each.type == _ATTACHMENT else each
        if role is None or role.address not in names or policy is None or policy.type not in _ROLE_POLICY_TYPES:
            problem = f"attaches what is not in this stack: role = {each.get('role')!r}, {each.get('policy_arn')!r}"
            remedy = "attach a policy of this stack to a role of this stack, both by reference"
            documents.report(each.address, LITERAL, problem, remedy)
        else:
            attached.setdefault(policy.address, []).append(names[role.address])
    return attached


def _read_argument(
    documents: Documents, resource: Resource, argument: str, kind: PolicyKind, value: object, roles: tuple[str, ...]
) -> None:
    if kind == "unread" and value:
        remedy = f"move it into a policy resource, in an argument that {SHOWN} lists as a policy"
        documents.report(resource.address, KNOWN, f"{argument} grants rights that the proof does not read", remedy)
    elif kind == "principal" and value:
        statements = _read_statements(documents, resource, _statements_of_principals(resource, value), "resource")
        documents.policies.append(Policy(resource, "resource", (), statements))
    elif kind in {"identity", "trust"} or (kind == "resource" and (value or resource.type in _POLICY_BY_DEFAULT)):
        written = _parse_document(documents, resource, argument, value)
        documents.policies.append(Policy(resource, kind, roles, _read_statements(documents, resource, written, kind)))


def _statements_of_principals(resource: Resource, value: object) -> list[dict[str, Any]]:
    """Return the statements that AWS derives from an argument that names principals."""
    known = row(resource.type)
    service = known.service if known else None
    condition: dict[str, dict[str, object]] = {}
    for argument, (operator, key) in _SOURCE_CONDITIONS.items():
        if resource.get(argument):
            condition.setdefault(operator, {})[key] = resource.get(argument)
    return [
        {
            "Sid": resource.address.partition(".")[2],
            "Effect": "Allow",
            "Principal": {"Service" if str(principal).endswith(".amazonaws.com") else "AWS": principal},
            "Action": resource.get("action") or f"{service}:*",
            "Resource": "*",
            "Condition": condition,
        }
        for principal in as_list(value)
    ]


def _parse_document(documents: Documents, resource: Resource, argument: str, value: object) -> list[Any]:
    """Return the statements of a document; report a value that is not a document, and return none."""
    try:
        document = json.loads(value if isinstance(value, str) else "")
    except ValueError:
        documents.report(resource.address, LITERAL, f"{argument} is not literal JSON: {value!r}", _WRITE_LITERAL_JSON)
        return []
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements or document.get("Version") != "2012-10-17":
        problem = f"{argument} lacks its Statement or the Version 2012-10-17"
        documents.report(resource.address, FORM, problem, "write a whole policy document")
        return []
    return as_list(statements)


def _read_statements(
    documents: Documents, resource: Resource, written: Iterable[Any], kind: Kind
) -> tuple[Statement, ...]:
    """Return the statements that can be read, with references replaced by ARNs; report the others."""
    statements = []
    for each in written:
        whole, unknown = resolve_references(documents.stack, each)
        for value in unknown:
            documents.report(resource.address, LITERAL, f"names {value!r}, whose ARN is unknown", _WRITE_LITERAL_JSON)
        try:
            statements += [] if unknown else [read_statement(whole, kind)]
        except NotReadError as error:
            documents.report(resource.address, error.control, error.problem, error.remedy)
    return tuple(statements)


def _role(documents: Documents, role: Resource) -> Role:
    name = str(role.get("name"))
    attached = [policy for policy in documents.of_kind("identity") if name in policy.roles]
    rights = Rights(grant for policy in attached for statement in policy.statements for grant in statement.grants)
    trust = (each for policy in documents.of_kind("trust") if policy.resource == role for each in policy.statements)
    return Role(name, role.address, role.get("permissions_boundary"), rights, tuple(trust))


def _report_unlisted_policies(documents: Documents, resource: Resource, arguments: Mapping[str, PolicyKind]) -> None:
    """Report each policy in an argument that the row of the type does not list."""
    for argument, value in resource.values.items():
        if argument not in arguments and isinstance(value, str) and _STATEMENT in value:
            remedy = f"list the argument in the column `policies` of [{resource.type}] in {SHOWN}"
            documents.report(
                resource.address, KNOWN, f"{argument} contains a policy that the proof does not read", remedy
            )
