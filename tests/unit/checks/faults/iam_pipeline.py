"""The pipeline's rights and the boundary, widened: one fault each, and the control that must notice."""

from functools import partial
from typing import Final

from tests.guarded import Fault
from tests.unit.checks.faults.edits import both
from tests.unit.checks.faults.iam_edits import (
    ACCOUNT,
    APPLY,
    BOUNDARY,
    BUCKETS,
    DENIALS,
    READ,
    ROLES,
    Statement,
    allow,
    change,
    without,
    without_condition,
)
from tests.unit.checks.faults.iam_sharing import empty

_BOUNDARY_KEY: Final = "iam:PermissionsBoundary"

_account: Final = partial(Fault, stack="account")


def _unbounded(statement: Statement) -> None:
    del statement["Condition"]["StringEquals"][_BOUNDARY_KEY]


def _if_there_is_one(statement: Statement) -> None:
    statement["Condition"] = {"StringEqualsIfExists": statement["Condition"]["StringEquals"]}


def _another_boundary(statement: Statement) -> None:
    statement["Condition"]["StringEquals"][_BOUNDARY_KEY] = f"arn:aws:iam::{ACCOUNT}:policy/wealist-prod-s3-policy"


FAULTS: Final = [
    _account(
        "applies make roles without the boundary",
        edit=change(APPLY, "MakeBoundedRoles", _unbounded),
        control="iam.escalation",
    ),
    _account(
        "applies make roles with or without it",
        edit=change(APPLY, "MakeBoundedRoles", _if_there_is_one),
        control="iam.conditions",
    ),
    _account(
        "applies make roles under a boundary they can edit",
        edit=change(APPLY, "MakeBoundedRoles", _another_boundary),
        control="iam.escalation",
    ),
    _account(
        "applies attach policies whatever the boundary",
        edit=change(APPLY, "AttachOwnPolicies", _unbounded),
        control="iam.escalation",
    ),
    _account(
        "applies take the boundary off",
        edit=allow(APPLY, "iam:DeleteRolePermissionsBoundary", ROLES),
        control="iam.escalation",
    ),
    _account("applies change their own role", edit=without(APPLY, "NotThePipeline"), control="iam.escalation"),
    _account(
        "applies change roles of other names",
        edit=allow(APPLY, "iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/*"),
        control="iam.escalation",
    ),
    _account(
        "applies make users",
        edit=allow(APPLY, "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/*"),
        control="iam.escalation",
    ),
    _account(
        "applies pass roles to any service",
        edit=change(APPLY, "PassOwnRoles", without_condition),
        control="iam.pass-role",
    ),
    _account(
        "applies change the bucket of the states", edit=without(BUCKETS, "NotTheStateBucket"), control="iam.escalation"
    ),
    _account(
        "applies delete versions of states",
        edit=both(without(BUCKETS, "NotTheStates"), empty("wealist-*")),
        control="iam.escalation",
    ),
    _account(
        "applies delete states of one environment",
        edit=both(
            change(
                BUCKETS,
                "NotTheStates",
                lambda each: each.update(Resource=["arn:aws:s3:::wealist-tfstate-bucket/dev/*"]),
            ),
            empty("wealist-tfstate-bucket"),
        ),
        control="iam.escalation",
    ),
    _account(
        "applies write states of another system",
        edit=allow(APPLY, "s3:PutObject", "arn:aws:s3:::wealist-tfstate-bucket/*"),
        control="iam.escalation",
    ),
    _account(
        "applies share snapshots",
        edit=both(without(DENIALS, "ShareNothing"), allow(APPLY, "ec2:ModifySnapshotAttribute")),
        control="iam.escalation",
    ),
    _account("plans read every secret", edit=allow(READ, "secretsmanager:GetSecretValue"), control="iam.wildcard"),
    _account("plans write", edit=allow(READ, "ec2:Create*"), control="iam.trust"),
    _account("the boundary lets roles be made", edit=allow(BOUNDARY, "iam:CreateRole"), control="iam.boundary"),
    _account("the boundary lets functions be made", edit=allow(BOUNDARY, "s3:PutBucketPolicy"), control="iam.boundary"),
    _account(
        "the boundary keeps instances from their parameters",
        edit=change(BOUNDARY, "AtMost", lambda each: each["Action"].remove("ssm:GetParametersByPath")),
        control="iam.boundary",
    ),
    _account(
        "there is no boundary",
        edit=lambda document: document["resource"]["aws_iam_policy"].pop("boundary_policy"),
        control="iam.boundary",
    ),
]
