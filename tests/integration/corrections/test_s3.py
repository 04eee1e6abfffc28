import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import s3
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.fixture(autouse=True)
def bucket() -> None:
    client("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": REGION})


def old_versions() -> dict[str, Any]:
    """What a lifecycle rule with a number of old versions returns of them."""
    expiration = {"NoncurrentDays": 90, "NewerNoncurrentVersions": 10}
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": expiration}
    client("s3").put_bucket_lifecycle_configuration(Bucket="states", LifecycleConfiguration={"Rules": [rule]})
    (kept,) = client("s3").get_bucket_lifecycle_configuration(Bucket="states")["Rules"]
    returned: dict[str, Any] = kept["NoncurrentVersionExpiration"]
    return returned


def read_an_object_that_is_denied(**condition: Any) -> bytes:
    """Read an object of a bucket whose policy denies it, under a condition or always."""
    client("s3").put_object(Bucket="states", Key="state", Body=b"{}")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::states/*"} | condition
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    client("s3").put_bucket_policy(Bucket="states", Policy=json.dumps(policy))
    return bytes(client("s3").get_object(Bucket="states", Key="state")["Body"].read())


def test_moto_alone_drops_the_number_of_noncurrent_versions() -> None:
    assert old_versions() == {"NoncurrentDays": 90}


def test_a_lifecycle_rule_keeps_the_number_of_noncurrent_versions(replace: Replace) -> None:
    s3.lifecycle_rules_keep_the_number_of_noncurrent_versions(replace)
    assert old_versions() == {"NoncurrentDays": 90, "NewerNoncurrentVersions": 10}


def test_moto_alone_ignores_the_condition_of_a_denial() -> None:
    with pytest.raises(ClientError, match="403"):
        read_an_object_that_is_denied(Condition=WITHOUT_TLS)


def test_a_statement_denies_only_under_its_condition(replace: Replace) -> None:
    s3.policies_deny_only_under_their_conditions(replace)
    assert read_an_object_that_is_denied(Condition=WITHOUT_TLS) == b"{}"


def test_a_statement_without_a_condition_always_denies(replace: Replace) -> None:
    s3.policies_deny_only_under_their_conditions(replace)
    with pytest.raises(ClientError, match="403"):
        read_an_object_that_is_denied()


def keep_logs(*resources: str) -> None:
    """Have the bucket's access logs written to itself, where its policy lets S3 write to some resources."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": WITHOUT_TLS}
    service = {"Service": "logging.s3.amazonaws.com"}
    allow = {"Effect": "Allow", "Principal": service, "Action": ["s3:PutObject"], "Resource": list(resources)}
    policy = {"Version": "2012-10-17", "Statement": [deny, allow]}
    client("s3").put_bucket_policy(Bucket="states", Policy=json.dumps(policy))
    status = {"LoggingEnabled": {"TargetBucket": "states", "TargetPrefix": "states/"}}
    client("s3").put_bucket_logging(Bucket="states", BucketLoggingStatus=status)


def test_moto_alone_fails_on_a_statement_for_all_principals() -> None:
    with pytest.raises(AttributeError):
        keep_logs("arn:aws:s3:::states/*")


@pytest.mark.parametrize("resources", [["arn:aws:s3:::states/*"], ["arn:aws:s3:::states/sta*", "arn:aws:s3:::x/*"]])
def test_logging_is_accepted_if_s3_may_write_to_the_target(replace: Replace, resources: list[str]) -> None:
    s3.bucket_policies_may_allow_log_delivery(replace)
    keep_logs(*resources)
    assert client("s3").get_bucket_logging(Bucket="states")["LoggingEnabled"]["TargetPrefix"] == "states/"


def test_logging_is_rejected_if_s3_may_write_only_elsewhere(replace: Replace) -> None:
    s3.bucket_policies_may_allow_log_delivery(replace)
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        keep_logs("arn:aws:s3:::states/others/*")
