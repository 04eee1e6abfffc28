"""Changes of settings reach AWS as asked for, and touch nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration.applied.everything import UNREFRESHED, Applied, changed_types, environment
from wealist.operations.life import changes
from wealist.spec.environment import Endpoint, Network
from wealist.spec.services import Service

pytestmark = pytest.mark.integration

MULTI_AZ = {"aws_db_instance": ("update",), "aws_elasticache_replication_group": ("update",)}
OF_A_NEW_SERVICE = (
    "aws_codedeploy_app.deployments_chat_service_app",
    "aws_codedeploy_deployment_group.deployments_chat_service_group",
    "aws_ecr_lifecycle_policy.artifacts_chat_service_lifecycle",
    "aws_ecr_repository.artifacts_chat_service_repository",
    "aws_lb_listener_rule.load_balancer_chat_internal",
    "aws_lb_listener_rule.load_balancer_chat_rule",
    "aws_lb_target_group.load_balancer_chat_tg",
    "aws_ssm_parameter.parameters_db_chat_db_name",
    "aws_ssm_parameter.parameters_db_chat_db_password",
    "aws_ssm_parameter.parameters_db_chat_db_user",
    "aws_vpc_security_group_egress_rule.firewall_alb_to_ec2_9000_egress",
    "aws_vpc_security_group_egress_rule.firewall_ec2_to_ec2_9000_egress",
    "aws_vpc_security_group_ingress_rule.firewall_alb_to_ec2_9000_ingress",
    "aws_vpc_security_group_ingress_rule.firewall_ec2_to_ec2_9000_ingress",
)
TOLD_OF_A_NEW_SERVICE = (
    "aws_autoscaling_group.backend_fleet_asg",
    "aws_autoscaling_group.monitoring_fleet_asg",
    "aws_iam_policy.deploy_identity_codedeploy_codedeploy_policy",
    "aws_iam_policy.pipeline_identity_github_actions_github_actions_policy",
    "aws_launch_template.backend_fleet_launch_template",
    "aws_launch_template.monitoring_fleet_launch_template",
    'aws_s3_object.monitoring_files_file["prometheus.yml"]',
)


def database(applied: Applied) -> dict[str, Any]:
    """Dev's database instance, the only one of this AWS."""
    (instance,) = applied.client("rds").describe_db_instances()["DBInstances"]
    return dict(instance)


@contextmanager
def failed_over(applied: Applied) -> Iterator[None]:
    """Dev's database where a failover has left it: in another zone."""
    before = database(applied)
    failover = {"DBInstanceIdentifier": before["DBInstanceIdentifier"], "ForceFailover": True}
    applied.client("rds").reboot_db_instance(**failover)
    assert database(applied)["AvailabilityZone"] != before["AvailabilityZone"]
    try:
        yield
    finally:
        applied.client("rds").reboot_db_instance(**failover)
        assert database(applied)["AvailabilityZone"] == before["AvailabilityZone"]


@pytest.fixture(scope="class")
def on(applied: Applied) -> Iterator[dict[str, Any]]:
    """Dev with Multi-AZ on: the plan it was applied by."""
    with applied.variant(enable_multi_az=True):
        yield applied.apply("dev")


class TestMultiAz:
    """Switched on for real, looked at, and off again."""

    def test_it_touches_the_database_and_redis_and_replaces_nothing(self, on: dict[str, Any]) -> None:
        assert changed_types(on) == MULTI_AZ

    @pytest.mark.usefixtures("on")
    def test_redis_then_has_a_replica_in_another_zone_that_takes_over_from_zone_c(self, applied: Applied) -> None:
        redis = applied.client("elasticache")
        (group,) = redis.describe_replication_groups(ReplicationGroupId="wealist-dev-redis")["ReplicationGroups"]
        assert (group["AutomaticFailover"], group["MultiAZ"]) == ("enabled", "enabled")
        primary, replica = group["NodeGroups"][0]["NodeGroupMembers"]
        assert (primary["CurrentRole"], replica["CurrentRole"]) == ("primary", "replica")
        assert primary["PreferredAvailabilityZone"] == "ap-northeast-2c"
        # ElastiCache chooses the zone of a replica that is added later.
        assert replica["PreferredAvailabilityZone"] != primary["PreferredAvailabilityZone"]

    @pytest.mark.usefixtures("on")
    def test_the_database_then_has_a_standby(self, applied: Applied) -> None:
        assert database(applied)["MultiAZ"] is True

    @pytest.mark.usefixtures("on")
    def test_switching_it_off_after_a_failover_touches_the_same_two_and_replaces_nothing(
        self, applied: Applied
    ) -> None:
        with failed_over(applied), applied.variant(enable_multi_az=False):
            assert changed_types(applied.plan("dev")) == MULTI_AZ

    @pytest.mark.usefixtures("on")
    def test_it_is_complete_and_changes_nothing_in_prod(self, applied: Applied) -> None:
        assert changes(applied.plan("dev")) == {}
        assert changes(applied.plan("prod")) == {}


