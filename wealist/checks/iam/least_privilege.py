"""What a role may do ends where its own resources end.

    a role of an environment   its own names and paths, its stack's resources, its own tag, what is public of AWS
    a role of the pipeline     names of the project; where AWS chooses ids, what Terraform calls for a type in use
    neither                    writes, or reads data, on *: but by an action that AWS offers no resource for

`wider.toml` lists what reaches further, each with its reason.
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
from wealist.model.iam.catalog import READ_LEVELS, Action, catalog
from wealist.model.iam.data_access import accesses
from wealist.model.iam.evaluate import Grant, asked, like, names
from wealist.model.iam.references import name_of
from wealist.model.stack import StackJson
from wealist.model.types import Type, row
from wealist.spec.account import ACCOUNT_ID, PROJECT, REGION

PATH: Final = Path(__file__).with_name("wider.toml")
WILDCARD: Final = "iam.wildcard"
OWN: Final = "iam.own-resources"
_PUBLIC: Final = re.compile(
    r"arn:aws:ssm:[\w-]+::(parameter/aws/service/|document/AWS-).+"
    rf"|arn:aws:codedeploy:[\w-]+:{ACCOUNT_ID}:deploymentconfig:CodeDeployDefault\..+"
)
"""What AWS offers to every account."""
_BEFORE_THE_NAME: Final = re.compile(
    r"^(autoScalingGroup:\*:|loadbalancer/(?=(app|net)/)|log-group:/aws/[a-z-]+/((instance|cluster)/)?)"
)
"""Parts of an ARN that AWS puts in front of the kind, or of the name: ids, and the names of its services."""
_SEPARATOR: Final = re.compile("[:/]")
_TAG: Final = re.compile(r"\w+:resourcetag/environment", re.IGNORECASE)
_BY_NAME: Final = ("iam:", "s3:", "ssm:", "secretsmanager:")
"""Services whose resources all bear names that we choose: nothing of theirs is written on `*`."""
_KEY_USES: Final = frozenset({"kms:CreateGrant"} | {each for access in accesses().values() for each in access.key})
_ARN_PARTS: Final = 6


@dataclass(frozen=True)
class Owner:
    """Whose resources a right must end with.

    Attributes:
        prefix: what the names begin with: `wealist-prod-`, or `wealist-` for the pipeline.
        paths: what names with slashes begin with: `wealist/prod`.
        names: the names and addresses of the stack's resources.
        environment: the value of the tag `Environment`; None for the pipeline.
        calls: the actions that Terraform calls for the types in use; none for an environment.
    """

    prefix: str
    paths: str
    names: frozenset[str]
    environment: str | None = None
    calls: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def of(self) -> str:
        """`environment` or `pipeline`."""
        return "environment" if self.environment else "pipeline"

    def owns(self, arn: str) -> bool:
        """Whether an ARN pattern names nothing but its own resources."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS or parts[4] not in {"", ACCOUNT_ID} or (not parts[4] and parts[2] != "s3"):
            return False
        rest = _BEFORE_THE_NAME.sub("", parts[5])
        kind, *after = _SEPARATOR.split(rest, maxsplit=1)
        has_kind = parts[2] != "s3" and "*" not in kind
        return self._named(rest) or (has_kind and any(map(self._named, after)))

    def _named(self, name: str) -> bool:
        """Whether a name, or a pattern of names, begins as its own do."""
        name = name.removeprefix("/")
        return (
            name.startswith(self.prefix)
            or f"{name}/".startswith(f"{self.paths}/")
            or name in self.names
            or _SEPARATOR.split(name, maxsplit=1)[0] in self.names
        )

    def serves(self, pattern: str) -> bool:
        """Whether an action, or a beginning of actions, is one that Terraform calls for a type in use."""
        return not pattern.startswith(_BY_NAME) and any(
            action.name in self.calls for action in catalog().expand(pattern)
        )


def owner_of(documents: Documents, environment: str | None, calls: Iterable[str] = ()) -> Owner:
    """Whose a stack's roles are.

    Args:
        documents: of the stack.
        environment: the name of the environment that it is; None for the account's.
        calls: what Terraform calls for the types in use.
    """
    known = (name_of(resource) for resource in documents.stack.resources.values())
    named = frozenset(name for name in known if name and name.startswith(f"{PROJECT}-"))
    if environment is None:
        return Owner(f"{PROJECT}-", PROJECT, named, None, frozenset(calls) - _KEY_USES - accesses().keys())
    addresses = frozenset(documents.stack.resources)
    return Owner(f"{PROJECT}-{environment}-", f"{PROJECT}/{environment}", named | addresses, environment)


