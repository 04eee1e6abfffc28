"""Changes of settings change only the intended resources.

`test_drift` and `test_life` prove that dev is reverted and prod unchanged afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration.applied.everything import UNREFRESHED, Applied, environment, types_of
from wealist.operations import foreign_state
from wealist.operations.emulated_stacks import planned_changes
from wealist.spec.environment import Alerts, Endpoint, Network
from wealist.spec.services import Service

pytestmark = pytest.mark.integration

MULTI_AZ = {"aws_db_instance", "aws_elasticache_replication_group"}
SCALED = {"aws_autoscaling_group"}
BLUE_GREEN = {"aws_codedeploy_deployment_group", "aws_iam_policy"}
LAST_REVISIONS = {
    "aws_autoscaling_lifecycle_hook.backend_fleet_launch_hook",
    "aws_iam_policy.identity_ec2_revisions_policy",
    "aws_iam_role_policy_attachment.identity_ec2_revisions_attachment",
}
"""Resources with which new instances install the last revisions. Only for in-place deployments."""
HEALTH = {"aws_autoscaling_policy", "aws_launch_template", "aws_lb_target_group"}
LIVENESS = "/api/users/actuator/health/liveness"
PLAN_ROLE_PARTS = (
    ("aws_iam_role", "role"),
    ("aws_iam_policy", "read_policy"),
    ("aws_iam_policy", "state_policy"),
    ("aws_iam_role_policy_attachment", "read_attachment"),
    ("aws_iam_role_policy_attachment", "state_attachment"),
)
"""The resources of a stack's plan role, by the ends of their addresses."""
ADDED_FOR_A_SERVICE = (
    "aws_cloudwatch_log_group.service_logs_chat",
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
UPDATED_FOR_A_SERVICE = (
    "aws_autoscaling_group.backend_fleet_asg",
    "aws_autoscaling_group.monitoring_fleet_asg",
    "aws_iam_policy.deploy_identity_codedeploy_codedeploy_policy",
    "aws_iam_policy.identity_ec2_logs_policy",
    "aws_iam_policy.identity_ec2_revisions_policy",
    "aws_iam_policy.pipeline_identity_github_actions_github_actions_policy",
    "aws_launch_template.backend_fleet_launch_template",
    "aws_launch_template.monitoring_fleet_launch_template",
    'aws_s3_object.monitoring_files_file["prometheus.yml"]',
)


def database(applied: Applied) -> dict[str, Any]:
    """Return dev's database instance, the only one in this AWS."""
    (instance,) = applied.client("rds").describe_db_instances()["DBInstances"]
    return dict(instance)


@contextmanager
def failed_over(applied: Applied) -> Iterator[None]:
    """Move dev's database to another zone by a failover, and back."""
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
def switched_on(applied: Applied) -> Iterator[dict[str, Any]]:
    """The plan of dev with Multi-AZ, blue/green deployments, liveness, a longer lifetime and a larger backend."""
    backend = environment("dev").backend.model_copy(update={"max_size": 4, "desired_capacity": 2})
    user, board = environment("dev").services
    slow = user.model_copy(update={"liveness_path": LIVENESS, "healthy_within_seconds": 300})
    health = {"services": (slow, board), "max_instance_lifetime_days": 90}
    with applied.variant(enable_multi_az=True, deployment="blue_green", backend=backend, **health):
        yield applied.apply("dev")


class TestSwitchedOn:
    """Several settings, applied and reverted."""

    def test_only_the_affected_resources_are_updated_and_none_is_replaced(self, switched_on: dict[str, Any]) -> None:
        planned = planned_changes(switched_on)
        updated = {address for address in planned if planned[address] == ("update",)}
        assert types_of(updated) == MULTI_AZ | SCALED | BLUE_GREEN | HEALTH
        assert {address: planned[address] for address in planned.keys() - updated} == dict.fromkeys(
            LAST_REVISIONS, ("delete",)
        )

    @pytest.mark.usefixtures("switched_on")
    def test_redis_has_a_replica_in_another_zone_with_automatic_failover(self, applied: Applied) -> None:
        redis = applied.client("elasticache")
        (group,) = redis.describe_replication_groups(ReplicationGroupId="wealist-dev-redis")["ReplicationGroups"]
        assert (group["AutomaticFailover"], group["MultiAZ"]) == ("enabled", "enabled")
        primary, replica = group["NodeGroups"][0]["NodeGroupMembers"]
        assert (primary["CurrentRole"], replica["CurrentRole"]) == ("primary", "replica")
        assert primary["PreferredAvailabilityZone"] == "ap-northeast-2c"
        # ElastiCache selects the zone of a replica that is added later.
        assert replica["PreferredAvailabilityZone"] != primary["PreferredAvailabilityZone"]

    @pytest.mark.usefixtures("switched_on")
    def test_the_database_has_a_standby(self, applied: Applied) -> None:
        assert database(applied)["MultiAZ"] is True

    @pytest.mark.usefixtures("switched_on")
    def test_the_backends_limits_change_and_its_desired_capacity_is_ignored(self, applied: Applied) -> None:
        wanted = ["wealist-dev-backend-asg"]
        found = applied.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=wanted)
        (group,) = found["AutoScalingGroups"]
        # `ignore_changes` on the desired capacity.
        assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 4, 1)

    @pytest.mark.usefixtures("switched_on")
    def test_grace_period_and_lifetime_of_instances_change(self, applied: Applied) -> None:
        groups = applied.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        found = {
            each["AutoScalingGroupName"]: (each["HealthCheckGracePeriod"], each["MaxInstanceLifetime"] // 86_400)
            for each in groups
        }
        assert found == {
            "wealist-dev-backend-asg": (900, 90),
            "wealist-dev-monitoring-asg": (600, 90),
            "wealist-prod-backend-asg": (780, 30),
            "wealist-prod-monitoring-asg": (600, 30),
        }

    @pytest.mark.usefixtures("switched_on")
    def test_the_load_balancer_checks_liveness(self, applied: Applied) -> None:
        found = applied.client("elbv2").describe_target_groups(Names=["wealist-dev-user-tg", "wealist-dev-board-tg"])
        paths = {each["TargetGroupName"]: each["HealthCheckPath"] for each in found["TargetGroups"]}
        assert paths == {"wealist-dev-user-tg": LIVENESS, "wealist-dev-board-tg": "/api/boards/health"}

    @pytest.mark.usefixtures("switched_on")
    def test_switching_multi_az_off_after_a_failover_replaces_nothing(self, applied: Applied) -> None:
        with failed_over(applied), applied.variant():
            planned = planned_changes(applied.plan("dev"))
        assert {address: planned[address] for address in planned if address.split(".")[0] in MULTI_AZ} == {
            "aws_db_instance.database_instance": ("update",),
            "aws_elasticache_replication_group.cache_replication_group": ("update",),
        }
        created = {address for address in planned if planned[address] == ("create",)}
        assert (created, set(planned.values())) == (LAST_REVISIONS, {("update",), ("create",)})

    @pytest.mark.usefixtures("switched_on")
    def test_a_second_plan_has_no_changes(self, applied: Applied) -> None:
        assert planned_changes(applied.plan("dev")) == {}


@pytest.fixture(scope="class")
def moved(applied: Applied) -> Iterator[dict[str, Any]]:
    """The plan of dev with other zones for all zonal resources."""
    dev = environment("dev")
    with applied.variant(
        network=dev.network.model_copy(update={"nat_zone": "c", "endpoint_zones": ("a", "c")}),
        monitoring=dev.monitoring.model_copy(update={"zone": "a"}),
        database=dev.database.model_copy(update={"zone": "d"}),
        cache=dev.cache.model_copy(update={"zones": ("d", "a", "c")}),
    ):
        yield applied.apply("dev")


class TestInOtherZones:
    """Other zones, applied and reverted."""

    def test_databases_stay_and_only_the_volume_and_nat_gateway_are_replaced(self, moved: dict[str, Any]) -> None:
        planned = planned_changes(moved)
        replaced = {address for address, actions in planned.items() if "delete" in actions}
        assert replaced == {"aws_ebs_volume.monitoring_data_volume", "aws_nat_gateway.network_nat"}
        assert "aws_db_instance.database_instance" not in planned

    @pytest.mark.usefixtures("moved")
    def test_the_monitoring_group_and_its_volume_are_in_the_same_new_zone(self, applied: Applied) -> None:
        ec2, named = applied.client("ec2"), [{"Name": "tag:Name", "Values": ["wealist-dev-monitoring-data"]}]
        (volume,) = ec2.describe_volumes(Filters=named)["Volumes"]
        groups = applied.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=["wealist-dev-monitoring-asg"]
        )["AutoScalingGroups"]
        assert [group["AvailabilityZones"] for group in groups] == [[volume["AvailabilityZone"]]]
        assert volume["AvailabilityZone"] == "ap-northeast-2a"

    @pytest.mark.usefixtures("moved")
    def test_a_second_plan_has_no_changes(self, applied: Applied) -> None:
        assert planned_changes(applied.plan("dev")) == {}


