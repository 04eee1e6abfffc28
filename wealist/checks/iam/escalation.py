"""Nobody can give rights to itself, nor to anything that is not held to the boundary.

    a role under the boundary     gives no rights at all; passes named roles to named services
    a role that is not            edits roles, policies and profiles of our names alone, roles only under the boundary,
                                  and neither itself, its like, their policies, nor the boundary
    every role                    leaves the bucket of the states as it is, and every version of each state

Rights are given by actions of AWS's access level "Permissions management". IAM's are judged by `escalation.toml` of
wealist/model/iam. Of others, the pipeline has those that Terraform calls for a type in use, and a role of an
environment has none.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.sharing import table as sharing
from wealist.model.iam.catalog import PERMISSIONS, READ_LEVELS, Action, catalog
from wealist.model.iam.escalation import Escalation, escalations
from wealist.model.iam.evaluate import Grant, allows, context_of, like, listed, reaches
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, PROJECT, STATE_BUCKET, state_key

PASS_ROLE: Final = "iam.pass-role"  # noqa: S105  a control's id
ESCALATION: Final = "iam.escalation"
_IAM: Final = f"arn:aws:iam::{ACCOUNT_ID}"
_OWN: Final = tuple(f"{_IAM}:{kind}/{PROJECT}-*" for kind in ("role", "policy", "instance-profile"))
_STATES: Final = f"arn:aws:s3:::{STATE_BUCKET}"
_LOSES_STATES: Final = {
    _STATES: tuple(
        f"s3:{verb}"
        for verb in (
            "DeleteBucket",
            "DeleteBucketPolicy",
            "PutBucketAcl",
            "PutBucketObjectLockConfiguration",
            "PutBucketOwnershipControls",
            "PutBucketPolicy",
            "PutBucketPublicAccessBlock",
            "PutBucketVersioning",
            "PutEncryptionConfiguration",
            "PutLifecycleConfiguration",
            "PutReplicationConfiguration",
        )
    ),
    # Any one of them: a refusal of some states leaves the others.
    f"{_STATES}/{state_key('any')}": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    # The hand-written HCL of this system keeps its states in the same bucket.
    f"{_STATES}/any/stack.tfstate": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"),
}
"""What no role may do, for who has a state's versions has all that Terraform knows: ARN → actions."""
_SERVICE_LINKED: Final = "iam:CreateServiceLinkedRole"
_PASS: Final = "iam:PassRole"  # noqa: S105  an action
_NAME_THEM: Final = "name the roles, and the services that run as them by StringEquals iam:PassedToService"


def check(documents: Documents, calls: Collection[str]) -> Iterator[Finding]:
    """Every way in which a role of a stack could come to more rights than it has.

    Args:
        documents: of the stack.
        calls: the actions that Terraform calls for the types in use.
    """
    for role in documents.roles:
        unbounded = role.boundary is None
        protected = _protected(documents) if unbounded else ()
        for problem, control, remedy in _problems(role, protected, calls if unbounded else ()):
            yield Finding(documents.stack.name, role.address, control, f"{role.name} {problem}", remedy)