def in_use(stacks: Iterable[StackJson], removed: Iterable[str] = ()) -> list[Type]:
    """The rows of the types in use, and of what the next apply destroys."""
    kinds = {resource.type for stack in stacks for resource in stack.resources.values()} | set(removed)
    return [known for kind in sorted(kinds) if (known := row(kind))]


def calls_of(types: Iterable[Type]) -> frozenset[str]:
    """The actions that Terraform calls in the life of some types."""
    return frozenset(action for known in types for action in known.actions())


def check(documents: Documents, owner: Owner) -> Iterator[Finding]:
    """Every right that reaches beyond the resources of whoever has it."""
    for policy in documents.of_kind("identity"):
        for statement in policy.statements if policy.holders else ():
            for grant in sorted(statement.grants):
                if problem := _problem(grant, owner):
                    control, what, remedy = problem
                    message = f"the statement {statement.sid} allows {', '.join(policy.holders)} {what}"
                    yield Finding(documents.stack.name, policy.address, control, message, remedy)


def is_listed(grant: Grant, of: str) -> bool:
    """Whether `wider.toml` lists a right, for those that `of` names: `environment`, `pipeline` or `principal`."""
    return any(each["of"] == of and covers(each, grant) for each in wider())


@cache
def wider() -> list[Mapping[str, Any]]:
    """The rows of `wider.toml`."""
    text = PATH.read_text(encoding="utf-8")
    for word, value in (("here", f"{REGION}:{ACCOUNT_ID}"), ("account", ACCOUNT_ID), ("region", REGION)):
        text = text.replace(f"{{{word}}}", value)
    rows: list[Mapping[str, Any]] = tomllib.loads(text)["rights"]
    return rows


def covers(listed_right: Mapping[str, Any], grant: Grant) -> bool:
    """Whether a row of `wider.toml` is about a right."""
    return (
        any(names(pattern, grant.action) for pattern in listed_right["actions"])
        and any(
            grant.resource == pattern or (pattern != "*" and like(grant.resource, pattern))
            for pattern in listed_right["on"]
        )
        and all(
            (values := asked(grant.conditions, key)) and all(like(value, pattern) for value in values)
            for key, pattern in listed_right.get("when", {}).items()
        )
    )


def _problem(grant: Grant, owner: Owner) -> tuple[str, str, str] | None:
    if grant.effect == "Deny" or _is_within(grant, owner) or owner.serves(grant.action) or is_listed(grant, owner.of):
        return None
    what = f"{grant.action} on {grant.resource}" + (f" under {grant.condition}" if grant.condition else "")
    exception = f"or list it with its reason in {PATH.name}"
    if grant.resource == "*":
        return WILDCARD, what, f"name the resources that it is needed on, {exception}"
    own = f"{owner.prefix}*, {owner.paths}/*, those of this stack"
    return OWN, f"{what}, which are not its own", f"name own resources ({own}), {exception}"


def _is_within(grant: Grant, owner: Owner) -> bool:
    """Whether a right ends with own or public resources, or is about none."""
    if grant.resource == "*":
        return all(_may_be_anywhere(action) for action in catalog().expand(grant.action))
    return owner.owns(grant.resource) or _PUBLIC.fullmatch(grant.resource) is not None or _is_own_by_tag(grant, owner)


def _may_be_anywhere(action: Action) -> bool:
    """Whether `*` is all that AWS offers for an action, or it reads settings alone."""
    return not action.arns or (action.level in READ_LEVELS and action.name not in accesses())


def _is_own_by_tag(grant: Grant, owner: Owner) -> bool:
    is_ours = owner.environment is not None and grant.resource.split(":")[4:5] == [ACCOUNT_ID]
    keys = [key for key in grant.conditions.get("StringEquals", {}) if _TAG.fullmatch(key)]
    return is_ours and any(asked(grant.conditions, key, "StringEquals") == [owner.environment] for key in keys)