def test_another_instance_type_updates_the_launch_template_in_place(
    applied: Applied,
) -> None:
    backend = environment("dev").backend.model_copy(update={"instance_type": "t3.medium"})
    with applied.variant(backend=backend):
        planned = planned_changes(applied.plan("dev", UNREFRESHED))
    assert types_of(planned) == {"aws_launch_template", "aws_autoscaling_group"}
    assert set(planned.values()) == {("update",)}


def test_a_larger_data_volume_is_resized_in_place_with_prometheus_retention(applied: Applied) -> None:
    monitoring = environment("dev").monitoring.model_copy(update={"data_volume_gib": 40})
    with applied.variant(monitoring=monitoring):
        planned = planned_changes(applied.plan("dev", UNREFRESHED))
    assert set(planned.values()) == {("update",)}
    assert {address.partition("[")[0].partition(".")[0] for address in planned} == {
        "aws_ebs_volume",
        "aws_s3_object",
        "aws_launch_template",
        "aws_autoscaling_group",
    }


def alarms_and_topics(applied: Applied) -> dict[str, tuple[int, int]]:
    """Return region → number of alarms and of topics."""
    return {
        region: (
            len(applied.client("cloudwatch", region).describe_alarms(MaxRecords=100)["MetricAlarms"]),
            len(applied.client("sns", region).list_topics()["Topics"]),
        )
        for region in ("ap-northeast-2", "us-east-1")
    }


