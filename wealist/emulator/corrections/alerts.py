"""What alerts rest on: budgets, events of databases, and the metrics of Auto Scaling groups.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

import json
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget
from moto.budgets.responses import BudgetsResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.rds.responses import RDSResponse

from wealist.emulator.corrections.replace import Correction, Replace


def budgets_name_their_subscribers(replace: Replace) -> None:
    """Who is told of a budget can be asked; moto keeps the subscribers, and has no such call.

    Terraform reads them with the notifications.
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeSubscribersForNotification.html
    """

    def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
        wanted = self._get_param("Notification")
        budget = _budget(self, self._get_param("AccountId"), self._get_param("BudgetName"))
        for notification in budget.notifications:
            if wanted.items() <= notification.details.items():
                return json.dumps({"Subscribers": notification.subscribers})
        raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")

    replace(BudgetsResponse, "describe_subscribers_for_notification", describe_subscribers_for_notification)


def budgets_can_be_changed(replace: Replace) -> None:
    """A budget takes another limit, and keeps its notifications; moto has no such call.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html
    """

    def update_budget(self: BudgetsResponse) -> str:
        new = self._get_param("NewBudget")
        _budget(self, self._get_param("AccountId"), new["BudgetName"]).budget.update(new)
        return json.dumps({})

    replace(BudgetsResponse, "update_budget", update_budget)


def budgets_have_tags(replace: Replace) -> None:
    """A budget keeps the tags that it is created with, and gets others; moto knows none.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ListTagsForResource.html
    """
    create = BudgetsResponse.create_budget

    def create_budget(self: BudgetsResponse) -> str:
        answer = create(self)
        budget = _budget(self, self._get_param("AccountId"), self._get_param("Budget")["BudgetName"])
        vars(budget)["tags"] = {each["Key"]: each["Value"] for each in self._get_param("ResourceTags", [])}
        return answer

    def list_tags_for_resource(self: BudgetsResponse) -> str:
        tags = [{"Key": key, "Value": value} for key, value in _tags(self).items()]
        return json.dumps({"ResourceTags": tags})

    def tag_resource(self: BudgetsResponse) -> str:
        _tags(self).update({each["Key"]: each["Value"] for each in self._get_param("ResourceTags")})
        return json.dumps({})

    def untag_resource(self: BudgetsResponse) -> str:
        for key in self._get_param("ResourceTagKeys"):
            _tags(self).pop(key, None)
        return json.dumps({})

    for action in (create_budget, list_tags_for_resource, tag_resource, untag_resource):
        replace(BudgetsResponse, action.__name__, action)


def _budget(asked: BudgetsResponse, account: str, name: str) -> Budget:
    if name not in asked.backend.budgets[account]:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return asked.backend.budgets[account][name]


def _tags(asked: BudgetsResponse) -> dict[str, str]:
    _, _, _, _, account, resource = str(asked._get_param("ResourceARN")).split(":")  # noqa: SLF001 -- as moto's own actions do
    tags: dict[str, str] = vars(_budget(asked, account, resource.removeprefix("budget/"))).setdefault("tags", {})
    return tags


def groups_stop_reporting(replace: Replace) -> None:
    """A group reports the metrics no more that are named, or none at all where none is; moto has no such call.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DisableMetricsCollection.html
    """

    def disable_metrics_collection(self: AutoScalingResponse) -> ActionResult:
        name = str(self._get_param("AutoScalingGroupName"))
        (group,) = self.autoscaling_backend.describe_auto_scaling_groups([name])
        named = self._get_param("Metrics") or group.metrics
        group.metrics = [metric for metric in group.metrics if metric not in named]
        return EmptyResult()

    replace(AutoScalingResponse, "disable_metrics_collection", disable_metrics_collection)


def event_subscriptions_can_be_changed(replace: Replace) -> None:
    """A subscription takes another topic, other categories and sources; moto has no such calls.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyEventSubscription.html
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddSourceIdentifierToSubscription.html
    """

    def changing(change: str) -> None:
        def action(self: RDSResponse) -> ActionResult:
            (subscription,) = self.backend.describe_event_subscriptions(self.params["SubscriptionName"])
            _change_subscription(subscription, change, self.params)
            return ActionResult({"EventSubscription": subscription})

        replace(RDSResponse, change, action)

    for name in (
        "modify_event_subscription",
        "add_source_identifier_to_subscription",
        "remove_source_identifier_from_subscription",
    ):
        changing(name)


def _change_subscription(subscription: Any, change: str, asked: Any) -> None:  # noqa: ANN401 -- moto's own
    source = asked.get("SourceIdentifier")
    if change.startswith("add_"):
        subscription.source_ids = [*subscription.source_ids, source]
    elif change.startswith("remove_"):
        subscription.source_ids = [each for each in subscription.source_ids if each != source]
    else:
        subscription.sns_topic_arn = asked.get("SnsTopicArn", subscription.sns_topic_arn)
        subscription.source_type = asked.get("SourceType", subscription.source_type)
        subscription.event_categories = asked.get("EventCategories", subscription.event_categories)
        subscription.enabled = asked.get("Enabled", subscription.enabled)


CORRECTIONS: tuple[Correction, ...] = (
    budgets_name_their_subscribers,
    budgets_can_be_changed,
    budgets_have_tags,
    groups_stop_reporting,
    event_subscriptions_can_be_changed,
)
