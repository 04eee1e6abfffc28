from functools import partial
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import account
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION


@pytest.fixture
def ec2() -> Any:
    return client("ec2")


def test_instance_metadata_defaults_can_be_set_and_removed(ec2: Any, replace: Replace) -> None:
    account.instance_metadata_defaults_exist(replace)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}
    assert ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)["Return"]
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
    }
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}


def test_public_snapshots_can_be_blocked_and_unblocked(ec2: Any, replace: Replace) -> None:
    account.public_snapshots_and_images_can_be_blocked(replace)
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ec2.enable_snapshot_block_public_access(State="block-all-sharing")["State"] == "block-all-sharing"
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"


def test_public_images_are_blocked_in_one_region_only(ec2: Any, replace: Replace) -> None:
    account.public_snapshots_and_images_can_be_blocked(replace)
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert elsewhere("ec2").get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"


def test_serial_console_access_is_off_by_default(ec2: Any, replace: Replace) -> None:
    account.serial_console_access_can_be_changed(replace)
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    assert ec2.enable_serial_console_access()["SerialConsoleAccessEnabled"] is True
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"] is False


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


def test_budget_subscribers_are_listed(budgets: Any, replace: Replace) -> None:
    account.budget_subscribers_can_be_listed(replace)
    (notification,) = budgets.describe_notifications_for_budget(**OF_BUDGET)["Notifications"]
    found = budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=notification)["Subscribers"]
    assert found == [{"SubscriptionType": "SNS", "Address": TOPIC}]


def test_unknown_notifications_have_no_subscribers(budgets: Any, replace: Replace) -> None:
    account.budget_subscribers_can_be_listed(replace)
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=SPENT | {"Threshold": 50.0})


def test_an_updated_budget_keeps_its_notifications(budgets: Any, replace: Replace) -> None:
    account.budgets_can_be_updated(replace)
    budgets.update_budget(AccountId=ACCOUNT_ID, NewBudget=limited("250"))
    assert budgets.describe_budget(**OF_BUDGET)["Budget"]["BudgetLimit"]["Amount"] == "250"
    assert len(budgets.describe_notifications_for_budget(**OF_BUDGET)["Notifications"]) == 1


def test_unknown_budgets_cannot_be_updated(replace: Replace) -> None:
    account.budgets_can_be_updated(replace)
    with pytest.raises(ClientError, match="NotFoundException"):
        client("budgets").update_budget(AccountId=ACCOUNT_ID, NewBudget=limited("250"))


def test_a_budget_keeps_its_tags(replace: Replace, request: pytest.FixtureRequest) -> None:
    account.budgets_have_tags(replace)
    budgets = request.getfixturevalue("budgets")
    budgets.tag_resource(ResourceARN=ARN, ResourceTags=[{"Key": "Project", "Value": "wealist"}])
    budgets.untag_resource(ResourceARN=ARN, ResourceTagKeys=["Name"])
    assert budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"] == [{"Key": "Project", "Value": "wealist"}]


elsewhere = partial(boto3.client, region_name=CDN_CERTIFICATE_REGION)
WRITES = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}


def trail(*, everywhere: bool) -> str:
    """The ARN of a trail that selects writes."""
    client("s3").create_bucket(Bucket="records", CreateBucketConfiguration={"LocationConstraint": REGION})
    trails = client("cloudtrail")
    made = trails.create_trail(Name="records", S3BucketName="records", IsMultiRegionTrail=everywhere)
    trails.put_event_selectors(TrailName="records", EventSelectors=[WRITES])
    return str(made["TrailARN"])


def selected(client: Any, name: str) -> list[str]:
    return [each["ReadWriteType"] for each in client.get_event_selectors(TrailName=name)["EventSelectors"]]


def test_moto_alone_shows_a_multi_region_trail_only_in_its_own_region() -> None:
    arn = trail(everywhere=True)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), arn)


def test_event_selectors_of_a_multi_region_trail_are_visible_in_every_region(replace: Replace) -> None:
    account.multi_region_trails_are_visible_in_every_region(replace)
    arn = trail(everywhere=True)
    assert selected(client("cloudtrail"), "records") == selected(client("cloudtrail"), arn) == ["WriteOnly"]
    assert selected(elsewhere("cloudtrail"), arn) == ["WriteOnly"]


@pytest.mark.parametrize("name", ["records", "arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/none"])
def test_other_regions_find_trails_only_by_existing_arns(name: str, replace: Replace) -> None:
    account.multi_region_trails_are_visible_in_every_region(replace)
    trail(everywhere=True)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), name)


def test_single_region_trails_are_unknown_in_other_regions(replace: Replace) -> None:
    account.multi_region_trails_are_visible_in_every_region(replace)
    arn = trail(everywhere=False)
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        selected(elsewhere("cloudtrail"), arn)
