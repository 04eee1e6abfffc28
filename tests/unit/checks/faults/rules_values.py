"""Arguments of known types that have a right value, set to another one, in every environment: as a construct would."""

from collections.abc import Mapping
from typing import Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import Document, add, put

_ALB: Final = "aws_lb.load_balancer_alb"
_CDN: Final = "aws_cloudfront_distribution.frontend_distribution"
_BUCKET: Final = "aws_s3_bucket.frontend_site_bucket"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group.deployments_user_service_group"
_GROUP: Final = "aws_autoscaling_group.backend_fleet_asg"
_KEY: Final = "aws_kms_key.encryption_key"
_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"
_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template"
_TOPIC: Final = "arn:aws:sns:ap-northeast-2:111111111111:theirs"


def _short_password(document: Document) -> None:
    for password in document["ephemeral"]["aws_secretsmanager_random_password"].values():
        password["password_length"] = 4


def _trigger(*events: str, topic: str) -> Edit:
    trigger = {"trigger_name": "x", "trigger_events": list(events), "trigger_target_arn": topic}
    return put(f"{_DEPLOYMENT}.trigger_configuration", to=[trigger])


def _everywhere(control: str, edits: Mapping[str, Edit]) -> list[Fault]:
    """The faults, in dev and in prod."""
    return [
        fault
        for stack in ("dev", "prod")
        for fault in faults(control, {f"{name} in {stack}": edit for name, edit in edits.items()}, stack=stack)
    ]


