"""Check that the roles that plan and apply have the rights that Terraform needs, and no secrets of other stacks.

    stacks ─► resources, and types of modules ─► rows of types.toml ─► (action, ARN) ─► allowed by the role's policies?

A request is checked against the synthesized policies, denials included, in the context that allows it, if there is
one. For a resource of an environment, the request names its own ARN. Resources of other stacks (the state bucket, the
pipeline's own roles) are changed by an operator, so their requests name a generic ARN of the type.

Anyone who can push a branch can run code as a role that plans, unless its GitHub environment is protected (ADR 19). So
the role that plans a stack must not read the state, the parameters, the secrets or the plans of another stack.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.trust import services_by_role
from wealist.model import types
from wealist.model.iam.arns import resource_arn, resource_name
from wealist.model.iam.catalog import catalog
from wealist.model.iam.evaluate import Rights, matching_context
from wealist.model.iam.forward_access import forward_access
from wealist.model.stack import Resource, StackJson
from wealist.model.type_row import Type
from wealist.spec.account import (
    ACCOUNT_ID,
    CDN_CERTIFICATE_REGION,
    PLANS_BUCKET,
    PROJECT,
    REGION,
    STATE_BUCKET,
    pipeline_role,
    state_key,
)

COVERAGE: Final = "iam.coverage"
APART: Final = "iam.apart"
APPLY_ROLE: Final = pipeline_role("apply")
_ANY_NAME: Final = f"{PROJECT}-any"
_OBJECT: Final = "aws_s3_object"
_EXPRESSION: Final = re.compile(r"\$\{[^}]*\}")
_SERVICE_LINKED_ROLE: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role"
_PARAMETER: Final = "aws_ssm_parameter"
_READ_PARAMETER: Final = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory", "ssm:GetParametersByPath")
_SECRET: Final = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:any"


class Use(NamedTuple):
    """A resource or data source for which Terraform calls AWS.

    Attributes:
        kind: The type.
        stack: The stack that contains it.
        address: Its Terraform address.
        resource: The resource, if requests must name its own ARN; else None.
    """

    kind: str
    stack: StackJson
    address: str
    resource: Resource | None = None


class Request(NamedTuple):
    """A request that Terraform sends to AWS.

    Attributes:
        action: `service:Action`.
        arn: The resource; `*` for an action without resources.
        context: Condition keys and their values.
    """

    action: str
    arn: str
    context: tuple[tuple[str, str], ...] = ()


Target = tuple[str | None, Mapping[str, str] | None]
"""The ARN of a request, None if unknown; and its context, None for the context that allows it."""


def check_coverage(
    account: Documents,
    every: Mapping[str, Documents],
    environments: Collection[str],
    removed: Mapping[str, Iterable[str]],
) -> Iterator[Finding]:
    """Report each request of a plan or an apply that AWS would deny.

    Args:
        account: The policies of the stack with the pipeline's roles.
        every: The policies of each stack, by name.
        environments: The names of the stacks that are environments.
        removed: Stack → addresses that were removed from the code, and that the next apply destroys.
    """
    uses = {
        name: [*_uses(documents.stack, own_arns=name in environments, removed=removed.get(name, ()))]
        for name, documents in every.items()
    }
    planned = {plan_role(name): several for name, several in uses.items()}
    for role in account.roles:
        if role.name == APPLY_ROLE:
            problems = _denied_uses(role.rights, chain.from_iterable(uses.values()), may_write=True)
            of_roles = (each for name in sorted(environments) for each in _denied_roles(role.rights, every[name]))
            problems = chain(problems, of_roles)
        else:
            problems = _denied_uses(role.rights, planned.get(role.name, ()), may_write=False)
        for problem, remedy in problems:
            yield Finding(account.stack.name, role.address, COVERAGE, f"{role.name} {problem}", remedy)


def check_plan_secrets(account: Documents, every: Mapping[str, Documents]) -> Iterator[Finding]:
    """Report each role that plans one stack and can read secrets of another.

    Args:
        account: The policies of the stack with the pipeline's roles.
        every: The policies of each stack, by name.
    """
    roles = {role.name: role for role in account.roles}
    for stack in every:
        if role := roles.get(plan_role(stack)):
            others = [documents for name, documents in every.items() if name != stack]
            for action, arn in (pair for each in others for pair in _secret_reads(each)):
                if role.rights.allows(action, arn):
                    problem = f"{role.name} can call {action} on {arn}, which does not belong to {stack}"
                    remedy = f"allow it only on resources with the name of {stack}"
                    yield Finding(account.stack.name, role.address, APART, problem, remedy)
                    break


def requests(role: Role, documents: Documents, *, may_write: bool) -> Iterator[Request]:
    """Yield the requests of a plan or an apply of a stack, each with a context in which the role's policies allow it.

    Args:
        role: The synthesized role that plans or applies.
        documents: The stack's policies.
        may_write: Whether the role applies.
    """
    for kind, uses in _by_type(_uses(documents.stack, own_arns=True)).items():
        if row := types.row(kind):
            for name in _actions(row, may_write=may_write):
                on_anything = [(uses[0], ("*", None))] if _allowed_on_anything(role.rights, name) else None
                yield from (_request(role.rights, name, each) for _, each in on_anything or _targets(uses, row, name))
    if may_write:
        yield from (Request(action, arn, tuple(items.items())) for action, arn, items, _ in _role_requests(documents))


def plan_role(stack: str) -> str:
    """Return the name of the role that plans a stack."""
    return pipeline_role(f"plan-{stack}")


def _request(rights: Rights, name: str, target: Target) -> Request:
    """Return a request that a grant of the role allows; without such a grant, the request without context."""
    arn, context = target
    for grant in rights.grants_for(name):
        place = arn or grant.resource.replace("*", "x")
        known = matching_context(grant) if context is None else context
        if grant.effect == "Allow" and rights.allows(name, place, known):
            return Request(name, place, tuple(known.items()))
    return Request(name, arn or "*")


def _secret_reads(documents: Documents) -> Iterator[tuple[str, str]]:
    """Yield the action and ARN of each read that only the stack's own roles may make."""
    name = documents.stack.name
    yield "s3:GetObject", f"arn:aws:s3:::{STATE_BUCKET}/{state_key(name)}"
    yield "s3:GetObject", f"arn:aws:s3:::{PLANS_BUCKET}/{name}/any.tfplan"
    yield "secretsmanager:GetSecretValue", _SECRET
    for resource in documents.stack.resources.values():
        if resource.type == _PARAMETER and (arn := resource_arn(resource)):
            yield from ((action, arn) for action in _READ_PARAMETER)


