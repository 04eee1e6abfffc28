"""Policies of the pipeline's roles: the calls of Terraform for the types in use, states and plans, and denials.

    plan    state, read
    apply   read, write, identity (IAM), buckets (S3, states and plans), denials

Rights for a type are not listed here: they follow from the type's row in wealist/model/types.toml (ADR 48).

    wealist-tfstate-bucket    plan: reads the state of its stack    apply: reads, locks and writes all states
    wealist-terraform-plans   plan: puts plans of its stack         apply: reads all plans

A plan contains the state, with secrets in clear text, so the repository never holds one. A role that plans cannot read
the plans that it puts. Code of a pull request may put any plan there, but an apply fetches a plan by its digest
(ADR 0022).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from wealist.constructs.pipeline_rights import linked_roles, passing, statements
from wealist.errors import BAD_INPUT, OperatorError
from wealist.spec.account import ACCOUNT_ID, PLANS_BUCKET, PROJECT, STATE_BUCKET, STATE_LOCK_SUFFIX, state_key
from wealist.spec.environment import Environment
from wealist.spec.naming import MONITORING_FILES, Names
from wealist.toolkit.policy import Statement, document
from wealist.toolkit.types_in_use import InUse

MOST_CHARACTERS: Final = 6144
"""Limit of a managed policy, without white space."""
MOST_POLICIES: Final = 10
"""Limit of a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_OBJECT: Final = "aws_s3_object"
_STATES: Final = f"arn:aws:s3:::{STATE_BUCKET}"
_PLANS: Final = f"arn:aws:s3:::{PLANS_BUCKET}"
_SHARING: Final = {
    "cloudfront": "DeleteResourcePolicy",
    "ec2": "AssociateCapacityReservationBillingOwner AttachAppliance* AttachResources* CreateTransitGateway* "
    "CreateVpcEndpointService* CreateVpcPeeringConnection DeleteResourcePolicy DetachAppliance* DetachResources* "
    "ModifyFpgaImageAttribute ModifyImageAttribute ModifySnapshotAttribute ModifyTransitGateway* "
    "ModifyVerifiedAccess*Policy ModifyVpcEndpointService* ModifyVpcPeeringConnectionOptions *OdbNetworkPeering "
    "*Permission *Permissions",
    "ecr": "CreateRepositoryCreationTemplate DeleteRepositoryPolicy",
    "logs": "*DeliveryDestinationPolicy DeleteResourcePolicy",
    "rds": "*SnapshotAttribute",
    "s3": "PutBucketAcl PutBucketWebsite",
}
"""Service → actions that give another account, or everybody, access to a resource."""
_EXPORTS: Final = {
    "cloudfront": "CreateRealtimeLogConfig UpdateRealtimeLogConfig",
    "ec2": "AssociateEnclaveCertificateIamRole CreateCapacityManagerDataExport CreateFpgaImage "
    "CreateInstanceExportTask CreateSpotDatafeedSubscription CreateStoreImageTask CreateTrafficMirror* "
    "ModifyTrafficMirror* ModifyVerifiedAccessInstanceLoggingConfiguration",
    "logs": "CreateExportTask CreateLogDelivery CreateScheduledQuery",
    "rds": "CreateIntegration ModifyActivityStream ModifyIntegration",
    "s3": "PutBucketNotification",
}
"""Service → actions that copy data to a place that the caller chooses."""
_BACKUPS: Final = {
    "ec2": "DeleteSnapshot ModifySnapshotTier",
    "elasticache": "DeleteServerlessCacheSnapshot DeleteSnapshot",
    "rds": "DeleteDBClusterAutomatedBackup DeleteDBClusterSnapshot DeleteDBInstanceAutomatedBackup DeleteDBSnapshot",
}
"""Service → actions that delete a backup. The name of a snapshot does not identify us, and its tags can be changed."""
Policies = Mapping[str, Sequence[Statement]]
"""Name of a policy → its statements."""


