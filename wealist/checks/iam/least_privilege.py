"""Check that each role can use only its own resources, and that the boundary allows only what its roles use.

A role of an environment can use resources with the environment's names and paths, resources of its stack or with its
tag, and public resources of AWS. A role of the pipeline can use resources with the project's name; where AWS chooses
the ids, it can use the actions that Terraform calls for the types in use. No role may write, or read data, on `*`,
unless AWS offers no resource for the action. `wider.toml` lists the exceptions, each with its reason.

Each role of an environment must have the permissions boundary wealist-terraform-boundary, which must allow exactly the
actions that the policies of these roles allow.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.model.iam.arns import resource_name
from wealist.model.iam.catalog import READ_LEVELS, Action, catalog
from wealist.model.iam.classification import data_access
from wealist.model.iam.evaluate import Grant, condition_values, matches_action, matches_pattern
from wealist.model.stack import StackJson
from wealist.model.type_row import Type
from wealist.model.types import row
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, BOUNDARY_NAME, PROJECT, REGION

PATH: Final = Path(__file__).with_name("wider.toml")
WILDCARD: Final = "iam.wildcard"
OWN: Final = "iam.own-resources"
BOUNDARY: Final = "iam.boundary"
_PUBLIC: Final = re.compile(
    r"arn:aws:ssm:[\w-]+::(parameter/aws/service/|document/AWS-).+"
    rf"|arn:aws:codedeploy:[\w-]+:{ACCOUNT_ID}:deploymentconfig:CodeDeployDefault\..+"
)
"""Resources that AWS offers to every account."""
_BEFORE_THE_NAME: Final = re.compile(
    r"^(autoScalingGroup:\*:|loadbalancer/(?=(app|net)/)|log-group:/aws/[a-z-]+/((instance|cluster)/)?)"
)
"""Parts of an ARN that AWS puts before the resource type or the name: ids, and the names of its services."""
_SEPARATOR: Final = re.compile("[:/]")
_TAG: Final = re.compile(r"\w+:resourcetag/environment", re.IGNORECASE)
_NAMED_SERVICES: Final = ("iam:", "s3:", "ssm:", "secretsmanager:")
"""Services whose resources all have names that we choose, so that no action needs `*`."""
_KEY_USES: Final = frozenset({"kms:CreateGrant"} | {each for access in data_access().values() for each in access.key})
_ARN_PARTS: Final = 6
_BOUNDED_SERVICES: Final = ("iam:", "sts:", "organizations:")
"""Services for which the boundary must also limit resources and conditions as the roles' policies do."""