def _actions(row: Type, *, may_write: bool) -> tuple[str, ...]:
    return (*row.actions("read"), *(row.write_actions if may_write else ()))


def _by_type(uses: Iterable[Use]) -> dict[str, list[Use]]:
    by_type: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        by_type[use.kind].append(use)
    return by_type


def _uses(stack: StackJson, *, own_arns: bool, removed: Iterable[str] = ()) -> Iterator[Use]:
    for resource in stack.resources.values():
        yield Use(resource.type, stack, resource.address, resource if own_arns else None)
    yield from (Use(data.kind, stack, address) for address, data in stack.data.items())
    yield from (Use(address.partition(".")[0], stack, address) for address in removed)


def _denied_uses(rights: Rights, uses: Iterable[Use], *, may_write: bool) -> Iterator[tuple[str, str]]:
    """Yield a problem and a remedy for each resource with denied requests; for each type, the first such resource."""
    denied: dict[tuple[str, str], tuple[Use, list[tuple[str, str | None]]]] = {}
    for kind, several in _by_type(uses).items():
        if row := types.row(kind):
            for name in _actions(row, may_write=may_write):
                if not _allowed_on_anything(rights, name):
                    targets = _targets(several, row, name)
                    first = next(((use, each) for use, each in targets if not _is_allowed(rights, name, each)), None)
                    if first:
                        use, (arn, _) = first
                        denied.setdefault((use.stack.name, use.address), (use, []))[1].append((name, arn))
    for use, requested in denied.values():
        names = list(dict.fromkeys(name for name, _ in requested))
        on = next((f" on {arn}" for _, arn in requested if arn), "")
        problem = f"is not allowed {', '.join(names)}{on}, which {use.stack.name}: {use.address} needs"
        yield problem, _remedy(rights, use.kind, names)


def _allowed_on_anything(rights: Rights, action: str) -> bool:
    about = rights.grants_for(action)
    return any(grant.resource == "*" for grant in about) and all(grant.effect == "Allow" for grant in about)


def _is_allowed(rights: Rights, action: str, target: Target) -> bool:
    """Return whether a role can do an action; for an unknown ARN, on any resource that its policies name for it."""
    arn, context = target
    allowed = (grant.resource for grant in rights.grants_for(action) if grant.effect == "Allow")
    places = [arn] if arn else [each if each == "*" else each.replace("*", "x") for each in allowed]
    return any(rights.allows(action, place, context) for place in places)