VALUES: Final = [
    *_everywhere(
        "ElastiCache.6",
        {"the token is taken away": put(f"{_REDIS}.auth_token_update_strategy", to="DELETE")},
    ),
    *_everywhere(
        "elasticache.contents",
        {
            "Redis starts with somebody's sessions": put(f"{_REDIS}.snapshot_arns", to=["arn:aws:s3:::theirs/x.rdb"]),
            "Redis starts with an old snapshot": put(f"{_REDIS}.snapshot_name", to="x"),
        },
    ),
    *_everywhere(
        "elasticache.destinations",
        {
            "Redis logs to somebody": put(
                f"{_REDIS}.log_delivery_configuration",
                to=[{"destination": "theirs", "destination_type": "kinesis-firehose"}],
            ),
            "Redis reports to somebody": put(f"{_REDIS}.notification_topic_arn", to=_TOPIC),
        },
    ),
    *_everywhere(
        "autoscaling.grace_period", {"a short grace period": put(f"{_GROUP}.health_check_grace_period", to=60)}
    ),
    *_everywhere(
        "autoscaling.suspended",
        {
            "nothing is replaced": put(f"{_GROUP}.suspended_processes", to=["ReplaceUnhealthy"]),
            "nothing is scaled in": put(f"{_GROUP}.protect_from_scale_in", to=True),
            "the scaling policy is off": put("aws_autoscaling_policy.backend_fleet_cpu.enabled", to=False),
            "the scaling policy only adds": put(
                "aws_autoscaling_policy.backend_fleet_cpu.target_tracking_configuration.disable_scale_in", to=True
            ),
        },
    ),
    *_everywhere(
        "autoscaling.template",
        {
            "instances of another template": put(
                f"{_GROUP}.mixed_instances_policy",
                to={
                    "launch_template": {"launch_template_specification": {"launch_template_id": "lt-1", "version": "1"}}
                },
            ),
            "instances of a launch configuration": put(f"{_GROUP}.launch_configuration", to="theirs"),
            "instances of a template by its id": put(f"{_GROUP}.launch_template.id", to="lt-0123456789abcdef0"),
        },
    ),
    *_everywhere(
        "launch_template.kernel",
        {
            "another kernel": put(f"{_TEMPLATE}.kernel_id", to="aki-01234567"),
            "another RAM disk": put(f"{_TEMPLATE}.ram_disk_id", to="ari-01234567"),
        },
    ),
    *_everywhere(
        "launch_template.snapshot",
        {
            "a root volume of a snapshot": put(f"{_TEMPLATE}.block_device_mappings.0.ebs.snapshot_id", to="snap-1"),
            "a data volume of a snapshot": put("aws_ebs_volume.monitoring_data_volume.snapshot_id", to="snap-1"),
        },
    ),
    *_everywhere(
        "launch_template.instance_profile",
        {
            "instances of another role": put(
                f"{_TEMPLATE}.iam_instance_profile.arn", to="arn:aws:iam::290008131187:instance-profile/admin"
            ),
            "instances of another role, by its name": put(f"{_TEMPLATE}.iam_instance_profile", to={"name": "admin"}),
        },
    ),
    *_everywhere(
        "codedeploy.pace",
        {"a deployment of all at once": put(f"{_DEPLOYMENT}.deployment_config_name", to="CodeDeployDefault.AllAtOnce")},
    ),
    *_everywhere(
        "codedeploy.triggers",
        {
            "deployments are reported to somebody": _trigger("DeploymentStart", topic=_TOPIC),
            "deployments report what does not happen": _trigger("Deployed", topic="${aws_sns_topic.alarms.arn}"),
        },
    ),
    *_everywhere("kms.lockout", {"a key may lock out": put(f"{_KEY}.bypass_policy_lockout_safety_check", to=True)}),
    *_everywhere("kms.multi_region", {"a key for every region": put(f"{_KEY}.multi_region", to=True)}),
    *_everywhere("passwords.length", {"short passwords": _short_password}),
    *_everywhere(
        "CloudWatch.16",
        {"logs for a day": put("aws_cloudwatch_log_group.flow_logs_log_group.retention_in_days", to=1)},
    ),
    *_everywhere(
        "load_balancer.waf_fail_open",
        {"the firewall opens when it fails": put(f"{_ALB}.enable_waf_fail_open", to=True)},
    ),
    *_everywhere(
        "load_balancer.client_address",
        {"clients invent their address": put(f"{_ALB}.xff_header_processing_mode", to="preserve")},
    ),
    *_everywhere(
        "load_balancer.health_check",
        {
            "errors are healthy": put("aws_lb_target_group.load_balancer_user_tg.health_check.matcher", to="200-499"),
            "nobody asks for health": put("aws_lb_target_group.load_balancer_user_tg.health_check.enabled", to=False),
        },
    ),
    *_everywhere(
        "ELB.1",
        {
            "HTTP redirects to somebody": put(
                "aws_lb_listener.load_balancer_http.default_action.0.redirect.host", to="example.com"
            )
        },
    ),
    *_everywhere(
        "cloudfront.continuous_deployment",
        {
            "some visitors get another site": put(f"{_CDN}.continuous_deployment_policy_id", to="x"),
            "the site is a rehearsal": put(f"{_CDN}.staging", to=True),
        },
    ),
    *_everywhere(
        "cloudfront.dedicated_addresses",
        {"the site has dedicated addresses": put(f"{_CDN}.viewer_certificate.ssl_support_method", to="vip")},
    ),
    *_everywhere(
        "acm.validation",
        {
            "a certificate by mail": put(
                "aws_acm_certificate.load_balancer_api_certificate.validation_method", to="EMAIL"
            )
        },
    ),
    *_everywhere(
        "s3.inline",
        {
            "scripts of every site read the bucket": put(
                f"{_BUCKET}.cors_rule", to=[{"allowed_methods": ["GET"], "allowed_origins": ["*"]}]
            ),
            "files expire by the bucket itself": put(
                f"{_BUCKET}.lifecycle_rule", to=[{"enabled": True, "expiration": {"days": 1}}]
            ),
            "everybody reads by the bucket itself": put(f"{_BUCKET}.acl", to="public-read"),
        },
    ),
    *_everywhere(
        "s3.cors",
        {
            "scripts of every site read by a resource": add(
                "aws_s3_bucket_cors_configuration",
                bucket="${aws_s3_bucket.frontend_site_bucket.id}",
                cors_rule=[{"allowed_methods": ["GET"], "allowed_origins": ["https://wealist.co.kr", "*"]}],
            )
        },
    ),
    *_everywhere("SQS.1", {"a plain queue": add("aws_sqs_queue", name="x", sqs_managed_sse_enabled=False)}),
    *_everywhere("EFS.1", {"a plain file system": add("aws_efs_file_system", encrypted=False)}),
    *faults(
        "rds.major_version",
        {"the database upgrades itself": put("aws_db_instance.database_instance.allow_major_version_upgrade", to=True)},
        stack="dev",
    ),
    *faults("DynamoDB.2", {"a table without a way back": add("aws_dynamodb_table", name="x")}),
]