def _problems(role: Role, protected: Sequence[str], calls: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for grant in role.allowed:
        for action in catalog().expand(grant.action):
            if action.name == _PASS:
                yield from _passing(grant)
            elif action.name.startswith("sts:") and action.level not in READ_LEVELS:
                remedy = "no role here becomes another: take it out"
                yield f"may call {action.name} on {grant.resource}", ESCALATION, remedy
            elif action.level == PERMISSIONS:
                yield from _giving(role, grant, action, calls)
    yield from _touching(role, protected)
    yield from _losing(role)


def _losing(role: Role) -> Iterator[tuple[str, str, str]]:
    """What a role could do to the bucket of the states, and to what it keeps."""
    of_s3 = [grant for grant in role.grants if grant.action.lower().startswith(("s3:", "*"))]
    for arn, actions in _LOSES_STATES.items():
        if reached := [action for action in actions if reaches(of_s3, action, arn)]:
            problem = f"may do {', '.join(reached)} on {arn}, where Terraform's states lie"
            yield problem, ESCALATION, f"refuse it by a Deny on {_STATES} and {_STATES}/*.tfstate"


def _passing(grant: Grant) -> Iterator[tuple[str, str, str]]:
    services = _held_to(grant, "iam:PassedToService", "StringEquals")
    if not services:
        yield f"may pass {grant.resource} to any service", PASS_ROLE, _NAME_THEM
    if not any(like(grant.resource, own) for own in _OWN[:1]):
        yield f"may pass {grant.resource}, which is wider than roles of our names", PASS_ROLE, _NAME_THEM


def _giving(role: Role, grant: Grant, action: Action, calls: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """One grant of one action that gives, changes or takes rights."""
    what = f"{action.name} on {grant.resource}"
    if not action.name.startswith("iam:"):
        # Refused on everything, a beginning may name it: `kms:Create*`.
        is_known = action.name in calls or action.name in sharing()["bounded"]
        if not is_known and allows(role.grants, action.name, grant.resource, context_of(grant)):
            remedy = "take it out, or refuse it by a Deny"
            yield f"may give rights by {what}, which Terraform calls for no type in use", ESCALATION, remedy
        return
    held_to = escalations().get(action.name, Escalation()).held_to
    if role.boundary is not None:
        yield f"is under the boundary and may edit rights by {what}", ESCALATION, "leave IAM to the pipeline"
    elif held_to == "boundary" and _held_to(grant, "iam:PermissionsBoundary", "StringEquals") != [BOUNDARY_ARN]:
        remedy = f"hold it to StringEquals iam:PermissionsBoundary {BOUNDARY_ARN}"
        yield f"may do {what}, whatever boundary the role has", ESCALATION, remedy
    elif held_to == "services" and not _held_to(grant, "iam:AWSServiceName", "StringEquals"):
        yield f"may do {what} for any service", ESCALATION, "name the services by StringEquals iam:AWSServiceName"
    elif held_to is None:
        yield f"may do {what}, which no apply takes", ESCALATION, "take it out, or refuse it by a Deny"


def _touching(role: Role, protected: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What a role may write in IAM that is not of our names, or that is outside the boundary."""
    of_iam = [grant for grant in role.grants if grant.action.lower().startswith(("iam:", "*"))]
    written: set[str] = set()
    for grant in of_iam:
        for action in catalog().expand(grant.action) if grant.effect == "Allow" else ():
            if action.level not in READ_LEVELS:
                written.add(action.name)
                own = any(like(grant.resource, each) for each in _OWN) or action.name == _SERVICE_LINKED
                if not own and action.name != _PASS:
                    remedy = f"name {', '.join(_OWN)}"
                    yield f"may do {action.name} on {grant.resource}, beyond our own names", ESCALATION, remedy
    for arn in protected:
        reached = [name for name in sorted(written) if reaches(of_iam, name, arn)]
        if reached:
            remedy = "refuse it by a Deny on all that begins with the pipeline's name"
            yield f"may do {', '.join(reached)} on {arn}, which is outside the boundary", ESCALATION, remedy


def _held_to(grant: Grant, key: str, operator: str) -> list[str]:
    """The values that a grant holds a key to by an operator; none where it does not, or where one is a pattern."""
    for name, values in grant.conditions.get(operator, {}).items():
        if name.lower() == key.lower() and not any(mark in value for value in listed(values) for mark in "*?"):
            return [str(value) for value in listed(values)]
    return []


def _protected(documents: Documents) -> list[str]:
    """What must be out of reach: every role outside the boundary, its policies and profiles, and the boundary."""
    outside = {role.name for role in documents.roles if role.boundary is None}
    policies = {
        str(documents.stack.resources[policy.address].get("name"))
        for policy in documents.of_kind("identity")
        if outside & set(policy.holders)
    }
    roles = [f"{_IAM}:{kind}/{name}" for name in sorted(outside) for kind in ("role", "instance-profile")]
    return [*roles, *(f"{_IAM}:policy/{name}" for name in sorted(policies)), BOUNDARY_ARN]
