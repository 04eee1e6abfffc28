"""The role that applies may do all that Terraform calls for the types in use; who plans a stack may read its types.

    stacks ─► resources, and types of modules ─► rows of types.toml ─► (action, ARN) ─► allowed by the role's policies?

Judged by the policies as they were synthesized, refusals included, in whatever context suits an action best. Resources
of an environment are asked for by their own names. Those of the other stacks are an operator's to change (the state
bucket, the pipeline's own roles), and are asked for by their types alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.role_passing import takers_of
from wealist.model import types
from wealist.model.iam.behind import behind
from wealist.model.iam.catalog import catalog
from wealist.model.iam.evaluate import Rights, context_of
from wealist.model.iam.references import arn_of, name_of
from wealist.model.stack import Resource, StackJson
from wealist.model.types import Type
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, PROJECT, REGION, pipeline_role

COVERAGE: Final = "iam.coverage"
APPLIES: Final = pipeline_role("apply")
_ANY: Final = f"{PROJECT}-any"
_OBJECT: Final = "aws_s3_object"
_EXPRESSION: Final = re.compile(r"\$\{[^}]*\}")
_LINKED: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role"


class Use(NamedTuple):
    """One resource that Terraform reads, creates, changes and deletes; or a type of which more is not known.

    Attributes:
        kind: Its type.
        of: The name of the stack that it is in.
        address: Where it is there.
        resource: Itself, in a stack of an environment.
        stack: The stack of an environment that it is in.
    """

    kind: str
    of: str
    address: str
    resource: Resource | None = None
    stack: StackJson | None = None


class Request(NamedTuple):
    """What Terraform asks of AWS.

    Attributes:
        action: `service:Action`.
        arn: What it is done on; `*` where the action acts on nothing in particular.
        context: Condition keys and their values.
    """

    action: str
    arn: str
    context: tuple[tuple[str, str], ...] = ()


Asked = tuple[str | None, Mapping[str, str] | None]
"""What an action is done on: its ARN, or None where that is not known; its context, or None for the best one."""


def check(
    account: Documents,
    every: Mapping[str, Documents],
    environments: Iterable[str],
    removed: Mapping[str, Iterable[str]],
) -> Iterator[Finding]:
    """Everything that an apply, or a plan, would be refused.

    Args:
        account: The stack of both roles.
        every: Every stack, by name.
        environments: The names of those that are environments.
        removed: Stack → addresses that have left the code, and that the next apply destroys.
    """
    described = sorted(environments)
    planned = {plan_role(name): name for name in every}
    for role in account.roles:
        if role.name in {APPLIES, *planned}:
            own = {planned[role.name]: every[planned[role.name]]} if role.name in planned else every
            uses = _by_type([*_uses(own, described), *_gone({name: removed.get(name, ()) for name in own})])
            for use, lacking in _lacking(role.rights, uses, may_write=role.name == APPLIES):
                actions = ", ".join(dict.fromkeys(name for name, _ in lacking))
                on = next((f" on {arn}" for _, arn in lacking if arn), "")
                problem = f"may not do {actions}{on}, which {use.of}: {use.address} takes"
                yield _finding(account, role, problem, _remedy(role.rights, use, [name for name, _ in lacking]))
        if role.name == APPLIES:
            for problem in _unpassed(role.rights, [every[name] for name in described]):
                remedy = "synthesize the account's stack again, with the resource that takes the role"
                yield _finding(account, role, problem, remedy)


def requests(role: Role, documents: Documents, *, may_write: bool) -> Iterator[Request]:
    """What a plan of a stack asks of AWS, or an apply: each request so that the synthesized role may make it.

    Args:
        role: That plans or applies, as it is synthesized.
        documents: Of the stack.
        may_write: Whether it applies.
    """
    uses = _by_type(_uses({documents.stack.name: documents}, [documents.stack.name]))
    for kind, several in uses.items():
        if row := types.row(kind):
            for name in (*row.actions("read"), *(row.write_actions if may_write else ())):
                everything = [(several[0], ("*", None))] if _covers_all(role.rights, name) else None
                yield from (_request(role.rights, name, each) for _, each in everything or _asked(several, row, name))
    if may_write:
        yield from (Request(action, arn, tuple(context.items())) for action, arn, context, _ in _passed(documents))


def _request(rights: Rights, name: str, asked: Asked) -> Request:
    """A request as a grant of the role allows it; where none does, as it is asked."""
    arn, context = asked
    for grant in rights.about(name):
        place = arn or grant.resource.replace("*", "x")
        known = context_of(grant) if context is None else context
        if grant.effect == "Allow" and rights.may(name, place, known):
            return Request(name, place, tuple(known.items()))
    return Request(name, arn or "*")


def plan_role(stack: str) -> str:
    """The name of the role that plans a stack."""
    return pipeline_role(f"plan-{stack}")


def _by_type(uses: Iterable[Use]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        found[use.kind].append(use)
    return found


def _gone(removed: Mapping[str, Iterable[str]]) -> Iterator[Use]:
    for name, addresses in removed.items():
        yield from (Use(each.partition(".")[0], name, each) for each in addresses)


def _finding(account: Documents, role: Role, problem: str, remedy: str) -> Finding:
    return Finding(account.stack.name, role.address, COVERAGE, f"{role.name} {problem}", remedy)


def _uses(every: Mapping[str, Documents], environments: Iterable[str]) -> Iterator[Use]:
    for name, documents in every.items():
        stack = documents.stack
        for resource in stack.resources.values():
            known = (resource, stack) if name in environments else ()
            yield Use(resource.type, name, resource.address, *known)
        yield from (Use(data.kind, name, address) for address, data in stack.data.items())


def _lacking(
    rights: Rights, uses: Mapping[str, list[Use]], *, may_write: bool
) -> Iterable[tuple[Use, list[tuple[str, str | None]]]]:
    """What a role may not do: (action, ARN), by the first use of its type that takes it."""
    found: dict[tuple[str, str], tuple[Use, list[tuple[str, str | None]]]] = {}
    for kind, several in uses.items():
        if row := types.row(kind):
            for name in (*row.actions("read"), *(row.write_actions if may_write else ())):
                if not _covers_all(rights, name):
                    asked = _asked(several, row, name)
                    refused = next(((use, each) for use, each in asked if not _covers(rights, name, each)), None)
                    if refused:
                        use, each = refused
                        found.setdefault((use.of, use.address), (use, []))[1].append((name, each[0]))
    return found.values()


def _covers_all(rights: Rights, action: str) -> bool:
    """Whether a role may do an action on anything."""
    about = rights.about(action)
    return any(grant.resource == "*" for grant in about) and all(grant.effect == "Allow" for grant in about)


def _covers(rights: Rights, action: str, asked: Asked) -> bool:
    """Whether a role may do an action; where the ARN is not known, on anything that its policies name for it."""
    arn, context = asked
    allowed = (grant.resource for grant in rights.about(action) if grant.effect == "Allow")
    places = [arn] if arn else [each if each == "*" else each.replace("*", "x") for each in allowed]
    return any(rights.may(action, place, context) for place in places)


def _asked(uses: list[Use], row: Type, name: str) -> Iterator[tuple[Use, Asked]]:
    """What an action is done on: by a service, or on each resource's own ARNs of the kinds that the action takes."""
    action, generic = catalog().expand(name)[0], _generic(uses[0].kind, uses[0].of)
    if by_service := behind(action, row.service):
        context = {key: value for keys in by_service.conditions.values() for key, value in keys.items()}
        yield uses[0], (by_service.resource.replace("*", "any"), context or None)
    elif any("${ObjectName}" in arn for arn in action.arns):
        yield from ((use, (arn, None)) for use in uses for arn in _objects(use, row))
    elif taken := [place for place, arn in enumerate(generic) if action.takes(arn)]:
        for use in uses:
            yield from ((use, (arn, None)) for arn in _arns(use, taken))
    else:
        yield uses[0], (None, None)


