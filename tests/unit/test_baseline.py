"""The account's baseline: free and cheap parts are on by default, expensive ones are off."""

import json
from typing import Final

import pytest

from tests.policies import allows, grants_of
from tests.synthesized import Stack, account_of, environment, tags
from wealist.spec.baseline import Baseline, Budget, SecurityContact

FREE: Final = {
    "encrypt_volumes": "aws_ebs_encryption_by_default",
    "block_public_buckets": "aws_s3_account_public_access_block",
    "require_imdsv2": "aws_ec2_instance_metadata_defaults",
    "block_public_snapshots": "aws_ebs_snapshot_block_public_access",
    "block_public_images": "aws_ec2_image_block_public_access",
    "close_serial_console": "aws_ec2_serial_console_access",
    "strong_passwords": "aws_iam_account_password_policy",
    "find_external_access": "aws_accessanalyzer_analyzer",
    "empty_default_network": "aws_default_security_group",
}
COSTING: Final = (
    "aws_guardduty_detector", "aws_securityhub_account", "aws_config_configuration_recorder",
    "aws_ecr_registry_scanning_configuration",
)  # fmt: skip
TRAIL: Final = "arn:aws:cloudtrail:ap-northeast-2:290008131187:trail/wealist-trail"
APPLY: Final = "wealist-terraform-apply-role"


