"""Alerts: topics, subscriptions, alarms and RDS events."""

import json
from typing import Final

import pytest

from tests.policies import allows, grants_of
from tests.synthesized import Resource, Stack, address_of, all_changed, environment, stacks, synthesized
from wealist.constructs.alarms import rows
from wealist.spec.environment import Alerts

ACCOUNT: Final = "290008131187"
EMAILS: Final = ("first.last@wealist.co.kr", "operators@wealist.co.kr")
OF_ALERTS: Final = (
    "aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription", "aws_cloudwatch_metric_alarm",
    "aws_db_event_subscription",
)  # fmt: skip
SITE: Final = {"wealist-prod-site-errors", "wealist-prod-certificate-site"}
"""Alarms in us-east-1."""


@pytest.fixture(scope="module")
def prod() -> Stack:
    """Production with alerts, an external database and one of each resource."""
    return synthesized(environment("prod", alerts=Alerts(emails=EMAILS)))


@pytest.fixture(scope="module")
def multiplied() -> Stack:
    """Production with a managed database, five nodes of Redis and a NAT gateway in each zone."""
    return synthesized(all_changed("prod"))


def alarms(stack: Stack) -> dict[str, Resource]:
    return {alarm["alarm_name"]: alarm for alarm in stack.all("aws_cloudwatch_metric_alarm")}


def dimensions(alarm: Resource) -> dict[str, str]:
    """Return the dimensions of an alarm on one or several metrics."""
    metrics = [query["metric"] for query in alarm.get("metric_query", []) if "metric" in query] or [alarm]
    (one,) = {json.dumps(metric["dimensions"], sort_keys=True) for metric in metrics}
    return dict(json.loads(one))


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_without_alerts_no_resource_of_alerts_is_created(name: str) -> None:
    stack = stacks()[name]
    assert [address for kind in OF_ALERTS for address in stack.all(kind)] == []
    assert len(stack.all("aws_kms_key")) == 1
    assert all("enabled_metrics" not in group for group in stack.all("aws_autoscaling_group"))
    assert all("topic_arn" not in module["monitoring"] for module in stack.modules.values())


# Topics


def test_every_address_subscribes_in_both_regions(prod: Stack) -> None:
    subscriptions = {
        (prod.region(each), each["protocol"], each["endpoint"], prod.region(prod.target(each, "topic_arn")))
        for each in prod.all("aws_sns_topic_subscription")
    }
    regions = ("ap-northeast-2", "us-east-1")
    assert subscriptions == {(region, "email", email, region) for region in regions for email in EMAILS}


def test_each_topic_has_its_own_key_in_its_region(prod: Stack) -> None:
    topics = prod.all("aws_sns_topic")
    keys = {topic["name"]: prod.target(topic, "kms_master_key_id") for topic in topics}
    assert len({key.address for key in keys.values()} | {"aws_kms_key.encryption_key"}) == 3
    for topic in topics:
        key, region = keys[topic["name"]], prod.region(topic)
        assert prod.region(key) == region
        condition = key.statements()["PublishersEncrypt"]["Condition"]["StringEquals"]
        assert condition == {
            "kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{region}:{ACCOUNT}:{topic['name']}"
        }


def test_publishers_may_use_the_key_and_are_limited_to_this_account(prod: Stack) -> None:
    for policy in prod.all("aws_sns_topic_policy"):
        key = prod.target(prod.target(policy, "arn"), "kms_master_key_id")
        statements = policy.statements().values()
        publishers = [statement["Principal"]["Service"] for statement in statements]
        assert key.statements()["PublishersEncrypt"]["Principal"]["Service"] == publishers
        assert all(ACCOUNT in json.dumps(statement["Condition"]) for statement in statements)
        assert {action for statement in statements for action in statement["Action"]} == {"sns:Publish"}


def test_only_alarms_of_the_environment_may_publish(prod: Stack) -> None:
    for policy in prod.all("aws_sns_topic_policy"):
        source = policy.statements()["CloudwatchPublishes"]["Condition"]["ArnLike"]["aws:SourceArn"]
        assert source == f"arn:aws:cloudwatch:{prod.region(policy)}:{ACCOUNT}:alarm:wealist-prod-*"
    assert all(name.startswith("wealist-prod-") for name in alarms(prod))


def test_alertmanager_may_publish_to_its_topic_only(prod: Stack) -> None:
    role = grants_of(prod, "wealist-prod-ec2-role")
    arn = prod.at("module.monitoring_fleet_bootstrap")["monitoring"]["topic_arn"]
    topic = prod.only("aws_sns_topic", name=arn.rpartition(":")[2])
    key = f"{prod.target(topic, 'kms_master_key_id').address}.arn"
    assert allows(role, "sns:Publish", arn)
    assert all(allows(role, action, key) for action in ("kms:GenerateDataKey", "kms:Decrypt"))
    assert not allows(role, "sns:Publish", arn.replace("prod", "dev"))
    assert not allows(role, "sns:Subscribe", arn)
    assert not allows(role, "kms:GenerateDataKey", "aws_kms_key.encryption_key.arn")


