"""No role shares what is ours, exports it, or deletes a backup.

sharing.toml ─┬─ share, export ─► iam.sharing   by action, whatever access level AWS gives it
              └─ backup ────────► iam.backups   by action
buckets of environments that last, and of plans ─► iam.backups   none of their objects or versions is deleted

A refusal counts where it refuses all that is allowed: one of some resources, or under a condition, leaves the others.
The states' own versions are proven by `escalation.py`.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.model.iam.catalog import catalog
from wealist.model.iam.evaluate import Grant, allows, context_of, listed, reaches
from wealist.model.stack import StackJson
from wealist.model.types import row
from wealist.spec.account import PLANS_BUCKET
from wealist.spec.environment import Environment

PATH: Final = Path(__file__).with_suffix(".toml")
SHARING: Final = "iam.sharing"
BACKUPS: Final = "iam.backups"
_SECTIONS: Final = {
    "share": (SHARING, "shares what is ours with others"),
    "export": (SHARING, "puts data where its caller wants it"),
    "backup": (BACKUPS, "deletes a backup, or takes its protection away"),
}
"""Section of sharing.toml → its control, and what an action of it does."""
_LETS_IN: Final = frozenset({"principal", "resource"})
"""Kinds of rights, in the column `policies` of types.toml, that say who may use a resource."""
_DELETES: Final = ("s3:DeleteObject", "s3:DeleteObjectVersion")
_REFUSE: Final = "refuse it on * by a Deny (wealist/constructs/pipeline_denials.py), or allow no pattern that names it"
_ONLY_DESTROYABLE: Final = "allow it on the buckets of environments with may_be_destroyed=True alone"


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """`sharing.toml`."""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


@cache
def refused() -> Mapping[str, tuple[str, str]]:
    """`service:Action` of every action that no role may do → its control, and what it does."""
    return {
        f"{service}:{name}": meaning
        for section, meaning in _SECTIONS.items()
        for service, names in table()[section].items()
        for name in names
    }


def documented(stacks: Iterable[StackJson], removed: Iterable[str] = ()) -> frozenset[str]:
    """The actions that write whom a resource lets in, for the types in use: what they write is proven by itself."""
    kinds = {resource.type for stack in stacks for resource in stack.resources.values()} | set(removed)
    rows = (known for kind in kinds if (known := row(kind)) and _LETS_IN & set(known.policies.values()))
    return frozenset(action for known in rows for action in known.write_actions)


def check(documents: Documents, proven: Collection[str]) -> Iterator[Finding]:
    """Every way in which a role of a stack may share, export, or delete a backup.

    Args:
        documents: of the stack.
        proven: actions by which the pipeline may let others in, since whom is proven by `principals.py`.
    """
    for role in documents.roles:
        for control, problem, remedy in sorted(_problems(role, proven if role.boundary is None else ())):
            yield Finding(documents.stack.name, role.address, control, f"{role.name} may do {problem}", remedy)


def check_buckets(documents: Documents, environments: Iterable[Environment]) -> Iterator[Finding]:
    """Every bucket whose objects are to last, and that a role of the pipeline can empty.

    Args:
        documents: of the pipeline's stack.
        environments: all of them.
    """
    protected = (bucket for each in environments if not each.may_be_destroyed for bucket in each.names.buckets)
    buckets = sorted({PLANS_BUCKET, *protected})
    for role in documents.roles:
        of_s3 = [grant for grant in role.grants if grant.action.lower().startswith(("s3:", "*"))]
        for action in _DELETES:
            if open_ := [bucket for bucket in buckets if reaches(of_s3, action, f"arn:aws:s3:::{bucket}/any/object")]:
                problem = f"{role.name} may do {action} in {', '.join(open_)}"
                yield Finding(documents.stack.name, role.address, BACKUPS, problem, _ONLY_DESTROYABLE)


def _problems(role: Role, proven: Collection[str]) -> Iterator[tuple[str, str, str]]:
    bounds = table()["bounded"]
    refusals = [grant for grant in role.grants if grant.effect == "Deny"]
    for grant in role.grants:
        for name in _names(grant):
            meaning, bound = refused().get(name), bounds.get(name)
            if meaning and name not in proven and allows([grant, *refusals], name, grant.resource, context_of(grant)):
                control, does = meaning
                yield control, f"{name} on {grant.resource}, which {does}", _REFUSE
            if bound and not _is_held_to(grant, **bound):
                remedy = f"hold it to {bound['operator']} {bound['key']} {bound['value']}"
                yield SHARING, f"{name} on {grant.resource} for anybody", remedy


def _names(grant: Grant) -> Iterator[str]:
    """The actions that a grant allows."""
    return (action.name for action in catalog().expand(grant.action)) if grant.effect == "Allow" else iter(())


def _is_held_to(grant: Grant, operator: str, key: str, value: str) -> bool:
    asked = {name.lower(): listed(values) for name, values in grant.conditions.get(operator, {}).items()}
    return asked.get(key.lower()) == [value]
