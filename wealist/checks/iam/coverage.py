"""The role that applies may do all that Terraform calls for the types in use, and the role that plans may read it.

    stacks ─► resources, and types of modules ─► rows of types.toml ─► (action, ARN) ─► allowed by the role's policies?

Judged by the policies as they were synthesized, refusals included, in whatever context suits an action best. Resources
of an environment are asked for by their own names. Those of the other stacks are an operator's to change (the state
bucket, the pipeline's own roles), and are asked for by their types alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.role_passing import takers_of
from wealist.model import types
from wealist.model.iam.behind import behind
from wealist.model.iam.catalog import catalog
from wealist.model.iam.evaluate import Grant, allows, names, reaches
from wealist.model.iam.references import arn_of
from wealist.model.stack import Resource, StackJson
from wealist.model.types import Type
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, PIPELINE, PROJECT, REGION

COVERAGE: Final = "iam.coverage"
PLANS: Final = f"{PIPELINE}-plan-role"
APPLIES: Final = f"{PIPELINE}-apply-role"
_ANY: Final = f"{PROJECT}-any"
Refused = tuple[str, str | None]
"""An action, and its ARN where that is known."""
_OBJECT: Final = "aws_s3_object"
_EXPRESSION: Final = re.compile(r"\$\{[^}]*\}")
_LINKED: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role"


class Use(NamedTuple):
    """One resource that Terraform reads, creates, changes and deletes; or a type of which more is not known.

    Attributes:
        kind: Its type.
        address: Where it is.
        resource: Itself, in a stack of an environment.
        stack: The stack of an environment that it is in.
    """

    kind: str
    address: str
    resource: Resource | None = None
    stack: StackJson | None = None


class Asked(NamedTuple):
    """What an action is done on.

    Attributes:
        arn: Its ARN; None where that is not known.
        context: Condition keys → values; the best ones where it is empty.
    """

    arn: str | None = None
    context: Mapping[str, str] = {}


class Rights:
    """What a role is allowed and refused, by action."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._exact: dict[str, list[Grant]] = defaultdict(list)
        self._patterns: list[Grant] = []
        self._known: dict[str, list[Grant]] = {}
        for grant in role.grants:
            is_exact = "*" not in grant.action and "?" not in grant.action
            (self._exact[grant.action.lower()] if is_exact else self._patterns).append(grant)

    def about(self, action: str) -> list[Grant]:
        """What its policies say of an action."""
        if action not in self._known:
            patterns = (grant for grant in self._patterns if names(grant.action, action))
            self._known[action] = [*self._exact[action.lower()], *patterns]
        return self._known[action]

    def cover_all(self, action: str) -> bool:
        """Whether it may do an action on anything."""
        about = self.about(action)
        return any(grant.resource == "*" for grant in about) and all(grant.effect == "Allow" for grant in about)

    def cover(self, action: str, asked: Asked) -> bool:
        """Whether it may do an action."""
        about = self.about(action)
        if asked.context and asked.arn:
            return allows(about, action, asked.arn, asked.context)
        allowed = [grant.resource for grant in about if grant.effect == "Allow"]
        places = [asked.arn] if asked.arn else [each if each == "*" else each.replace("*", "x") for each in allowed]
        return any(reaches(about, action, place) for place in places)


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
    rights = {role.name: Rights(role) for role in account.roles}
    uses: dict[str, list[Use]] = defaultdict(list)
    gone = (Use(each.partition(".")[0], f"{name}: {each}") for name, several in removed.items() for each in several)
    for use in (*_uses(every, set(environments)), *gone):
        uses[use.kind].append(use)
    for name, may_write in ((PLANS, False), (APPLIES, True)):
        if name in rights:
            for use, lacking in _lacking(rights[name], uses, may_write=may_write):
                yield _finding(account, rights[name], use, lacking)
    if APPLIES in rights:
        for problem, address in _unpassed(rights[APPLIES], every, set(environments)):
            remedy = "synthesize the account's stack again, with the resource that takes the role"
            yield Finding(account.stack.name, rights[APPLIES].role.address, COVERAGE, f"{problem} ({address})", remedy)


def _uses(every: Mapping[str, Documents], environments: set[str]) -> Iterator[Use]:
    for name, documents in every.items():
        stack = documents.stack
        for resource in stack.resources.values():
            known = (resource, stack) if name in environments else ()
            yield Use(resource.type, f"{name}: {resource.address}", *known)
        yield from (Use(data.kind, f"{name}: {address}") for address, data in stack.data.items())


