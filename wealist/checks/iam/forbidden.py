"""What no role may do: come to more rights, share, export, delete a backup, or lose Terraform's states.

    a role under the boundary     gives no rights at all; passes named roles to named services
    a role that is not            edits roles, policies and profiles of our names alone, roles only under the boundary,
                                  and neither itself, its like, their policies, nor the boundary
    a role of the pipeline        deletes nothing in the buckets of environments that last, and of plans
    every role                    does nothing of forbidden.toml

Rights are given by actions of AWS's access level "Permissions management". `model/iam/escalation.toml` says under which
condition a role may have one. Of others, the pipeline has those that Terraform calls for a type in use, and a role of
an environment has none. A refusal counts where it refuses all that is allowed: one of some resources, or under a
condition, leaves the others.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.model.iam.catalog import PERMISSIONS, READ_LEVELS, Action, catalog
from wealist.model.iam.escalation import BOUNDARY_KEY, Escalation, escalations
from wealist.model.iam.evaluate import Grant, asked, context_of, like
from wealist.model.types import Type
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, PLANS_BUCKET, PROJECT, STATE_BUCKET, state_key
from wealist.spec.environment import Environment

PATH: Final = Path(__file__).with_suffix(".toml")
PASS_ROLE: Final = "iam.pass-role"  # noqa: S105  a control's id
ESCALATION: Final = "iam.escalation"
SHARING: Final = "iam.sharing"
BACKUPS: Final = "iam.backups"
_SECTIONS: Final = {
    "share": (SHARING, "shares what is ours with others"),
    "export": (SHARING, "puts data where its caller wants it"),
    "backup": (BACKUPS, "deletes a backup, or takes its protection away"),
}
"""Section of forbidden.toml → its control, and what an action of it does."""
_CONTROLS: Final = {"iam:PassRole": PASS_ROLE, "kms:CreateGrant": SHARING}
"""Actions that are held to a condition by another control than `iam.escalation`."""
_VALUES: Final = {BOUNDARY_KEY: BOUNDARY_ARN, "kms:GrantIsForAWSResource": "true"}
"""Condition key that rights are held to → the value; of others, the policy names any."""
_LETS_IN: Final = frozenset({"principal", "resource"})
"""Kinds of rights, in the column `policies` of types.toml, that say who may use a resource."""
_IAM: Final = f"arn:aws:iam::{ACCOUNT_ID}"
_OWN: Final = tuple(f"{_IAM}:{kind}/{PROJECT}-*" for kind in ("role", "policy", "instance-profile"))
_SERVICE_LINKED: Final = "iam:CreateServiceLinkedRole"
_DELETES: Final = ("s3:DeleteObject", "s3:DeleteObjectVersion")
_ONLY_DESTROYABLE: Final = "allow it on the buckets of environments with may_be_destroyed=True alone"
_TAKE_OUT: Final = "take it out, or refuse it on * by a Deny (wealist/constructs/pipeline_denials.py)"

Problem = tuple[str, str, str]
"""Control, what a role may do, and the remedy."""


Kept = tuple[str, str, Collection[str], str]
"""What is out of a role's reach: control, ARN, what may not be done with it, and the remedy."""


@cache
def table() -> Mapping[str, Any]:
    """`forbidden.toml`."""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


@cache
def refused() -> Mapping[str, tuple[str, str]]:
    """`service:Action` of every action that no role may do anywhere → its control, and what it does."""
    return {
        f"{service}:{name}": meaning
        for section, meaning in _SECTIONS.items()
        for service, names in table()["anywhere"][section].items()
        for name in names
    }


def documented(types: Iterable[Type]) -> frozenset[str]:
    """The actions that write whom a resource of some types lets in: what they write is proven by itself."""
    lets_in = (known for known in types if _LETS_IN & set(known.policies.values()))
    return frozenset(action for known in lets_in for action in known.write_actions)


def lasting(environments: Iterable[Environment]) -> list[str]:
    """The buckets in which the pipeline deletes nothing."""
    protected = (bucket for each in environments if not each.may_be_destroyed for bucket in each.names.buckets)
    return sorted({PLANS_BUCKET, *protected})


