"""Severity of a new grant.

identity policy: the action ─ everything on everything, privilege escalation
resource policy: the principal ─ everyone, another account, a foreign GitHub workflow

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.model.iam.catalog import PERMISSIONS, catalog
from wealist.model.iam.classification import can_escalate
from wealist.model.iam.evaluate import Grant, condition_values
from wealist.review.changes import Plan
from wealist.review.finding import Severity, Words, code
from wealist.review.risks.grants import ALL_BUT
from wealist.review.risks.security_groups import is_world
from wealist.spec.account import ACCOUNT_ID, GITHUB_ORGANISATION, OIDC_HOST

_ARN_PARTS: Final = 6
_EVERYONE: Final = ("*", "AWS: *")
_ACCOUNT: Final = re.compile(r"(?:arn:aws[\w-]*:(?:iam|sts)::)?(\d{12})(?::.*)?")
_SUBJECT: Final = f"{OIDC_HOST}:sub"
_OURS: Final = tuple(f"repo:{GITHUB_ORGANISATION}{end}".lower() for end in "/@")
"""Prefixes of the subjects of our workflows. An organisation's name contains neither a slash nor an @."""
_OWNER: Final = re.compile(r"repo:[^*?/@]+[/@].*")

_NARROWING: Final = frozenset(
    f"aws:{key}".lower()
    for key in (
        "PrincipalAccount", "PrincipalArn", "PrincipalOrgID", "PrincipalOrgPaths", "SourceAccount", "SourceArn",
        "SourceIp", "SourceOrgID", "SourceOrgPaths", "SourceVpc", "SourceVpce", "VpcSourceIp",
    )
) | {"kms:calleraccount", "s3:dataaccesspointaccount"}  # fmt: skip
"""Condition keys that restrict the principal or its network.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_NOT_NARROWING: Final = re.compile(r"Not|IfExists|^Null$|^ForAllValues:")
"""Operators that match principals which are not named, or requests without the key."""

Judgement = tuple[Severity, Words]
"""Minimum severity, and the end of a sentence with the reason."""


def judge_grant(grant: Grant, plan: Plan) -> Judgement:
    """Judge a new grant with the effect `Allow`."""
    if grant.principal:
        # In a resource policy `*` is the resource itself, so only the principal matters.
        return judge_principal(grant, plan)
    everywhere = _is_everywhere(grant.resource)
    is_named = everywhere or grant.resource.startswith(ALL_BUT) or grant.action.startswith(ALL_BUT)
    resource = grant.resource if is_named else ""
    return _judge_right(grant.action, resource, everywhere=everywhere, is_free=not grant.condition)


@functools.lru_cache(maxsize=8_192)
def _judge_right(action: str, resource: str, *, everywhere: bool, is_free: bool) -> Judgement:
    """Judge a right of an identity policy.

    Args:
        action: Pattern of actions.
        resource: Pattern of resources; empty if only the action matters.
        everywhere: Whether the pattern matches every resource.
        is_free: Whether there is no condition.
    """
    all_but = action.startswith(ALL_BUT)
    if everywhere and (all_but or not action.partition(":")[2].strip("*?")):
        where: Words = (" on everything",) if resource == "*" else (" on ", code(resource))
        return Severity.DANGER, (": ", code(action), *where)
    if can_escalate(action):
        severity = (Severity.NOTE, Severity.CAUTION, Severity.DANGER)[everywhere + is_free]
        return severity, (": ", code(action), " allows privilege escalation")
    if everywhere and any(each.level == PERMISSIONS for each in catalog().expand(action)):
        return Severity.CAUTION, (": ", code(action), " can grant permissions on any resource")
    if all_but or resource.startswith(ALL_BUT):
        return Severity.CAUTION, (": ", code(action), " on ", code(resource))
    return Severity.NOTE, ()


@functools.cache
def _is_everywhere(resource: str) -> bool:
    """Return whether a pattern matches every resource of a service: `*`, `arn:aws:*`, `arn:aws:iam::290008131187:*`."""
    parts = resource.split(":", _ARN_PARTS - 1)
    if resource.startswith(ALL_BUT):
        return True
    return not parts[-1].strip("*?:/") if len(parts) == _ARN_PARTS else resource.endswith("*")


def judge_principal(grant: Grant, plan: Plan) -> Judgement:
    """Judge the principal of a resource policy or trust policy."""
    kind, _, who = grant.principal.partition(": ")
    if grant.principal.startswith(ALL_BUT):
        return Severity.DANGER, (": everyone who is not named has access",)
    if grant.principal in _EVERYONE:
        if not grant.condition:
            return Severity.DANGER, (": everyone has access, without a condition",)
        if not _is_narrow(grant):
            return Severity.DANGER, (": everyone has access, under a condition that does not restrict the principal",)
    elif kind == "Federated":
        return _judge_federated(grant, who)
    elif kind != "Service":
        account = _ACCOUNT.fullmatch(who)
        if account is None or account[1] != (plan.account or ACCOUNT_ID):
            return Severity.CAUTION, (": ", code(who), " is not in this account")
    return Severity.NOTE, ()


def _judge_federated(grant: Grant, who: str) -> Judgement:
    """Judge an identity provider; of GitHub's, the subject in the condition."""
    if OIDC_HOST not in who and OIDC_HOST not in grant.condition:
        anyone = (Severity.CAUTION, (": everyone whom ", code(who), " authenticates has access"))
        return (Severity.NOTE, ()) if grant.condition else anyone
    subjects = [str(each) for block in _narrowing(grant) for each in condition_values(block, _SUBJECT)]
    if not subjects:
        return Severity.DANGER, (": every GitHub workflow has access",)
    for subject in subjects:
        if not subject.lower().startswith(_OURS):
            if not _OWNER.fullmatch(subject):
                return Severity.DANGER, (": ", code(subject), " is not restricted to one organisation")
            return Severity.CAUTION, (": ", code(subject), f" does not belong to {GITHUB_ORGANISATION}")
    return Severity.NOTE, ()


def _narrowing(grant: Grant) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Yield the condition blocks of operators that require the key."""
    for operator, keys in grant.conditions.items():
        if not _NOT_NARROWING.search(operator):
            yield {operator: keys}


def _is_narrow(grant: Grant) -> bool:
    """Return whether a condition restricts the principal or its network."""
    values = (condition_values(block, key) for block in _narrowing(grant) for key in _NARROWING)
    return any(each and not any(map(_is_any, each)) for each in values)


def _is_any(value: object) -> bool:
    """Return whether a condition value matches everyone: `*`, `arn:aws:*:*`, `0.0.0.0/0`."""
    return is_world(str(value)) or not re.sub(r"\barn:aws[\w-]*|[*?:/]", "", str(value))