def _lacking(rights: Rights, uses: Mapping[str, list[Use]], *, may_write: bool) -> list[tuple[Use, list[Refused]]]:
    """What a role may not do, by the first use of its type that takes it."""
    found: dict[str, tuple[Use, list[Refused]]] = {}
    for kind, several in uses.items():
        row = types.row(kind)
        for name in _actions(row, may_write=may_write) if row else ():
            if row and not rights.cover_all(name):
                refused = ((use, each) for use, each in _asked(several, row, name) if not rights.cover(name, each))
                for use, asked in islice(refused, 1):
                    found.setdefault(use.address, (use, []))[1].append((name, asked.arn))
    return list(found.values())


def _actions(row: Type, *, may_write: bool) -> tuple[str, ...]:
    return (*row.actions("read"), *row.write_actions) if may_write else row.actions("read")


def _asked(uses: list[Use], row: Type, name: str) -> Iterator[tuple[Use, Asked]]:
    """What an action is done on: by a service, or on each resource's own ARNs of the kinds that the action takes."""
    action, generic = catalog().expand(name)[0], _generic(uses[0].kind)
    if by_service := behind(action, row.service):
        context = {key: value for keys in by_service.conditions.values() for key, value in keys.items()}
        yield uses[0], Asked(by_service.resource.replace("*", "any"), context)
        return
    if any("${ObjectName}" in arn for arn in action.arns):
        yield from ((use, Asked(arn)) for use in uses for arn in _objects(use, row))
        return
    if not (taken := [place for place, arn in enumerate(generic) if action.takes(arn)]):
        yield uses[0], Asked()
        return
    for use in uses:
        yield from ((use, Asked(arn)) for arn in _arns(use, row, generic, taken))


def _arns(use: Use, row: Type, generic: list[str], taken: list[int]) -> list[str]:
    """The ARNs of a use at some places of its row."""
    resource = use.resource
    if resource is None:
        return [generic[place] for place in taken]
    own = arn_of(resource) if _is_named(resource, row) else None
    region = CDN_CERTIFICATE_REGION if resource.get("provider") == "aws.cdn" else REGION
    arns = (own if place == 0 and own else generic[place] for place in taken)
    return [arn.replace(f":{REGION}:", f":{region}:", 1) for arn in arns]


def _is_named(resource: Resource, row: Type) -> bool:
    """Whether AWS knows it by a literal argument of its own."""
    by = row.lookup.by if row.lookup else None
    value = resource.get(by) if by else None
    return isinstance(value, str) and "${" not in value


@cache
def _generic(kind: str) -> list[str]:
    """The ARNs of some resource of a type."""
    row = types.row(kind)
    values = {"region": REGION, "account": ACCOUNT_ID, "name": _ANY, "path": f"/{PROJECT}/any", "id": "any"}
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


def _unpassed(rights: Rights, every: Mapping[str, Documents], environments: set[str]) -> Iterator[tuple[str, str]]:
    """Roles that an apply cannot pass to who takes them, and service-linked roles that it cannot have created."""
    for name in sorted(environments):
        documents = every[name]
        for address, services in sorted(takers_of(documents).items()):
            arn = str(arn_of(documents.stack.resources[address]))
            for service in sorted(services):
                if not allows(rights.about("iam:PassRole"), "iam:PassRole", arn, {"iam:PassedToService": service}):
                    yield f"{rights.role.name} may not pass {arn} to {service}", f"{name}: {address}"
        for resource in documents.stack.resources.values():
            row = types.row(resource.type)
            linked = row.linked_role if row else None
            action = "iam:CreateServiceLinkedRole"
            context = {"iam:AWSServiceName": str(linked)}
            if linked and not allows(rights.about(action), action, f"{_LINKED}/{linked}/any", context):
                yield f"{rights.role.name} may not have {linked} create its role", f"{name}: {resource.address}"
                break


def _finding(account: Documents, rights: Rights, use: Use, lacking: list[Refused]) -> Finding:
    actions = ", ".join(dict.fromkeys(name for name, _ in lacking))
    arn = next((arn for _, arn in lacking if arn), None)
    problem = f"{rights.role.name} may not do {actions}{f' on {arn}' if arn else ''}, which {use.address} takes"
    return Finding(account.stack.name, rights.role.address, COVERAGE, problem, _remedy(rights, use, lacking))


def _remedy(rights: Rights, use: Use, lacking: list[Refused]) -> str:
    about = [grant for name, _ in lacking for grant in rights.about(name)]
    if any(grant.effect == "Deny" for grant in about):
        return f"a Deny refuses it: leave the {use.kind} out, or decide about the Deny"
    if about:
        return f"begin its name with {PROJECT}-, or add its form to arns of [{use.kind}] in {types.SHOWN}"
    return "synthesize the account's stack again: its rights follow from the types in use"