def _arns(use: Use, taken: list[int]) -> list[str]:
    """The ARNs of a use at some places of its row."""
    resource, generic = use.resource, _generic(use.kind, use.of)
    if resource is None:
        return [generic[place] for place in taken]
    own = arn_of(resource) if name_of(resource) else None
    region = CDN_CERTIFICATE_REGION if resource.get("provider") == "aws.cdn" else REGION
    arns = (own if place == 0 and own else generic[place] for place in taken)
    return [arn.replace(f":{REGION}:", f":{region}:", 1) for arn in arns]


@cache
def _generic(kind: str, stack: str) -> list[str]:
    """The ARNs of some resource of a type in a stack."""
    row = types.row(kind)
    values = {"region": REGION, "account": ACCOUNT_ID, "name": _ANY, "path": f"/{PROJECT}/{stack}/any", "id": "any"}
    return [form.format(**values).replace("*", "any") for form in (row.arns if row else ())]


def _objects(use: Use, row: Type) -> list[str]:
    """The objects of S3 that an action is done on: one that is managed, or those of a bucket that is emptied."""
    resource, stack = use.resource, use.stack
    if resource is None or stack is None:
        return []
    if use.kind != _OBJECT:
        return [f"{arn_of(resource)}/any"] if row.data and resource.get("force_destroy") is True else []
    bucket = stack.target(resource.get("bucket"))
    key = _EXPRESSION.sub("any", str(resource.get("key")))
    return [f"{arn_of(bucket) if bucket else f'arn:aws:s3:::{_ANY}'}/{key}"]


def _unpassed(rights: Rights, environments: Iterable[Documents]) -> Iterator[str]:
    """Roles that an apply cannot pass to who takes them, and service-linked roles that it cannot have created."""
    for documents in environments:
        for action, arn, context, problem in _passed(documents):
            if not rights.may(action, arn, context):
                yield problem


def _passed(documents: Documents) -> Iterator[tuple[str, str, dict[str, str], str]]:
    """How an apply passes each role, and has service-linked roles created: action, ARN, context, problem if refused."""
    for address, services in sorted(takers_of(documents).items()):
        arn = str(arn_of(documents.stack.resources[address]))
        for service in sorted(services):
            problem = f"may not pass {arn} to {service} ({documents.stack.name}: {address})"
            yield "iam:PassRole", arn, {"iam:PassedToService": service}, problem
    rows = {row.linked_role for each in documents.stack.resources.values() if (row := types.row(each.type))}
    for linked in sorted(filter(None, rows)):
        problem = f"may not have {linked} create its role ({documents.stack.name})"
        yield "iam:CreateServiceLinkedRole", f"{_LINKED}/{linked}/any", {"iam:AWSServiceName": linked}, problem


def _remedy(rights: Rights, use: Use, lacking: Iterable[str]) -> str:
    about = [grant for name in lacking for grant in rights.about(name)]
    if any(grant.effect == "Deny" for grant in about):
        return f"a Deny refuses it: leave the {use.kind} out, or decide about the Deny"
    if about:
        return f"begin its name with {PROJECT}-, or add its form to arns of [{use.kind}] in {types.SHOWN}"
    return "synthesize the account's stack again: its rights follow from the types in use"
