"""Roles, secrets, keys and images, softened: each rule of theirs must notice its own."""

from typing import Final

from tests.guarded import faults
from tests.unit.checks.faults.edits import add, drop, put
from tests.unit.checks.faults.rows import written

_REPOSITORY: Final = "aws_ecr_repository.artifacts_user_service_repository"
_PASSWORD: Final = "aws_ssm_parameter.parameters_db_user_db_password"
_RETENTION: Final = "aws_cloudwatch_log_group.flow_logs_log_group.retention_in_days"


IDENTITY: Final = [
    *faults(
        "ECR.1",
        {
            "images that nobody scans": put(f"{_REPOSITORY}.image_scanning_configuration.scan_on_push", to=False),
        },
    ),
    *faults(
        "ECR.2",
        {
            "tags that move in another repository": add("aws_ecr_repository", image_tag_mutability="MUTABLE"),
        },
    ),
    *faults(
        "ECR.3",
        {
            "images pile up": drop("aws_ecr_lifecycle_policy", "artifacts_user_service_lifecycle"),
        },
    ),
    *faults(
        "ssm.secure_string",
        {
            "a readable password": put(f"{_PASSWORD}.type", to="String"),
            "a password with everybody's key": put(f"{_PASSWORD}.key_id", to="alias/aws/ssm"),
        },
    ),
    *faults(
        "KMS.4",
        {
            "a key for ever": put("aws_kms_key.encryption_key.enable_key_rotation", to=False),
        },
    ),
    *faults(
        "CloudWatch.16",
        {
            "logs for ever": put(_RETENTION, to=0),
            "flow logs are kept for good": put(_RETENTION, to=None),
        },
    ),
    *faults(
        "IAM.1",
        {
            "an administrator": written({"instances +": "*"}),
        },
    ),
    *faults(
        "IAM.21",
        {
            "a whole service": written({"instances +": "s3:* on arn:aws:s3:::wealist-app-resources/*"}),
            "all but something": written({"instances ++ NotAction": ["iam:CreateUser"]}),
        },
    ),
    *faults(
        "ssm.own_path",
        {
            "secrets of every environment": written({"instances +": "ssm:Get* on arn:aws:ssm:*:*:parameter/wealist/*"}),
        },
    ),
]