@cache
def plan_policies(used: InUse, stack: str = "*") -> Policies:
    """Return the read policies of a role that plans.

    Args:
        used: Types of the stack, or of all stacks.
        stack: Name of the stack; `*` for all. Limits the parameters that the role reads. Resources whose names do not
            contain the stack's name hold no secret.
    """
    needed = [*_flat(statements("Read", used.types, stack)), *_files(used, "Read", "Get", stack)]
    return _packed("read", _merged(needed))


def apply_policies(used: InUse, environments: Sequence[Environment]) -> Policies:
    """Return the policies of the role that applies, except the denials.

    Args:
        used: Types of all stacks.
        environments: All environments. The role may empty buckets of those that may be destroyed.

    Raises:
        OperatorError: The role needs more policies than IAM attaches.
    """
    writes = statements("Write", used.types)
    iam, s3 = writes.pop("iam", []), writes.pop("s3", [])
    policies = {
        **plan_policies(used),
        **_packed("write", _flat(writes)),
        "identity": [*iam, passing(used.passed_to), linked_roles(used.types), _not_the_pipeline()],
        "buckets": [
            *_apply_storage(),
            *s3,
            *_emptying(environments),
            *_files(used, "Write", "Put"),
            *_delete_files(used),
            *_not_the_states(),
        ],
    }
    needed = len(policies) + 1  # the denials
    if needed > MOST_POLICIES:
        raise OperatorError(
            f"the role that applies needs {needed} policies for the types in use, and IAM attaches {MOST_POLICIES}",
            remedy="ask AWS for a higher quota, and raise MOST_POLICIES in wealist/constructs/pipeline_policies.py",
            exit_code=BAD_INPUT,
        )
    return policies


def plan_storage(stack: str) -> list[Statement]:
    """Return the statements to plan a stack with `-lock=false`: they write neither a state nor a lock."""
    keep = Statement(
        sid="KeepPlans",
        why="a plan waits for its review (ADR 0022)",
        actions=["s3:PutObject"],
        resources=[f"{_PLANS}/{stack}/*"],
    )
    return [*_states(stack, "s3:GetObject"), keep]


def denials() -> list[Statement]:
    """Return the denials of the role that applies, of actions that a wildcard in another statement would allow.

    A destroy of an environment needs none of them: RDS deletes the automated backups of an instance by the right to
    delete the instance (ADR 0047).
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
    """
    return [
        _deny("ShareNothing", "no stack shares anything with another account (ADR 0047)", _SHARING),
        _deny("ExportNothing", "no stack writes data where another account reads it (ADR 0047)", _EXPORTS),
        _deny("KeepBackups", "Terraform makes final snapshots and deletes none (ADR 0047)", _BACKUPS),
    ]


def _deny(sid: str, why: str, verbs: Mapping[str, str]) -> Statement:
    actions = [f"{service}:{verb}" for service, words in verbs.items() for verb in words.split()]
    return Statement(sid=sid, why=why, effect="Deny", actions=actions, resources=["*"])


def _merged(needed: Sequence[Statement]) -> list[Statement]:
    """Merge the statements on `*` into one: one for each service would take half as much again."""
    everywhere = [each for each in needed if tuple(each.resources) == ("*",) and not each.conditions]
    if not everywhere:
        return list(needed)
    actions = sorted({action for each in everywhere for action in each.actions})
    one = Statement(sid="ReadEverywhere", why=everywhere[0].why, actions=actions, resources=["*"])
    return [one, *(each for each in needed if each not in everywhere)]


def _flat(services: Mapping[str, Sequence[Statement]]) -> list[Statement]:
    return [statement for each in services.values() for statement in each]


def _packed(name: str, needed: Iterable[Statement]) -> dict[str, list[Statement]]:
    """Distribute statements over policies of the length that IAM accepts: `read`, `read-2`."""
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
    return {name if number == 1 else f"{name}-{number}": policy for number, policy in enumerate(policies, 1)}


def _length(statement: Statement) -> int:
    """Return the characters that a statement adds to a policy: IAM counts the comma, but no white space."""
    return len(json.dumps(statement.element(), separators=(",", ":"))) + 1


