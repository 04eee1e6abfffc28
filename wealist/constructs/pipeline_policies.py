"""What the roles that plan and apply may do, policy by policy: what Terraform calls for the types in use, and no more.

    plan    read, state
    apply   read, write, identity (IAM), buckets (S3, states and plans), denials

Nobody lists a right here for a type: it follows from the type's row in wealist/model/types.toml (ADR 48).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from wealist.constructs.pipeline_rights import linked_roles, passing, statements
from wealist.constructs.pipeline_storage import apply_storage
from wealist.errors import BAD_INPUT, OperatorError
from wealist.spec.account import ACCOUNT_ID, PROJECT, STATE_BUCKET
from wealist.spec.environment import Environment
from wealist.spec.naming import MONITORING_FILES, Names
from wealist.toolkit.policy import Statement, document
from wealist.toolkit.types_in_use import InUse

MOST_CHARACTERS: Final = 6144
"""Of a managed policy, white space left out."""
MOST_POLICIES: Final = 10
"""Of a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_OBJECT: Final = "aws_s3_object"
Policies = Mapping[str, Sequence[Statement]]
"""A policy's name → its statements."""


@cache
def plan_policies(used: InUse, stack: str = "*") -> Policies:
    """What a role that plans may do: read what a stack holds, or all of them.

    Args:
        used: What that is.
        stack: Its name. Parameters of others are out of reach; what bears no name of a stack holds no secret.
    """
    needed = [*_flat(statements("Read", used.types, stack)), *_files(used, "Read", "Get", stack)]
    return _packed("read", _together(needed))


def apply_policies(used: InUse, environments: Sequence[Environment]) -> Policies:
    """What the role that applies may do.

    Args:
        used: What the stacks hold.
        environments: all of them; the buckets of those that may be destroyed may be emptied.

    Raises:
        OperatorError: a role has no room for so many policies.
    """
    writes = statements("Write", used.types)
    of_iam, of_s3 = writes.pop("iam", []), writes.pop("s3", [])
    found = {
        **plan_policies(used),
        **_packed("write", _flat(writes)),
        "identity": [*of_iam, passing(used.passed_to), linked_roles(used.types), _not_the_pipeline()],
        "buckets": [
            *apply_storage(),
            *of_s3,
            *_emptying(environments),
            *_files(used, "Write", "Put"),
            *_delete_files(used),
            *_not_the_states(),
        ],
    }
    needed = len(found) + 1  # the denials
    if needed > MOST_POLICIES:
        raise OperatorError(
            f"the role that applies needs {needed} policies for the types in use, and IAM attaches {MOST_POLICIES}",
            remedy="ask AWS for a higher quota, and raise MOST_POLICIES in wealist/constructs/pipeline_policies.py",
            exit_code=BAD_INPUT,
        )
    return found


def _together(needed: Sequence[Statement]) -> list[Statement]:
    """The same, with all that is read on everything in one statement: one for each service takes half as much again."""
    everywhere = [each for each in needed if tuple(each.resources) == ("*",) and not each.conditions]
    if not everywhere:
        return list(needed)
    actions = sorted({action for each in everywhere for action in each.actions})
    one = Statement(sid="ReadEverywhere", why=everywhere[0].why, actions=actions, resources=["*"])
    return [one, *(each for each in needed if each not in everywhere)]


def _flat(services: Mapping[str, Sequence[Statement]]) -> list[Statement]:
    return [statement for each in services.values() for statement in each]


def _packed(name: str, needed: Iterable[Statement]) -> dict[str, list[Statement]]:
    """Statements in policies of the length that IAM takes, each in the first that has room: `read`, `read-2`."""
    policies: list[list[Statement]] = []
    lengths: list[int] = []
    for statement in needed:
        length = _length(statement)
        place = next((at for at, used in enumerate(lengths) if used + length <= MOST_CHARACTERS), len(lengths))
        if place == len(lengths):
            policies.append([])
            lengths.append(len(document()))
        policies[place].append(statement)
        lengths[place] += length
    return {_numbered(name, number): policy for number, policy in enumerate(policies, 1)}


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _length(statement: Statement) -> int:
    """What a statement adds to a policy: white space does not count, a comma does."""
    return len(json.dumps(statement.element(), separators=(",", ":"))) + 1


def _files(used: InUse, sid: str, verb: str, stack: str = "*") -> list[Statement]:
    """What the monitoring instance runs with: the only objects in S3 that the stacks hold."""
    bucket = f"{PROJECT}-deploy-scripts*" if stack == "*" else Names(stack).deploy_scripts_bucket
    statement = Statement(
        sid=f"{sid}Files",
        why="what the monitoring instance runs with lies in S3 (ADR 0027)",
        actions=[f"s3:{verb}Object", f"s3:{verb}ObjectTagging"],
        resources=[f"arn:aws:s3:::{bucket}/{MONITORING_FILES}*"],
    )
    return [statement] if _OBJECT in used.types else []


def _delete_files(used: InUse) -> list[Statement]:
    """The same with every version: Terraform deletes an object of a versioned bucket for good."""
    statement = Statement(
        sid="DeleteFiles",
        why="a file is deleted with its versions (ADR 0027)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
        resources=[f"arn:aws:s3:::{PROJECT}-deploy-scripts*/{MONITORING_FILES}*"],
    )
    return [statement] if _OBJECT in used.types else []


def _emptying(environments: Sequence[Environment]) -> list[Statement]:
    """Versions are the backup of a bucket: only where an environment may be destroyed, its buckets are emptied."""
    destroyable = [each for each in environments if each.may_be_destroyed]
    emptied = [f"arn:aws:s3:::{bucket}" for each in destroyable for bucket in each.names.buckets]
    statement = Statement(
        sid="EmptyDestroyableBuckets",
        why="buckets are emptied before they are destroyed, in environments that may be destroyed (ADR 0047)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
        resources=[*emptied, *(f"{bucket}/*" for bucket in emptied)],
    )
    return [statement] if emptied else []


def _not_the_states() -> list[Statement]:
    return [
        Statement(
            sid="NotTheStateBucket",
            why="the bucket of the states stays as it is",
            effect="Deny",
            actions=["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutLifecycle*", "s3:PutEncryption*"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}"],
        ),
        Statement(
            sid="NotTheStates",
            why="old versions of a state are its backup",
            effect="Deny",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}/*.tfstate"],
        ),
    ]


def _not_the_pipeline() -> Statement:
    """The pipeline's own roles and policies, the boundary among them, begin with `wealist-terraform-`."""
    kinds = ("role", "policy", "instance-profile")
    return Statement(
        sid="NotThePipeline",
        why="the pipeline changes neither its own roles nor the boundary (ADR 0019)",
        effect="Deny",
        actions=[
            *(f"iam:{verb}*" for verb in ("Add", "Attach", "Create", "Delete", "Detach", "PassRole")),
            *(f"iam:{verb}*" for verb in ("Put", "Remove", "Set", "Tag", "Untag", "Update")),
        ],
        resources=[f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{PROJECT}-terraform-*" for kind in kinds],
    )
