"""The types that the constructs make, and that the guards know how to read: any other fails closed."""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.model.stack import StackJson
from wealist.spec.stateful import MADE_AGAIN

CONTROL: Final = "stack.type"
_RESOURCES: Final = MADE_AGAIN | {
    "aws_cloudwatch_log_group",
    "aws_db_instance",
    "aws_ebs_volume",
    "aws_ecr_repository",
    "aws_elasticache_replication_group",
    "aws_iam_openid_connect_provider",
    "aws_kms_key",
    "aws_route53_zone",
    "aws_s3_bucket",
    "aws_ssm_parameter",
}
"""Of what is stateful, that which is made: no rule asks anything of an aws_rds_cluster yet."""
_READ_BY_A_PLAN: Final = frozenset(
    {
        "data.aws_iam_openid_connect_provider",
        "data.aws_route53_zone",
        "data.aws_ssm_parameter",
        "data.aws_vpc_security_group_rules",
        "ephemeral.aws_secretsmanager_random_password",
    }
)
_TEACH: Final = (
    "leave it out, or teach the guards of wealist/checks what it may do, and then "
    "wealist/checks/stack/types.py the type"
)


def unread(stack: StackJson) -> Iterator[Finding]:
    """Resources, data sources and ephemeral resources of other types."""
    for resource in stack.resources.values():
        if resource.type not in _RESOURCES:
            yield _finding(stack, resource.address, resource.type)
    for address in stack.data:
        kind = address.rpartition(".")[0]
        if kind not in _READ_BY_A_PLAN:
            yield _finding(stack, address, kind)


def _finding(stack: StackJson, address: str, kind: str) -> Finding:
    return Finding(stack.name, address, CONTROL, f"is of the type {kind}, which no guard reads", _TEACH)