@pytest.fixture(scope="module")
def bare() -> Stack:
    return account_of(
        environment("prod"),
        baseline=Baseline(**dict.fromkeys(FREE, False), trail_days=None, access_log_days=None),  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def full() -> Stack:
    return account_of(
        environment("prod"),
        baseline=Baseline(
            budget=Budget(monthly_usd=250, emails=("first@wealist.co.kr", "second@wealist.co.kr")),
            security_contact=SecurityContact(
                name="Security", title="Team", email="security@wealist.co.kr", phone="+82 2 1234 5678"
            ),
            guard_duty_regions=("ap-northeast-2", "us-east-1"),
            security_hub=True,
            config=True,
            scan_images_continuously=True,
        ),
    )


@pytest.mark.parametrize(("setting", "kind"), FREE.items())
def test_each_free_setting_creates_its_resource_only_if_it_is_on(
    account: Stack, bare: Stack, setting: str, kind: str
) -> None:
    assert len(account.all(kind)) == 1, setting
    assert bare.all(kind) == [], setting


def test_expensive_detectors_are_off_by_default(account: Stack, full: Stack) -> None:
    assert {kind for kind in COSTING if account.all(kind)} == set()
    assert {kind for kind in COSTING if full.all(kind)} == set(COSTING)


def test_a_region_without_a_default_vpc_gets_none(account: Stack) -> None:
    """`aws_default_vpc` would create one. A data source can find none."""
    assert account.all("aws_default_vpc") == []
    group, acl = account.only("aws_default_security_group"), account.only("aws_default_network_acl")
    assert group["for_each"] == "${toset(data.aws_vpcs.baseline_default_vpcs.ids)}"
    assert acl["for_each"] == "${toset(data.aws_network_acls.baseline_default_acls.ids)}"
    for emptied in (group, acl):
        assert not {"ingress", "egress"} & set(emptied)


def test_the_filter_of_network_acls_has_a_value_without_a_default_vpc(account: Stack) -> None:
    filters = account.at("data.aws_network_acls.baseline_default_acls")["filter"]
    (of_vpc,) = (each["values"] for each in filters if each["name"] == "vpc-id")
    assert of_vpc == '${concat(data.aws_vpcs.baseline_default_vpcs.ids, ["vpc-none"])}'


def test_the_trail_records_reads_and_writes_of_states_and_plans(account: Stack) -> None:
    (selector,) = account.only("aws_cloudtrail")["event_selector"]
    assert (selector["read_write_type"], selector["include_management_events"]) == ("All", True)
    assert selector["data_resource"] == [
        {
            "type": "AWS::S3::Object",
            "values": ["arn:aws:s3:::wealist-tfstate-bucket/", "arn:aws:s3:::wealist-terraform-plans/"],
        }
    ]


def test_records_are_locked_until_they_expire(account: Stack) -> None:
    bucket = account.target(account.only("aws_cloudtrail"), "s3_bucket_name")
    assert bucket["object_lock_enabled"] is True
    (lock,) = account.pointing_at(bucket, "aws_s3_bucket_object_lock_configuration", "bucket")
    (lifecycle,) = account.pointing_at(bucket, "aws_s3_bucket_lifecycle_configuration", "bucket")
    days = lock["rule"]["default_retention"]["days"]
    assert lifecycle["rule"][0]["expiration"] == [{"days": days}]
    assert days == Baseline().trail_days


def test_only_this_trail_may_use_its_bucket_and_key(account: Stack) -> None:
    trail = account.only("aws_cloudtrail")
    bucket = account.target(trail, "s3_bucket_name")
    (policy,) = account.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    for resource in (policy, account.target(trail, "kms_key_id")):
        for sid, statement in resource.statements().items():
            if "cloudtrail.amazonaws.com" in json.dumps(statement.get("Principal")):
                assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL, sid


def test_the_trail_is_created_after_the_policy_of_its_bucket(account: Stack) -> None:
    assert account.only("aws_cloudtrail")["depends_on"] == ["aws_s3_bucket_policy.baseline_trail_records_policy"]


@pytest.mark.parametrize(
    "action",
    [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "s3:PutAccountPublicAccessBlock",
        "ec2:DisableSnapshotBlockPublicAccess",
        "ec2:DisableImageBlockPublicAccess",
        "iam:DeleteAccountPasswordPolicy",
        "ec2:DisableEbsEncryptionByDefault",
        "ec2:ModifyInstanceMetadataDefaults",
        "ec2:EnableSerialConsoleAccess",
        "access-analyzer:DeleteAnalyzer",
        "guardduty:DeleteDetector",
        "config:StopConfigurationRecorder",
        "s3:BypassGovernanceRetention",
    ],
)
def test_the_pipeline_cannot_turn_the_baseline_off(account: Stack, full: Stack, action: str) -> None:
    for stack in (account, full):
        assert not allows(grants_of(stack, APPLY), action, "*")


def test_the_budget_reports_actual_and_forecasted_costs_to_every_address(full: Stack) -> None:
    budget = full.only("aws_budgets_budget")
    assert (budget["limit_amount"], budget["limit_unit"], budget["time_unit"]) == ("250", "USD", "MONTHLY")
    assert {each["notification_type"] for each in budget["notification"]} == {"ACTUAL", "FORECASTED"}
    for notification in budget["notification"]:
        assert notification["subscriber_email_addresses"] == ["first@wealist.co.kr", "second@wealist.co.kr"]
    assert "cost_filter" not in budget


def test_without_the_settings_there_is_no_budget_and_no_contact(bare: Stack) -> None:
    assert bare.all("aws_budgets_budget") == []
    assert bare.all("aws_account_alternate_contact") == []


def test_the_security_contact_is_set(full: Stack) -> None:
    contact = full.only("aws_account_alternate_contact")
    assert (contact["alternate_contact_type"], contact["email_address"]) == ("SECURITY", "security@wealist.co.kr")


def test_guardduty_runs_in_each_named_region(full: Stack) -> None:
    detectors = full.all("aws_guardduty_detector")
    assert {full.region(each) for each in detectors} == {"ap-northeast-2", "us-east-1"}
    assert all(tags(each) for each in detectors)


def test_security_hub_starts_after_config_and_config_after_its_channel(full: Stack) -> None:
    status = full.only("aws_config_configuration_recorder_status")
    assert status["is_enabled"] is True
    assert status["depends_on"] == [full.only("aws_config_delivery_channel").address]
    assert full.only("aws_securityhub_account")["depends_on"] == [status.address]
    assert full.only("aws_securityhub_standards_subscription")["standards_arn"].endswith(
        "aws-foundational-security-best-practices/v/1.0.0"
    )


def test_access_to_states_plans_and_records_is_logged(account: Stack, bare: Stack) -> None:
    logged = {each["target_prefix"]: each for each in account.all("aws_s3_bucket_logging")}
    assert set(logged) == {"wealist-tfstate-bucket/", "wealist-terraform-plans/", "wealist-cloudtrail-290008131187/"}
    assert bare.all("aws_s3_bucket_logging") == []
    (target,) = {account.target(each, "target_bucket").address for each in logged.values()}
    (policy,) = account.pointing_at(account.at(target), "aws_s3_bucket_policy", "bucket")
    assert {tuple(each["depends_on"]) for each in logged.values()} == {(policy.address,)}
    conditions = policy.statements()["S3Writes"]["Condition"]
    assert conditions["StringEquals"] == {"aws:SourceAccount": "290008131187"}