def test_alertmanager_reaches_sns_through_the_nat_gateway(prod: Stack) -> None:
    """The VPC has no endpoint of SNS."""
    assert not [each for each in prod.all("aws_vpc_endpoint") if ".sns" in each["service_name"]]
    (subnet,) = list(prod.at("aws_autoscaling_group.monitoring_fleet_asg").refers_to("vpc_zone_identifier"))
    (association,) = prod.pointing_at(prod.at(subnet), "aws_route_table_association", "subnet_id")
    table = prod.target(association, "route_table_id")
    routes = prod.pointing_at(table, "aws_route", "route_table_id")
    assert [
        address_of(route["nat_gateway_id"]) for route in routes if route["destination_cidr_block"] == "0.0.0.0/0"
    ] == ["aws_nat_gateway.network_nat"]
    template = prod.at("aws_launch_template.monitoring_fleet_launch_template")
    (group,) = template["network_interfaces"][0]["security_groups"]
    sends = prod.pointing_at(prod.at(address_of(group)), "aws_vpc_security_group_egress_rule", "security_group_id")
    assert [rule["from_port"] for rule in sends if rule.get("cidr_ipv4") == "0.0.0.0/0"] == [443]


# Alarms


def test_every_alarm_publishes_its_begin_and_end_to_the_topic_of_its_region(prod: Stack) -> None:
    for name, alarm in alarms(prod).items():
        assert alarm["alarm_actions"] == alarm["ok_actions"]
        (topic,) = list(alarm.refers_to("alarm_actions"))
        assert prod.region(prod.at(topic)) == prod.region(alarm)
        assert prod.region(alarm) == ("us-east-1" if name in SITE else "ap-northeast-2")


def test_every_kind_of_alarm_is_created(prod: Stack) -> None:
    assert {
        kind for kind in rows() if not any(name.startswith(f"wealist-prod-{kind}") for name in alarms(prod))
    } == set()


def test_each_of_several_resources_has_its_alarms(multiplied: Stack) -> None:
    watched = [
        (alarm["alarm_name"].removeprefix("wealist-prod-"), dimensions(alarm)) for alarm in alarms(multiplied).values()
    ]
    nodes = {f"wealist-prod-redis-{number:03}" for number in range(1, 6)}
    for kind in ("redis-memory", "redis-evictions"):
        assert {each["CacheClusterId"] for name, each in watched if name.startswith(kind)} == nodes
    gateways = {f"${{{nat.address}.id}}" for nat in multiplied.all("aws_nat_gateway")}
    assert len(gateways) == 3
    assert {each["NatGatewayId"] for name, each in watched if name.startswith("nat-ports")} == gateways
    for kind in ("targets-none", "targets-unhealthy"):
        groups = {f"${{{group.address}.arn_suffix}}" for group in multiplied.all("aws_lb_target_group")}
        assert {each["TargetGroup"] for name, each in watched if name.startswith(kind)} == groups
    scaled = {f"${{{group.address}.name}}" for group in multiplied.all("aws_autoscaling_group")}
    assert {each["AutoScalingGroupName"] for name, each in watched if name.startswith("instances-missing")} == scaled


def test_groups_publish_the_metrics_of_the_alarm_on_missing_instances(prod: Stack) -> None:
    compared = set(rows()["instances-missing"]["metrics"].values())
    for group in prod.all("aws_autoscaling_group"):
        assert set(group["enabled_metrics"]) == compared


def test_the_storage_alarm_is_below_the_limit_at_which_rds_enlarges_storage(prod: Stack, multiplied: Stack) -> None:
    """RDS enlarges storage when less than 10 % is free. The storage of an external database is unknown."""
    storage = "wealist-prod-database-storage"
    allocated = multiplied.only("aws_db_instance")["allocated_storage"]
    assert 0 < alarms(multiplied)[storage]["threshold"] < allocated * 1024**3 / 10
    assert alarms(prod)[storage]["threshold"] == 1024**3


@pytest.mark.parametrize("kind", ["targets-none", "database-cpu", "redis-primary"])
def test_missing_data_counts_as_an_outage(kind: str) -> None:
    assert rows()[kind]["missing"] == "breaching"


# Events and costs


def test_events_of_a_managed_database_are_subscribed_by_its_name(multiplied: Stack) -> None:
    subscription = multiplied.only("aws_db_event_subscription", source_type="db-instance")
    assert subscription["source_ids"] == [multiplied.only("aws_db_instance")["identifier"]]
    assert {"failover", "failure", "low storage"} <= set(subscription["event_categories"])


def test_events_of_an_external_database_are_subscribed_for_all_databases(prod: Stack) -> None:
    assert [each for each in prod.all("aws_db_event_subscription") if "source_ids" in each] == []


def test_changes_of_parameter_groups_and_security_groups_are_subscribed(prod: Stack) -> None:
    subscribed = {each["source_type"]: set(each["event_categories"]) for each in prod.all("aws_db_event_subscription")}
    assert subscribed["db-parameter-group"] == {"configuration change"}
    assert subscribed["db-security-group"] == {"configuration change", "failure"}


def test_redis_has_no_notification_topic(prod: Stack) -> None:
    """It could not publish to an encrypted one: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html."""
    assert "notification_topic_arn" not in prod.only("aws_elasticache_replication_group")


def test_event_subscriptions_are_created_after_the_policy_of_the_topic(prod: Stack) -> None:
    """RDS rejects a topic without the right to publish to it."""
    waits = {tuple(each["depends_on"]) for each in prod.all("aws_db_event_subscription")}
    assert waits == {("aws_sns_topic_policy.alert_policy",)}