def _files(used: InUse, sid: str, verb: str, stack: str = "*") -> list[Statement]:
    """Return the right to the files of the monitoring instance, the only S3 objects in the stacks."""
    bucket = f"{PROJECT}-deploy-scripts*" if stack == "*" else Names(stack).deploy_scripts_bucket
    statement = Statement(
        sid=f"{sid}Files",
        why="what the monitoring instance runs with lies in S3 (ADR 0027)",
        actions=[f"s3:{verb}Object", f"s3:{verb}ObjectTagging"],
        resources=[f"arn:aws:s3:::{bucket}/{MONITORING_FILES}*"],
    )
    return [statement] if _OBJECT in used.types else []


def _delete_files(used: InUse) -> list[Statement]:
    """Return the right to delete the files with their versions, as Terraform does in a versioned bucket."""
    statement = Statement(
        sid="DeleteFiles",
        why="a file is deleted with its versions (ADR 0027)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
        resources=[f"arn:aws:s3:::{PROJECT}-deploy-scripts*/{MONITORING_FILES}*"],
    )
    return [statement] if _OBJECT in used.types else []


def _emptying(environments: Sequence[Environment]) -> list[Statement]:
    """Return the right to empty buckets. Versions are their backup, so only buckets that may be destroyed."""
    destroyable = [each for each in environments if each.may_be_destroyed]
    emptied = [f"arn:aws:s3:::{bucket}" for each in destroyable for bucket in each.names.buckets]
    statement = Statement(
        sid="EmptyDestroyableBuckets",
        why="buckets are emptied before they are destroyed, in environments that may be destroyed (ADR 0047)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
        resources=[*emptied, *(f"{bucket}/*" for bucket in emptied)],
    )
    return [statement] if emptied else []


def _apply_storage() -> list[Statement]:
    """Return the statements to apply a plan from the bucket of plans, and to lock and write states."""
    return [
        *_states("*", "s3:GetObject", "s3:PutObject"),
        Statement(
            sid="LockState",
            why="nobody else applies meanwhile",
            actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            resources=[f"{_STATES}/{state_key('*')}{STATE_LOCK_SUFFIX}"],
        ),
        Statement(
            sid="FetchPlans",
            why="what is applied is the plan that was reviewed (ADR 0022)",
            actions=["s3:GetObject"],
            resources=[f"{_PLANS}/*"],
        ),
    ]


def _states(stack: str, *actions: str) -> list[Statement]:
    """https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required."""
    return [
        Statement(
            sid="FindState",
            why="the backend looks whether there is a state",
            actions=["s3:ListBucket"],
            resources=[_STATES],
        ),
        Statement(
            sid="UseState",
            why="Terraform compares the stacks with their states, and an apply writes them",
            actions=actions,
            resources=[f"{_STATES}/{state_key(stack)}"],
        ),
    ]


def _not_the_states() -> list[Statement]:
    return [
        Statement(
            sid="NotTheStateBucket",
            why="the bucket of the states stays as it is",
            effect="Deny",
            actions=["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutLifecycle*", "s3:PutEncryption*"],
            resources=[_STATES],
        ),
        Statement(
            sid="NotTheStates",
            why="old versions of a state are its backup",
            effect="Deny",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=[f"{_STATES}/*.tfstate"],
        ),
    ]


def _not_the_pipeline() -> Statement:
    """Return the denial to change resources named `wealist-terraform-*`: the pipeline's roles, and the boundary."""
    kinds = ("role", "policy", "instance-profile")
    verbs = [
        "Add",
        "Attach",
        "Create",
        "Delete",
        "Detach",
        "PassRole",
        "Put",
        "Remove",
        "Set",
        "Tag",
        "Untag",
        "Update",
    ]
    return Statement(
        sid="NotThePipeline",
        why="the pipeline changes neither its own roles nor the boundary (ADR 0019)",
        effect="Deny",
        actions=[f"iam:{verb}*" for verb in verbs],
        resources=[f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{PROJECT}-terraform-*" for kind in kinds],
    )