def test_alerts_are_created_and_destroyed_completely(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> None:
    # As after `wealist accept`: the inventory has the addresses that leave the code.
    monkeypatch.setattr(foreign_state, "unknown_addresses", lambda *_arguments: [])
    with applied.variant(alerts=Alerts(emails=("operators@wealist.co.kr",))):
        assert set(planned_changes(applied.apply("dev")).values()) == {("create",), ("update",)}
        assert planned_changes(applied.plan("dev")) == {}
        created = alarms_and_topics(applied)
        assert {region: topics for region, (_, topics) in created.items()} == {"ap-northeast-2": 1, "us-east-1": 1}
        assert all(alarms for alarms, _ in created.values())
    assert alarms_and_topics(applied) == {"ap-northeast-2": (0, 0), "us-east-1": (0, 0)}


def test_a_new_service_adds_its_resources_and_replaces_none(applied: Applied, chat: Service) -> None:
    with applied.variant(services=(*environment("dev").services, chat)):
        planned = planned_changes(applied.plan("dev", UNREFRESHED))
    assert planned == dict.fromkeys(ADDED_FOR_A_SERVICE, ("create",)) | dict.fromkeys(
        UPDATED_FOR_A_SERVICE, ("update",)
    )


def test_a_third_environment_changes_only_the_pipelines_roles(
    applied: Applied,
) -> None:
    staging = environment(
        "dev",
        name="staging",
        network=Network(cidr="10.2.0.0/16"),
        site=Endpoint(domain="staging.wealist.co.kr"),
        api=Endpoint(domain="api.staging.wealist.co.kr"),
    )
    others = {name: configuration(applied, name) for name in ("bootstrap", "dev", "prod")}
    with applied.with_one_more(staging):
        assert {name: configuration(applied, name) for name in others} == others
        plans = {stack: planned_changes(applied.plan(stack, UNREFRESHED)) for stack in ("staging", "account")}
    assert plans == {
        "staging": dict.fromkeys(planned_changes(applied.first["dev"]), ("create",)),
        # The apply role's trust and its buckets, and a new plan role.
        "account": dict.fromkeys(
            ("aws_iam_policy.pipeline_apply_buckets_policy", "aws_iam_role.pipeline_apply_role"), ("update",)
        )
        | dict.fromkeys((f"{kind}.pipeline_plan_staging_{part}" for kind, part in PLAN_ROLE_PARTS), ("create",)),
    }


def configuration(applied: Applied, stack: str) -> str:
    """Return the configuration of a stack."""
    return (applied.folder(stack) / "cdk.tf.json").read_text()