@dataclass(frozen=True)
class Owner:
    """The resources that the roles of a stack may use.

    Attributes:
        prefix: The prefix of their names: `wealist-prod-`; `wealist-` for the pipeline.
        paths: The prefix of names with slashes: `wealist/prod`.
        names: The names and addresses of the stack's resources.
        environment: The value of the tag `Environment`; None for the pipeline.
        calls: The actions that Terraform calls for the types in use; empty for an environment.
    """

    prefix: str
    paths: str
    names: frozenset[str]
    environment: str | None = None
    calls: frozenset[str] = field(default=frozenset(), repr=False)

    def owns(self, arn: str) -> bool:
        """Return whether an ARN pattern matches own resources only."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS or parts[4] not in {"", ACCOUNT_ID} or (not parts[4] and parts[2] != "s3"):
            return False
        rest = _BEFORE_THE_NAME.sub("", parts[5])
        kind, *after = _SEPARATOR.split(rest, maxsplit=1)
        has_kind = parts[2] != "s3" and "*" not in kind
        return self._owns_name(rest) or (has_kind and any(map(self._owns_name, after)))

    def _owns_name(self, name: str) -> bool:
        """Return whether a name, or a pattern of names, begins as the own names do."""
        name = name.removeprefix("/")
        return (
            name.startswith(self.prefix)
            or f"{name}/".startswith(f"{self.paths}/")
            or name in self.names
            or _SEPARATOR.split(name, maxsplit=1)[0] in self.names
        )

    def calls_any(self, pattern: str) -> bool:
        """Return whether Terraform calls an action that a pattern matches, on resources whose ids AWS chooses."""
        return not pattern.startswith(_NAMED_SERVICES) and any(
            action.name in self.calls for action in catalog().expand(pattern)
        )


def owner_of(documents: Documents, environment: str | None, calls: Iterable[str] = ()) -> Owner:
    """Return the resources that the roles of a stack may use.

    Args:
        documents: The stack's policies.
        environment: The name of the environment; None for the account's stack.
        calls: The actions that Terraform calls for the types in use.
    """
    known = (resource_name(resource) for resource in documents.stack.resources.values())
    own_names = frozenset(name for name in known if name and name.startswith(f"{PROJECT}-"))
    if environment is None:
        return Owner(f"{PROJECT}-", PROJECT, own_names, None, frozenset(calls) - _KEY_USES - data_access().keys())
    addresses = frozenset(documents.stack.resources)
    return Owner(f"{PROJECT}-{environment}-", f"{PROJECT}/{environment}", own_names | addresses, environment)


def rows_in_use(stacks: Iterable[StackJson], removed: Iterable[str] = ()) -> list[Type]:
    """Return the rows of types.toml for the types of some stacks, and for types that the next apply destroys."""
    kinds = {resource.type for stack in stacks for resource in stack.resources.values()} | set(removed)
    return [known for kind in sorted(kinds) if (known := row(kind))]


def calls_of(types: Iterable[Type]) -> frozenset[str]:
    """Return the actions that Terraform calls to read, create, change and delete resources of some types."""
    return frozenset(action for known in types for action in known.actions())


def check(documents: Documents, owner: Owner) -> Iterator[Finding]:
    """Report each right of a role on resources that are not its own."""
    for policy in documents.of_kind("identity"):
        for statement in policy.statements if policy.roles else ():
            for grant in sorted(statement.grants):
                if problem := _problem(grant, owner):
                    control, right, remedy = problem
                    message = f"the statement {statement.sid} allows {', '.join(policy.roles)} {right}"
                    yield Finding(documents.stack.name, policy.address, control, message, remedy)


def check_roles_have_boundary(documents: Documents) -> Iterator[Finding]:
    """Report each role of an environment that lacks the boundary."""
    for role in documents.roles:
        if role.boundary != BOUNDARY_ARN:
            problem = f"{role.name} has the permissions boundary {role.boundary!r}"
            remedy = f"set permissions_boundary to {BOUNDARY_ARN}"
            yield Finding(documents.stack.name, role.address, BOUNDARY, problem, remedy)


def check_boundary(account: Documents, environments: Iterable[Documents]) -> Iterator[Finding]:
    """Report each difference between the boundary and the rights of the roles that have it.

    Args:
        account: The policies of the account's stack, which contains the boundary.
        environments: The policies of each environment's stack.
    """
    policies = [policy for policy in account.of_kind("identity") if policy.name == BOUNDARY_NAME]
    if not policies:
        problem, remedy = f"has no policy {BOUNDARY_NAME}", "create it: without it no role can be created"
        yield Finding(account.stack.name, account.stack.name, BOUNDARY, problem, remedy)
    used = [(role.name, each) for documents in environments for role in documents.roles for each in role.rights.allowed]
    for policy in policies:
        grants = {grant for statement in policy.statements for grant in statement.grants}
        for problem, remedy in _boundary_problems(grants, used):
            yield Finding(account.stack.name, policy.address, BOUNDARY, problem, remedy)


def is_listed(grant: Grant, of: str) -> bool:
    """Return whether `wider.toml` lists a right of `environment`, `pipeline` or `principal`."""
    return any(each["of"] == of and covers(each, grant) for each in wider())


@cache
def wider() -> list[Mapping[str, Any]]:
    """Return the rows of `wider.toml`."""
    text = PATH.read_text(encoding="utf-8")
    for word, value in (("here", f"{REGION}:{ACCOUNT_ID}"), ("account", ACCOUNT_ID), ("region", REGION)):
        text = text.replace(f"{{{word}}}", value)
    rows: list[Mapping[str, Any]] = tomllib.loads(text)["rights"]
    return rows


def covers(listed_right: Mapping[str, Any], grant: Grant) -> bool:
    """Return whether a row of `wider.toml` allows a right."""
    return (
        any(matches_action(pattern, grant.action) for pattern in listed_right["actions"])
        and any(
            grant.resource == pattern or (pattern != "*" and matches_pattern(grant.resource, pattern))
            for pattern in listed_right["on"]
        )
        and all(
            (values := condition_values(grant.conditions, key))
            and all(matches_pattern(value, pattern) for value in values)
            for key, pattern in listed_right.get("when", {}).items()
        )
    )


def _problem(grant: Grant, owner: Owner) -> tuple[str, str, str] | None:
    """Return the control, the right and the remedy for a grant on resources of others; None if it is allowed."""
    of = "environment" if owner.environment else "pipeline"
    if grant.effect == "Deny" or _is_own(grant, owner) or owner.calls_any(grant.action) or is_listed(grant, of):
        return None
    right = f"{grant.action} on {grant.resource}" + (f" under {grant.condition}" if grant.condition else "")
    exception = f"or list it with its reason in {PATH.name}"
    if grant.resource == "*":
        return WILDCARD, right, f"name the resources that it is needed on, {exception}"
    own = f"{owner.prefix}*, {owner.paths}/*, those of this stack"
    return OWN, f"{right}, which are not its own resources", f"name own resources ({own}), {exception}"


def _is_own(grant: Grant, owner: Owner) -> bool:
    """Return whether a right is limited to own or public resources, or to actions without resources."""
    if grant.resource == "*":
        return all(_needs_no_resource(action) for action in catalog().expand(grant.action))
    return owner.owns(grant.resource) or _PUBLIC.fullmatch(grant.resource) is not None or _has_own_tag(grant, owner)


def _needs_no_resource(action: Action) -> bool:
    """Return whether AWS offers only `*` for an action, or the action reads settings only."""
    return not action.arns or (action.level in READ_LEVELS and action.name not in data_access())


def _has_own_tag(grant: Grant, owner: Owner) -> bool:
    in_account = owner.environment is not None and grant.resource.split(":")[4:5] == [ACCOUNT_ID]
    keys = [key for key in grant.conditions.get("StringEquals", {}) if _TAG.fullmatch(key)]
    return in_account and any(
        condition_values(grant.conditions, key, "StringEquals") == [owner.environment] for key in keys
    )


def _boundary_problems(grants: set[Grant], used: list[tuple[str, Grant]]) -> Iterator[tuple[str, str]]:
    """Compare the grants of the boundary with the role and grant of each right in use."""
    users = {grant.action: role for role, grant in used}
    allowed = {grant.action for grant in grants if grant.effect == "Allow"}
    for action in sorted(allowed - users.keys()):
        yield f"allows {action}, which no policy of an environment's role allows", "remove it"
    for action in sorted(users.keys() - allowed):
        remedy = "add the policy to those that wealist/constructs/boundary.py counts"
        yield f"denies {users[action]} {action}, which its policy allows", remedy
    for grant in sorted(grants):
        if grant.action.startswith(_BOUNDED_SERVICES) and not any(_is_within(grant, each) for _, each in used):
            remedy = "use the resources and conditions of the role's policy"
            yield f"allows {grant.action} on {grant.resource}, which is wider than any role's right", remedy
        if grant.effect == "Deny":
            yield f"denies {grant.action} explicitly, which hides what it allows", "remove the denial"


def _is_within(grant: Grant, used: Grant) -> bool:
    """Return whether a right in use covers a grant of the boundary."""
    same = (grant.action, grant.condition) == (used.action, used.condition)
    return same and matches_pattern(grant.resource, used.resource)