def check(
    documents: Documents, calls: Collection[str], proven: Collection[str], buckets: Iterable[str] = ()
) -> Iterator[Finding]:
    """Everything that a role of a stack may do and no role should.

    Args:
        documents: of the stack.
        calls: the actions that Terraform calls for the types in use.
        proven: those by which the pipeline may let others in, since whom is proven by `principals.py`.
        buckets: those in which no role of the stack deletes anything.
    """
    for role in documents.roles:
        kept = (*_lost(buckets), *(_outside(documents) if role.boundary is None else ()))
        for control, problem, remedy in sorted({*_given(role, calls, proven), *_reached(role, kept)}):
            yield Finding(documents.stack.name, role.address, control, f"{role.name} may do {problem}", remedy)


def _lost(buckets: Iterable[str]) -> Iterator[Kept]:
    """Terraform's states, their bucket, and what lies in other buckets."""
    for arn, actions in table()["states"].items():
        whole = arn.format(states=STATE_BUCKET, state=state_key("any"))
        yield ESCALATION, whole, actions, f"refuse it by a Deny on {STATE_BUCKET} and its states"
    for bucket in buckets:
        yield BACKUPS, f"arn:aws:s3:::{bucket}/any/object", _DELETES, _ONLY_DESTROYABLE


def _outside(documents: Documents) -> Iterator[Kept]:
    """Every role outside the boundary, its policies and profiles, and the boundary: nobody writes them."""
    outside = {role.name for role in documents.roles if role.boundary is None}
    policies = {policy.name for policy in documents.of_kind("identity") if outside & set(policy.holders)}
    roles = [f"{_IAM}:{kind}/{name}" for name in sorted(outside) for kind in ("role", "instance-profile")]
    writes = [action.name for action in catalog().expand("iam:*") if action.level not in READ_LEVELS]
    remedy = "it is outside the boundary: refuse it by a Deny on all that begins with the pipeline's name"
    for arn in (*roles, *(f"{_IAM}:policy/{name}" for name in sorted(policies)), BOUNDARY_ARN):
        yield ESCALATION, arn, writes, remedy


def _reached(role: Role, kept: Iterable[Kept]) -> Iterator[Problem]:
    for control, arn, actions, remedy in kept:
        if reached := [action for action in actions if role.rights.may(action, arn)]:
            yield control, f"{', '.join(reached)} on {arn}", remedy


def _given(role: Role, calls: Collection[str], proven: Collection[str]) -> Iterator[Problem]:
    """What a role is allowed, and not refused again, by the action alone."""
    is_bounded = role.boundary is not None
    for grant in role.rights.allowed:
        for action in catalog().expand(grant.action):
            problems = [_held_back(grant, action, is_bounded=is_bounded, calls=calls)]
            if action.name in refused() and (is_bounded or action.name not in proven):
                control, does = refused()[action.name]
                problems.append((control, f"which {does}", _TAKE_OUT))
            for control, why, remedy in filter(None, problems):
                # Refused on everything, a beginning may name it: `kms:Create*`.
                if role.rights.may(action.name, grant.resource, context_of(grant)):
                    yield control, f"{action.name} on {grant.resource}, {why}", remedy


def _held_back(grant: Grant, action: Action, *, is_bounded: bool, calls: Collection[str]) -> Problem | None:
    """What is wrong with a grant of an action that gives rights, or that writes in IAM; None where nothing is."""
    name, is_iam = action.name, action.name.startswith("iam:")
    control, held_to = _CONTROLS.get(name, ESCALATION), escalations().get(name, Escalation()).held_to
    if action.level in READ_LEVELS:
        return None
    if is_iam and name != _SERVICE_LINKED and not any(like(grant.resource, own) for own in _OWN):
        return control, "beyond our own names", f"name {', '.join(_OWN)}"
    if is_bounded and is_iam and action.level == PERMISSIONS and name != "iam:PassRole":
        return control, "which edits rights", "leave IAM to the pipeline"
    if held_to and ":" in held_to and not _is_held(grant, held_to):
        return control, f"whatever {held_to} is", f"hold it to {held_to} {_VALUES.get(held_to, 'the services')}"
    gives_rights = held_to is None and action.level == PERMISSIONS and (is_iam or is_bounded or name not in calls)
    if gives_rights or name.startswith("sts:"):
        return control, "which gives rights, and no apply takes", _TAKE_OUT
    return None


def _is_held(grant: Grant, key: str) -> bool:
    values = asked(grant.conditions, key, "StringEquals", "Bool")
    return values == [_VALUES[key]] if key in _VALUES else bool(values)
