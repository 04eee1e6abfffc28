from functools import partial
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.emulator.corrections import alerts
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import ACCOUNT_ID, REGION

client = partial(boto3.client, region_name=REGION)

TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:alerts"
ARN: Final = f"arn:aws:budgets::{ACCOUNT_ID}:budget/costs"
SPENT: Final = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 100.0,
    "ThresholdType": "PERCENTAGE",
}


def limited(amount: str) -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": "costs", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}


@pytest.fixture
def budgets() -> Any:
    budgets = client("budgets")
    budgets.create_budget(
        AccountId=ACCOUNT_ID,
        Budget=limited("400"),
        NotificationsWithSubscribers=[
            {"Notification": SPENT, "Subscribers": [{"SubscriptionType": "SNS", "Address": TOPIC}]}
        ],
        ResourceTags=[{"Key": "Name", "Value": "costs"}],
    )
    return budgets


OF_BUDGET: Final = {"AccountId": ACCOUNT_ID, "BudgetName": "costs"}


def test_moto_alone_cannot_be_asked_who_is_told_of_a_budget(budgets: Any) -> None:
    with pytest.raises((ClientError, NotImplementedError)):
        budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=SPENT)


def test_a_budget_names_who_is_told(budgets: Any, replace: Replace) -> None:
    alerts.budgets_name_their_subscribers(replace)
    (notification,) = budgets.describe_notifications_for_budget(**OF_BUDGET)["Notifications"]
    found = budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=notification)["Subscribers"]
    assert found == [{"SubscriptionType": "SNS", "Address": TOPIC}]


def test_a_notification_that_there_is_not_has_no_subscribers(budgets: Any, replace: Replace) -> None:
    alerts.budgets_name_their_subscribers(replace)
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=SPENT | {"Threshold": 50.0})


def test_a_budget_takes_another_limit_and_keeps_its_notifications(budgets: Any, replace: Replace) -> None:
    alerts.budgets_can_be_changed(replace)
    budgets.update_budget(AccountId=ACCOUNT_ID, NewBudget=limited("250"))
    assert budgets.describe_budget(**OF_BUDGET)["Budget"]["BudgetLimit"]["Amount"] == "250"
    assert len(budgets.describe_notifications_for_budget(**OF_BUDGET)["Notifications"]) == 1


def test_a_budget_that_there_is_not_cannot_be_changed(replace: Replace) -> None:
    alerts.budgets_can_be_changed(replace)
    with pytest.raises(ClientError, match="NotFoundException"):
        client("budgets").update_budget(AccountId=ACCOUNT_ID, NewBudget=limited("250"))


def test_a_budget_keeps_its_tags(replace: Replace, request: pytest.FixtureRequest) -> None:
    alerts.budgets_have_tags(replace)
    budgets = request.getfixturevalue("budgets")
    budgets.tag_resource(ResourceARN=ARN, ResourceTags=[{"Key": "Project", "Value": "wealist"}])
    budgets.untag_resource(ResourceARN=ARN, ResourceTagKeys=["Name"])
    assert budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"] == [{"Key": "Project", "Value": "wealist"}]


def subscribed() -> Any:
    rds = client("rds")
    rds.create_event_subscription(
        SubscriptionName="events",
        SnsTopicArn=TOPIC,
        SourceType="db-instance",
        EventCategories=["failover"],
        Enabled=True,
    )
    return rds


def test_a_subscription_to_events_is_changed(replace: Replace) -> None:
    alerts.event_subscriptions_can_be_changed(replace)
    rds = subscribed()
    rds.modify_event_subscription(SubscriptionName="events", EventCategories=["failure"], Enabled=False)
    rds.add_source_identifier_to_subscription(SubscriptionName="events", SourceIdentifier="one")
    rds.add_source_identifier_to_subscription(SubscriptionName="events", SourceIdentifier="two")
    rds.remove_source_identifier_from_subscription(SubscriptionName="events", SourceIdentifier="one")
    (found,) = rds.describe_event_subscriptions(SubscriptionName="events")["EventSubscriptionsList"]
    assert (found["EventCategoriesList"], found["Enabled"], found["SourceIdsList"]) == (["failure"], False, ["two"])
    assert found["SnsTopicArn"] == TOPIC


@pytest.mark.parametrize(("stopped", "left"), [(["GroupMinSize"], ["GroupMaxSize"]), ([], [])])
def test_a_group_reports_no_more_what_it_is_told_not_to(replace: Replace, stopped: list[str], left: list[str]) -> None:
    alerts.groups_stop_reporting(replace)
    scaling = client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="made", ImageId="ami-03cf127a", InstanceType="t3.small")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="made",
        LaunchConfigurationName="made",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[f"{REGION}a"],
    )
    group = {"AutoScalingGroupName": "made"}
    scaling.enable_metrics_collection(**group, Granularity="1Minute", Metrics=["GroupMinSize", "GroupMaxSize"])
    scaling.disable_metrics_collection(**group, **({"Metrics": stopped} if stopped else {}))
    (found,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [each["Metric"] for each in found["EnabledMetrics"]] == left
