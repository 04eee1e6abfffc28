"""Each setting of an environment sets its Terraform argument."""

from functools import reduce
from typing import Any, Final

import pytest

from tests.synthesized import API_CERTIFICATE, all_changed, synthesized

AL2023: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
BACKEND: Final = "aws_launch_template.backend_fleet_launch_template"
MONITORING: Final = "aws_launch_template.monitoring_fleet_launch_template"
PRIVATE_A: Final = "${aws_subnet.network_private_subnet_a"
PRIVATE_C: Final = "${aws_subnet.network_private_subnet_c"
CHOSEN: Final = {
    "aws_autoscaling_group.backend_fleet_asg.min_size": 3,
    "aws_autoscaling_group.backend_fleet_asg.desired_capacity": 4,
    "aws_autoscaling_group.backend_fleet_asg.max_size": 9,
    "aws_autoscaling_group.backend_fleet_asg.max_instance_lifetime": 21 * 86_400,
    "aws_autoscaling_group.monitoring_fleet_asg.max_instance_lifetime": 21 * 86_400,
    "aws_autoscaling_policy.backend_fleet_cpu.target_tracking_configuration.target_value": 45,
    f"{BACKEND}.instance_type": "t3.medium",
    f"{BACKEND}.block_device_mappings.0.ebs.volume_size": 50,
    f"{BACKEND}.image_id": AL2023,
    f"{MONITORING}.instance_type": "t3.large",
    f"{MONITORING}.block_device_mappings.0.ebs.volume_size": 40,
    f"{MONITORING}.image_id": AL2023,
    "aws_ebs_volume.monitoring_data_volume.size": 100,
    "aws_ebs_volume.monitoring_data_volume.availability_zone": f"{PRIVATE_A}.availability_zone}}",
    "aws_autoscaling_group.monitoring_fleet_asg.vpc_zone_identifier": [f"{PRIVATE_A}.id}}"],
    "aws_vpc_endpoint.endpoints_ssm.subnet_ids": [f"{PRIVATE_A}.id}}", f"{PRIVATE_C}.id}}"],
    "aws_db_instance.database_instance.instance_class": "db.t3.medium",
    "aws_db_instance.database_instance.allocated_storage": 50,
    "aws_db_instance.database_instance.max_allocated_storage": 200,
    "aws_db_instance.database_instance.backup_retention_period": 35,
    "aws_elasticache_replication_group.cache_replication_group.node_type": "cache.t3.medium",
    "aws_elasticache_replication_group.cache_replication_group.snapshot_retention_limit": 35,
    "aws_lb_listener.load_balancer_https.certificate_arn": API_CERTIFICATE,
    "aws_cloudwatch_log_group.flow_logs_log_group.retention_in_days": 90,
    "aws_s3_bucket_lifecycle_configuration.access_logs_logs_lifecycle.rule.0.expiration.0.days": 90,
    "aws_backup_plan.backups_plan.rule.0.lifecycle.delete_after": 60,
    "aws_cloudwatch_metric_alarm.alerts_alarm_database_connections.threshold": 50,
    "aws_codedeploy_deployment_group.deployments_user_service_group.deployment_style.deployment_type": "BLUE_GREEN",
}


@pytest.mark.parametrize("path", CHOSEN)
def test_a_setting_reaches_its_argument(path: str) -> None:
    place: Any = synthesized(all_changed("prod")).document["resource"]
    steps = (int(step) if step.isdigit() else step for step in path.split("."))
    assert reduce(lambda value, step: value[step], steps, place) == CHOSEN[path]


@pytest.mark.parametrize("role", ["backend", "monitoring"])
def test_user_data_has_the_operating_system_and_volume_of_the_settings(role: str) -> None:
    module = synthesized(all_changed("prod")).document["module"][f"{role}_fleet_bootstrap"]
    assert (module["operating_system"], module["monitoring"]["data_volume_gib"]) == ("al2023", 100)
