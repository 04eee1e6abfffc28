"""Changes of settings reach AWS as asked for, and touch nothing else.

That dev is as before after all this, and prod was never touched, is what `test_drift` and `test_life` find.
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
"""By which new instances install them, where a service is deployed in place."""
HEALTH = {"aws_autoscaling_policy", "aws_launch_template", "aws_lb_target_group"}
LIVENESS = "/api/users/actuator/health/liveness"
OF_PLANNING = (
    ("aws_iam_role", "role"),
    ("aws_iam_policy", "read_policy"),
    ("aws_iam_policy", "state_policy"),
    ("aws_iam_role_policy_attachment", "read_attachment"),
    ("aws_iam_role_policy_attachment", "state_attachment"),
)
"""What lets a stack be planned, by the ends of addresses."""
OF_A_NEW_SERVICE = (
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
TOLD_OF_A_NEW_SERVICE = (
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
    """Dev with Multi-AZ, blue/green deployments, liveness and a long life on, and a larger backend: its plan."""
    backend = environment("dev").backend.model_copy(update={"max_size": 4, "desired_capacity": 2})
    user, board = environment("dev").services
    slow = user.model_copy(update={"liveness_path": LIVENESS, "healthy_within_seconds": 300})
    health = {"services": (slow, board), "max_instance_lifetime_days": 90}
    with applied.variant(enable_multi_az=True, deployment="blue_green", backend=backend, **health):
        yield applied.apply("dev")


class TestSwitchedOn:
    """Several settings, switched on for real, looked at, and off again."""

    def test_each_setting_touches_its_own_parts_alone_and_replaces_nothing(self, on: dict[str, Any]) -> None:
        planned = planned_changes(on)
        updated = {address for address in planned if planned[address] == ("update",)}
        assert types_of(updated) == MULTI_AZ | SCALED | BLUE_GREEN | HEALTH
        assert {address: planned[address] for address in planned.keys() - updated} == dict.fromkeys(
            LAST_REVISIONS, ("delete",)
        )

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
    def test_the_backend_may_grow_while_scaling_owns_the_number_of_its_instances(self, applied: Applied) -> None:
        wanted = ["wealist-dev-backend-asg"]
        found = applied.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=wanted)
        (group,) = found["AutoScalingGroups"]
        # `ignore_changes` once they run.
        assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 4, 1)

    @pytest.mark.usefixtures("on")
    def test_instances_may_then_be_slow_to_start_and_live_for_long(self, applied: Applied) -> None:
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

    @pytest.mark.usefixtures("on")
    def test_the_load_balancer_then_asks_for_liveness(self, applied: Applied) -> None:
        found = applied.client("elbv2").describe_target_groups(Names=["wealist-dev-user-tg", "wealist-dev-board-tg"])
        paths = {each["TargetGroupName"]: each["HealthCheckPath"] for each in found["TargetGroups"]}
        assert paths == {"wealist-dev-user-tg": LIVENESS, "wealist-dev-board-tg": "/api/boards/health"}

    @pytest.mark.usefixtures("on")
    def test_switching_multi_az_off_after_a_failover_touches_the_same_two_and_replaces_nothing(
        self, applied: Applied
    ) -> None:
        with failed_over(applied), applied.variant():
            planned = planned_changes(applied.plan("dev"))
        assert {address: planned[address] for address in planned if address.split(".")[0] in MULTI_AZ} == {
            "aws_db_instance.database_instance": ("update",),
            "aws_elasticache_replication_group.cache_replication_group": ("update",),
        }
        created = {address for address in planned if planned[address] == ("create",)}
        assert (created, set(planned.values())) == (LAST_REVISIONS, {("update",), ("create",)})

    @pytest.mark.usefixtures("on")
    def test_it_is_complete(self, applied: Applied) -> None:
        assert planned_changes(applied.plan("dev")) == {}


@pytest.fixture(scope="class")
def elsewhere(applied: Applied) -> Iterator[dict[str, Any]]:
    """Dev with everything that has a zone of its own in another one: the plan it was applied by."""
    dev = environment("dev")
    with applied.variant(
        network=dev.network.model_copy(update={"nat_zone": "c", "endpoint_zones": ("a", "c")}),
        monitoring=dev.monitoring.model_copy(update={"zone": "a"}),
        database=dev.database.model_copy(update={"zone": "d"}),
        cache=dev.cache.model_copy(update={"zones": ("d", "a", "c")}),
    ):
        yield applied.apply("dev")


class TestInOtherZones:
    """Zones, chosen anew for real, looked at, and chosen back."""

    def test_stores_stay_where_they_are_and_what_cannot_move_is_replaced(self, elsewhere: dict[str, Any]) -> None:
        planned = planned_changes(elsewhere)
        replaced = {address for address, actions in planned.items() if "delete" in actions}
        assert replaced == {"aws_ebs_volume.monitoring_data_volume", "aws_nat_gateway.network_nat"}
        assert "aws_db_instance.database_instance" not in planned

    @pytest.mark.usefixtures("elsewhere")
    def test_the_monitoring_group_and_its_volume_are_in_the_new_zone(self, applied: Applied) -> None:
        ec2, named = applied.client("ec2"), [{"Name": "tag:Name", "Values": ["wealist-dev-monitoring-data"]}]
        (volume,) = ec2.describe_volumes(Filters=named)["Volumes"]
        groups = applied.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=["wealist-dev-monitoring-asg"]
        )["AutoScalingGroups"]
        assert [group["AvailabilityZones"] for group in groups] == [[volume["AvailabilityZone"]]]
        assert volume["AvailabilityZone"] == "ap-northeast-2a"

    @pytest.mark.usefixtures("elsewhere")
    def test_it_is_complete(self, applied: Applied) -> None:
        assert planned_changes(applied.plan("dev")) == {}


def test_a_larger_instance_type_makes_a_new_version_of_the_launch_template_and_replaces_no_resource(
    applied: Applied,
) -> None:
    backend = environment("dev").backend.model_copy(update={"instance_type": "t3.medium"})
    with applied.variant(backend=backend):
        planned = planned_changes(applied.plan("dev", UNREFRESHED))
    assert types_of(planned) == {"aws_launch_template", "aws_autoscaling_group"}
    assert set(planned.values()) == {("update",)}


def test_a_larger_data_volume_grows_in_place_and_prometheus_is_told(applied: Applied) -> None:
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
    """Region → how many alarms and topics there are."""
    return {
        region: (
            len(applied.client("cloudwatch", region).describe_alarms(MaxRecords=100)["MetricAlarms"]),
            len(applied.client("sns", region).list_topics()["Topics"]),
        )
        for region in ("ap-northeast-2", "us-east-1")
    }


def test_alerts_come_whole_and_go_whole(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> None:
    # As after `wealist accept`: the inventory has the addresses that leave the code.
    monkeypatch.setattr(foreign_state, "unknown_addresses", lambda *_arguments: [])
    with applied.variant(alerts=Alerts(emails=("operators@wealist.co.kr",))):
        assert set(planned_changes(applied.apply("dev")).values()) == {("create",), ("update",)}
        assert planned_changes(applied.plan("dev")) == {}
        there = alarms_and_topics(applied)
        assert {region: topics for region, (_, topics) in there.items()} == {"ap-northeast-2": 1, "us-east-1": 1}
        assert all(alarms for alarms, _ in there.values())
    assert alarms_and_topics(applied) == {"ap-northeast-2": (0, 0), "us-east-1": (0, 0)}


def test_a_new_service_gets_its_own_parts_and_replaces_nobody_elses(applied: Applied, chat: Service) -> None:
    with applied.variant(services=(*environment("dev").services, chat)):
        planned = planned_changes(applied.plan("dev", UNREFRESHED))
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
    others = {name: configuration(applied, name) for name in ("bootstrap", "dev", "prod")}
    with applied.with_one_more(staging):
        assert {name: configuration(applied, name) for name in others} == others
        plans = {stack: planned_changes(applied.plan(stack, UNREFRESHED)) for stack in ("staging", "account")}
    assert plans == {
        "staging": dict.fromkeys(planned_changes(applied.first["dev"]), ("create",)),
        # Who may apply, and whose buckets may be emptied; and a role that plans it.
        "account": dict.fromkeys(
            ("aws_iam_policy.pipeline_apply_buckets_policy", "aws_iam_role.pipeline_apply_role"), ("update",)
        )
        | dict.fromkeys((f"{kind}.pipeline_plan_staging_{part}" for kind, part in OF_PLANNING), ("create",)),
    }


def configuration(applied: Applied, stack: str) -> str:
    """What Terraform would plan a stack from."""
    return (applied.folder(stack) / "cdk.tf.json").read_text()
