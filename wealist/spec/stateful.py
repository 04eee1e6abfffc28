"""What no apply can make again: which types hold data or an identity that others know, and why.

resource ─┬─ its type is in STATEFUL_TYPES ─ may not be destroyed where the environment lasts
          ├─ its type is in MADE_AGAIN ─ an apply makes it again as it was
          └─ neither ─ somebody must decide, and write it here
"""

from collections.abc import Mapping
from typing import Any, Final

PARAMETER: Final = "aws_ssm_parameter"

STATEFUL_TYPES: Final[Mapping[str, str]] = {
    "aws_cloudwatch_log_group": "holds logs, which are evidence for as long as their retention says",
    "aws_db_instance": "holds the services' data",
    "aws_dynamodb_table": "holds data",
    "aws_ebs_volume": "holds a file system",
    "aws_ecr_repository": "holds the images that instances start from",
    "aws_efs_file_system": "holds a file system",
    "aws_elasticache_replication_group": "holds sessions and the connections of web sockets",
    "aws_iam_openid_connect_provider": "is what the trust of every GitHub role names",
    "aws_kms_key": "is the only way to what it has encrypted",
    "aws_rds_cluster": "holds data",
    "aws_route53_zone": "has name servers that the registrar knows; a new zone has others",
    "aws_s3_bucket": "holds objects, and a name that anybody may take once it is free",
    "aws_secretsmanager_secret": "holds a value that exists nowhere else",
    PARAMETER: "holds a value that exists nowhere else",
}
"""Type → what would be lost with a resource of it. Of parameters, those that `is_stateful` tells."""

STATEFUL_MODULES: Final[Mapping[str, str]] = {
    "state_backend": "makes the bucket of every stack's state, without which Terraform no longer knows what it made",
}
"""HCL module, by its folder → what would be lost with a call of it."""

MADE_AGAIN: Final = frozenset({
    "aws_acm_certificate", "aws_acm_certificate_validation", "aws_autoscaling_group", "aws_autoscaling_policy",
    "aws_cloudfront_distribution", "aws_cloudfront_origin_access_control", "aws_cloudwatch_log_delivery",
    "aws_cloudwatch_log_delivery_destination", "aws_cloudwatch_log_delivery_source", "aws_codedeploy_app",
    "aws_codedeploy_deployment_group", "aws_db_parameter_group", "aws_db_subnet_group",
    "aws_default_security_group", "aws_ecr_lifecycle_policy", "aws_eip", "aws_elasticache_subnet_group",
    "aws_flow_log", "aws_iam_instance_profile", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy",
    "aws_iam_role_policy_attachment", "aws_internet_gateway", "aws_kms_alias", "aws_launch_template", "aws_lb",
    "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group", "aws_nat_gateway", "aws_route",
    "aws_route53_record", "aws_route_table", "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_ownership_controls", "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block", "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning", "aws_s3_object", "aws_security_group", "aws_subnet", "aws_vpc",
    "aws_vpc_endpoint", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule",
})  # fmt: skip
"""Types that an apply makes again as they were: those that the constructs make, each by its whole name."""


def is_stateful(kind: str, values: Mapping[str, Any]) -> bool:
    """Whether a resource holds what an apply could not make again.

    Args:
        kind: The resource's type.
        values: Its arguments, from `cdk.tf.json` or from a plan. Only parameters are looked into: those are stateful
            that are secret, or whose value is written and never read (`value_wo`): an operator's, or a generated one.
    """
    if kind == PARAMETER:
        return values.get("type") == "SecureString" or values.get("value_wo_version") is not None
    return kind in STATEFUL_TYPES


def is_known(kind: str) -> bool:
    """Whether somebody has decided if resources of a type hold anything."""
    return kind in STATEFUL_TYPES or kind in MADE_AGAIN