def _targets(uses: list[Use], row: Type, name: str) -> Iterator[tuple[Use, Target]]:
    """Yield the targets of an action: those of a service that calls it, or each ARN of a type that the action takes."""
    action, generic = catalog().expand(name)[0], _generic_arns(uses[0].kind, uses[0].stack.name)
    if by_service := forward_access(action, row.service):
        context = {key: value for keys in by_service.conditions.values() for key, value in keys.items()}
        yield uses[0], (by_service.resource.replace("*", "any"), context or None)
    elif any("${ObjectName}" in arn for arn in action.arns):
        yield from ((use, (arn, None)) for use in uses for arn in _object_arns(use, row))
    elif taken := [index for index, arn in enumerate(generic) if action.takes(arn)]:
        for use in uses:
            yield from ((use, (arn, None)) for arn in _arns(use, taken))
    else:
        yield uses[0], (None, None)


def _arns(use: Use, taken: list[int]) -> list[str]:
    """Return the ARNs of a resource at some indexes of its row; generic ones if the resource is unknown."""
    resource, generic = use.resource, _generic_arns(use.kind, use.stack.name)
    if resource is None:
        return [generic[index] for index in taken]
    own = resource_arn(resource) if resource_name(resource) else None
    region = CDN_CERTIFICATE_REGION if resource.get("provider") == "aws.cdn" else REGION
    arns = (own if index == 0 and own else generic[index] for index in taken)
    return [arn.replace(f":{REGION}:", f":{region}:", 1) for arn in arns]


@cache
def _generic_arns(kind: str, stack: str) -> list[str]:
    """Return the ARNs of an arbitrary resource of a type in a stack."""
    row = types.row(kind)
    values = {
        "region": REGION, "account": ACCOUNT_ID, "name": _ANY_NAME, "path": f"/{PROJECT}/{stack}/any", "id": "any"
    }  # fmt: skip
    return [form.format(**values).replace("*", "any") for form in (row.arns if row else ())]


def _object_arns(use: Use, row: Type) -> list[str]:
    """Return the S3 objects that an action is for: a managed one, or those of a bucket that Terraform empties."""
    resource = use.resource
    if resource is None:
        return []
    if use.kind != _OBJECT:
        return [f"{resource_arn(resource)}/any"] if row.data and resource.get("force_destroy") is True else []
    bucket = use.stack.target(resource.get("bucket"))
    key = _EXPRESSION.sub("any", str(resource.get("key")))
    return [f"{resource_arn(bucket) if bucket else f'arn:aws:s3:::{_ANY_NAME}'}/{key}"]


def _denied_roles(rights: Rights, documents: Documents) -> Iterator[tuple[str, str]]:
    remedy = "synthesize the account's stack again, together with the resource that uses the role"
    for action, arn, context, problem in _role_requests(documents):
        if not rights.allows(action, arn, context):
            yield problem, remedy


def _role_requests(documents: Documents) -> Iterator[tuple[str, str, dict[str, str], str]]:
    """Yield the requests that pass roles and create service-linked roles: action, ARN, context, problem if denied."""
    for address, services in sorted(services_by_role(documents).items()):
        arn = str(resource_arn(documents.stack.resources[address]))
        for service in sorted(services):
            problem = f"cannot pass {arn} to {service} ({documents.stack.name}: {address})"
            yield "iam:PassRole", arn, {"iam:PassedToService": service}, problem
    linked_roles = {row.linked_role for each in documents.stack.resources.values() if (row := types.row(each.type))}
    for linked in sorted(filter(None, linked_roles)):
        problem = f"cannot create the service-linked role of {linked} ({documents.stack.name})"
        context = {"iam:AWSServiceName": linked}
        yield "iam:CreateServiceLinkedRole", f"{_SERVICE_LINKED_ROLE}/{linked}/any", context, problem


def _remedy(rights: Rights, kind: str, denied: Iterable[str]) -> str:
    about = [grant for name in denied for grant in rights.grants_for(name)]
    if any(grant.effect == "Deny" for grant in about):
        return f"a Deny refuses it: remove the {kind}, or change the Deny"
    if about:
        return f"begin its name with {PROJECT}-, or add its ARN format to arns of [{kind}] in {types.SHOWN}"
    return "synthesize the account's stack again: its rights are derived from the types in use"
