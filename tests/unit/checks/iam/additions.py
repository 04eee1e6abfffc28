"""Edits that add a role, a right, a queue or a function to a stack's JSON, as a construct would."""

import json
from typing import Any, Final

from tests.syntheses import Edit
from tests.unit.checks.faults.tables import combined, edit_from

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
KEY: Final = "${aws_kms_key.encryption_key.arn}"
QUEUE: Final = f"arn:aws:sqs:{HERE}:wealist-prod-jobs"
_ROLE: Final = "${aws_iam_role.identity_ec2_role.name}"


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(sid: str, actions: list[str], resources: list[str], **more: object) -> dict[str, Any]:
    """Return a statement that allows actions."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources, **more}


def right(label: str, *statements: dict[str, Any], role: str = _ROLE) -> Edit:
    """Attach a policy to a role, with a reason for each statement."""
    why = {each["Sid"]: "services need it for their work" for each in statements}
    policy = {"//": {"reasons": why}, "name": f"wealist-prod-{label}", "policy": document(*statements)}
    attached = {"role": role, "policy_arn": f"${{aws_iam_policy.{label}.arn}}"}
    return edit_from({f"aws_iam_policy.{label}": policy, f"aws_iam_role_policy_attachment.{label}": attached})


def boundary_allows(*actions: str) -> Edit:
    """Add actions to the boundary, in the account's stack."""
    return combined(*(edit_from({"boundary AtMost Action +": action}) for action in actions))


def queue(**values: object) -> Edit:
    """Add a queue that is encrypted with the environment's key."""
    named = {"name": "wealist-prod-jobs", "kms_master_key_id": "${aws_kms_key.encryption_key.id}"}
    return edit_from({"aws_sqs_queue.jobs": {**named, **values}})


def function() -> Edit:
    """Add a function with its own role, which EventBridge calls by a rule of the environment."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    logs = f"arn:aws:logs:{HERE}:log-group:/wealist/prod/reports:*"
    changes = {
        "aws_iam_role.reports": {
            "name": "wealist-prod-reports-role",
            "assume_role_policy": document(trusted),
            "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/wealist-terraform-boundary",
        },
        "aws_lambda_function.reports": {
            "function_name": "wealist-prod-reports",
            "role": "${aws_iam_role.reports.arn}",
        },
        "aws_cloudwatch_event_rule.reports": {"name": "wealist-prod-reports"},
        "aws_lambda_permission.reports": {
            "function_name": "wealist-prod-reports",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
            "source_arn": "${aws_cloudwatch_event_rule.reports.arn}",
        },
    }
    writes = allowing("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs])
    return combined(edit_from(changes), right("reports", writes, role="${aws_iam_role.reports.name}"))