def test_multi_az_was_put_back(applied: Applied) -> None:
    assert changes(applied.plan("dev")) == {}


def test_scaling_changes_the_size_of_the_backend_and_nothing_else(applied: Applied) -> None:
    backend = environment("dev").backend.model_copy(update={"max_size": 4, "desired_capacity": 2})
    with applied.variant(backend=backend):
        assert changed_types(applied.apply("dev")) == {"aws_autoscaling_group": ("update",)}
        wanted = ["wealist-dev-backend-asg"]
        found = applied.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=wanted)
        (group,) = found["AutoScalingGroups"]
        # Scaling owns the number of instances once they run (`ignore_changes`).
        assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 4, 1)


def test_a_larger_instance_type_makes_a_new_version_of_the_launch_template_and_replaces_no_resource(
    applied: Applied,
) -> None:
    backend = environment("dev").backend.model_copy(update={"instance_type": "t3.medium"})
    with applied.variant(backend=backend):
        plan = applied.plan("dev", UNREFRESHED)
    assert changed_types(plan) == {"aws_launch_template": ("update",), "aws_autoscaling_group": ("update",)}


def test_a_larger_data_volume_grows_in_place_and_prometheus_is_told(applied: Applied) -> None:
    monitoring = environment("dev").monitoring.model_copy(update={"data_volume_gib": 40})
    with applied.variant(monitoring=monitoring):
        planned = changes(applied.plan("dev", UNREFRESHED))
    assert set(planned.values()) == {("update",)}
    assert {address.partition("[")[0].partition(".")[0] for address in planned} == {
        "aws_ebs_volume",
        "aws_s3_object",
        "aws_launch_template",
        "aws_autoscaling_group",
    }


def test_blue_green_changes_how_codedeploy_deploys_and_what_it_may_do(applied: Applied) -> None:
    with applied.variant(deployment="blue_green"):
        planned = changes(applied.apply("dev"))
        assert {address.split(".")[0] for address in planned} == {"aws_codedeploy_deployment_group", "aws_iam_policy"}
        assert set(planned.values()) == {("update",)}
        assert changes(applied.plan("dev")) == {}


def test_a_new_service_gets_its_own_parts_and_replaces_nobody_elses(applied: Applied, chat: Service) -> None:
    with applied.variant(services=(*environment("dev").services, chat)):
        planned = changes(applied.plan("dev", UNREFRESHED))
    assert planned == dict.fromkeys(OF_A_NEW_SERVICE, ("create",)) | dict.fromkeys(TOLD_OF_A_NEW_SERVICE, ("update",))


def test_a_third_environment_takes_one_file_and_changes_nothing_of_the_others_but_the_pipeline(
    applied: Applied,
) -> None:
    staging = environment(
        "dev",
        name="staging",
        network=Network(cidr="10.2.0.0/16"),
        site=Endpoint(domain="staging.wealist.co.kr"),
        api=Endpoint(domain="api.staging.wealist.co.kr"),
    )
    with applied.with_one_more(staging):
        plans = {stack: changes(applied.plan(stack, UNREFRESHED)) for stack in ("staging", "account", "dev", "prod")}
    assert plans == {
        "staging": dict.fromkeys(changes(applied.first["dev"]), ("create",)),
        # Who may apply, and whose buckets may be emptied.
        "account": dict.fromkeys(
            ("aws_iam_policy.pipeline_apply_buckets_policy", "aws_iam_role.pipeline_apply_role"), ("update",)
        ),
        "dev": {},
        "prod": {},
    }


def test_dev_is_as_committed_after_all_this(applied: Applied) -> None:
    assert changes(applied.plan("dev")) == {}
