"""Check that no role can escalate its rights, share resources, export data, delete backups or destroy Terraform states.

    role with the boundary      cannot edit rights; passes named roles to named services
    role without the boundary   edits only roles, policies and profiles with our names; creates roles only with the
                                boundary; cannot edit itself, other roles without the boundary, or the boundary
    role of the pipeline        deletes no objects in the buckets of protected environments or in the bucket of plans
    every role                  has no right that forbidden.toml lists

Actions of the access level "Permissions management" grant rights. `model/iam/escalation.toml` lists the condition
under which a role may have one. Of the others, the pipeline has those that Terraform calls for a type in use, and a
role of an environment has none.

A Deny counts only if it covers everything that is allowed; one for some resources, or with a condition, does not.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.model.iam.catalog import PERMISSIONS, READ_LEVELS, Action, catalog
from wealist.model.iam.classification import BOUNDARY_KEY, Escalation, escalations
from wealist.model.iam.evaluate import Grant, condition_values, matches_pattern, matching_context
from wealist.model.type_row import Type
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, PLANS_BUCKET, PROJECT, STATE_BUCKET, state_key
from wealist.spec.environment import Environment

PATH: Final = Path(__file__).with_suffix(".toml")
PASS_ROLE: Final = "iam.pass-role"  # noqa: S105  a control's id
ESCALATION: Final = "iam.escalation"
SHARING: Final = "iam.sharing"
BACKUPS: Final = "iam.backups"
_SECTIONS: Final = {
    "share": (SHARING, "shares resources with other accounts"),
    "export": (SHARING, "copies data to a place that the caller chooses"),
    "backup": (BACKUPS, "deletes a backup, or removes its protection"),
}
"""Section of forbidden.toml → its control, and what its actions do."""
_CONTROLS: Final = {"iam:PassRole": PASS_ROLE, "kms:CreateGrant": SHARING}
"""Actions that need a condition for another control than `iam.escalation`."""
_VALUES: Final = {BOUNDARY_KEY: BOUNDARY_ARN, "kms:GrantIsForAWSResource": "true"}
"""Condition key → the value that it must have; for other keys, a policy names any values."""
_GRANTS_ACCESS: Final = frozenset({"principal", "resource"})
"""Kinds in the column `policies` of types.toml for arguments that say who can use a resource."""
_IAM: Final = f"arn:aws:iam::{ACCOUNT_ID}"
_OWN: Final = tuple(f"{_IAM}:{kind}/{PROJECT}-*" for kind in ("role", "policy", "instance-profile"))
_SERVICE_LINKED: Final = "iam:CreateServiceLinkedRole"
_DELETES: Final = ("s3:DeleteObject", "s3:DeleteObjectVersion")
_ALLOW_ON_DESTROYABLE: Final = "allow it only on the buckets of environments with may_be_destroyed=True"
_REMOVE: Final = "remove it, or add a Deny on * (wealist/constructs/pipeline_policies.py)"

Problem = tuple[str, str, str]
"""Control, the right, and the remedy."""


Protected = tuple[str, str, Collection[str], str]
"""A resource that roles must not change: control, ARN, forbidden actions, and the remedy."""


@cache
def table() -> Mapping[str, Any]:
    """Return `forbidden.toml`."""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


@cache
def forbidden_actions() -> Mapping[str, tuple[str, str]]:
    """Map `service:Action` of each action that no role may have on any resource to its control and what it does."""
    return {
        f"{service}:{name}": meaning
        for section, meaning in _SECTIONS.items()
        for service, names in table()["anywhere"][section].items()
        for name in names
    }


def actions_with_proven_policies(types: Iterable[Type]) -> frozenset[str]:
    """Return the actions that write who can use a resource of some types; `statements.py` checks what they write."""
    with_policies = (known for known in types if _GRANTS_ACCESS & set(known.policies.values()))
    return frozenset(action for known in with_policies for action in known.write_actions)


def protected_buckets(environments: Iterable[Environment]) -> list[str]:
    """Return the buckets in which the pipeline must not delete objects."""
    protected = (bucket for each in environments if not each.may_be_destroyed for bucket in each.names.buckets)
    return sorted({PLANS_BUCKET, *protected})


def check(
    documents: Documents, calls: Collection[str], proven: Collection[str], buckets: Iterable[str] = ()
) -> Iterator[Finding]:
    """Report each forbidden right of the roles of a stack.

    Args:
        documents: The stack's policies.
        calls: The actions that Terraform calls for the types in use.
        proven: The actions that `actions_with_proven_policies` returns, which the pipeline may have.
        buckets: The buckets in which no role of the stack may delete objects.
    """
    for role in documents.roles:
        protected = (
            *_states_and_objects(buckets),
            *(_roles_without_boundary(documents) if role.boundary is None else ()),
        )
        for control, right, remedy in sorted({*_granted(role, calls, proven), *_on_protected(role, protected)}):
            yield Finding(documents.stack.name, role.address, control, f"{role.name} may do {right}", remedy)


def _states_and_objects(buckets: Iterable[str]) -> Iterator[Protected]:
    """Yield Terraform's states, their bucket, and the objects of other buckets."""
    for arn, actions in table()["states"].items():
        whole = arn.format(states=STATE_BUCKET, state=state_key("any"))
        yield ESCALATION, whole, actions, f"add a Deny on {STATE_BUCKET} and its states"
    for bucket in buckets:
        yield BACKUPS, f"arn:aws:s3:::{bucket}/any/object", _DELETES, _ALLOW_ON_DESTROYABLE


def _roles_without_boundary(documents: Documents) -> Iterator[Protected]:
    """Yield each role without the boundary, with its policies and profiles, and the boundary itself."""
    names = {role.name for role in documents.roles if role.boundary is None}
    policies = {policy.name for policy in documents.of_kind("identity") if names & set(policy.roles)}
    roles = [f"{_IAM}:{kind}/{name}" for name in sorted(names) for kind in ("role", "instance-profile")]
    writes = [action.name for action in catalog().expand("iam:*") if action.level not in READ_LEVELS]
    remedy = "add a Deny on every name with the pipeline's prefix: the boundary does not limit these roles"
    for arn in (*roles, *(f"{_IAM}:policy/{name}" for name in sorted(policies)), BOUNDARY_ARN):
        yield ESCALATION, arn, writes, remedy


def _on_protected(role: Role, protected: Iterable[Protected]) -> Iterator[Problem]:
    for control, arn, actions, remedy in protected:
        if allowed := [action for action in actions if role.rights.allows(action, arn)]:
            yield control, f"{', '.join(allowed)} on {arn}", remedy


def _granted(role: Role, calls: Collection[str], proven: Collection[str]) -> Iterator[Problem]:
    """Yield each grant of a role that is forbidden because of its action, and that no Deny covers."""
    is_bounded = role.boundary is not None
    for grant in role.rights.allowed:
        for action in catalog().expand(grant.action):
            problems = [_escalation(grant, action, is_bounded=is_bounded, calls=calls)]
            if action.name in forbidden_actions() and (is_bounded or action.name not in proven):
                control, does = forbidden_actions()[action.name]
                problems.append((control, f"which {does}", _REMOVE))
            for control, why, remedy in filter(None, problems):
                # A pattern such as `kms:Create*` may match an action that a Deny refuses on every resource.
                if role.rights.allows(action.name, grant.resource, matching_context(grant)):
                    yield control, f"{action.name} on {grant.resource}, {why}", remedy


def _escalation(grant: Grant, action: Action, *, is_bounded: bool, calls: Collection[str]) -> Problem | None:
    """Return why a grant of an action extends rights; None if it does not, or is limited as it must be."""
    name, is_iam = action.name, action.name.startswith("iam:")
    control, key = _CONTROLS.get(name, ESCALATION), escalations().get(name, Escalation()).held_to
    if action.level in READ_LEVELS:
        return None
    if is_iam and name != _SERVICE_LINKED and not any(matches_pattern(grant.resource, own) for own in _OWN):
        return control, "beyond our own names", f"name {', '.join(_OWN)}"
    if is_bounded and is_iam and action.level == PERMISSIONS and name != "iam:PassRole":
        return control, "which edits rights", "leave IAM to the pipeline"
    if key and ":" in key and not _has_condition(grant, key):
        return control, f"with any value of {key}", f"require {key} {_VALUES.get(key, 'with the services')}"
    grants_rights = key is None and action.level == PERMISSIONS and (is_iam or is_bounded or name not in calls)
    if grants_rights or name.startswith("sts:"):
        return control, "which grants rights, and no apply needs it", _REMOVE
    return None


def _has_condition(grant: Grant, key: str) -> bool:
    values = condition_values(grant.conditions, key, "StringEquals", "Bool")
    return values == [_VALUES[key]] if key in _VALUES else bool(values)
