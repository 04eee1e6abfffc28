"""What keeps data: buckets, the key and log groups, held to the hardening of S3, KMS, logs and flow logs."""

import json
from fnmatch import fnmatchcase
from typing import Final

from tests.synthesized import Resource, Stack, address_of

ACCOUNT: Final = "290008131187"
BUCKETS: Final = {
    "dev": {
        "wealist-frontend-dev",
        "wealist-codedeploy-artifacts-dev",
        "wealist-app-artifacts-dev",
        "wealist-deploy-scripts-dev",
        "wealist-app-resources-dev",
        "wealist-dev-access-logs-290008131187",
    },
    "prod": {
        "wealist-frontend",
        "wealist-codedeploy-artifacts",
        "wealist-app-artifacts",
        "wealist-deploy-scripts",
        "wealist-app-resources",
        "wealist-prod-access-logs-290008131187",
    },
}
STATEFUL: Final = (
    "aws_s3_bucket",
    "aws_kms_key",
    "aws_ecr_repository",
    "aws_elasticache_replication_group",
    "aws_db_instance",
    "aws_ebs_volume",
    "aws_cloudwatch_log_group",
)


def part(stack: Stack, bucket: Resource, kind: str) -> Resource:
    """The one resource of a type that configures a bucket."""
    (found,) = stack.pointing_at(bucket, f"aws_s3_bucket_{kind}", "bucket")
    return found


def log_bucket(stack: Stack) -> Resource:
    """The bucket that the load balancer logs to."""
    return stack.at(address_of(stack.only("aws_lb")["access_logs"]["bucket"]))


# Buckets


def test_the_buckets_are_exactly_the_documented_ones_and_the_access_logs(name: str, stack: Stack) -> None:
    assert {bucket["bucket"] for bucket in stack.all("aws_s3_bucket")} == BUCKETS[name]
    assert len(stack.all("aws_s3_bucket")) == 6


def test_no_bucket_can_be_made_public(stack: Stack) -> None:
    blocks = {"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"}
    for bucket in stack.all("aws_s3_bucket"):
        block = part(stack, bucket, "public_access_block")
        assert {name for name in blocks if block[name] is True} == blocks


def test_no_bucket_takes_acls(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        assert part(stack, bucket, "ownership_controls")["rule"] == {"object_ownership": "BucketOwnerEnforced"}
    assert stack.all("aws_s3_bucket_acl") == []


def test_every_bucket_is_encrypted_with_aes256(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        (rule,) = part(stack, bucket, "server_side_encryption_configuration")["rule"]
        assert rule["apply_server_side_encryption_by_default"]["sse_algorithm"] == "AES256"


def test_every_bucket_refuses_whoever_comes_without_tls(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        policy = part(stack, bucket, "policy")
        (refusal,) = (each for each in policy.statements().values() if each["Effect"] == "Deny")
        arn = f"arn:aws:s3:::{bucket['bucket']}"
        assert refusal["Principal"] == "*"
        assert refusal["Action"] == ["s3:*"]
        assert set(refusal["Resource"]) == {arn, f"{arn}/*"}
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_bucket_policy_lets_in_more_than_a_named_service_on_its_own_bucket(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        for statement in part(stack, bucket, "policy").statements().values():
            if statement["Effect"] == "Allow":
                assert set(statement["Principal"]) == {"Service"}
                assert statement["Condition"]
            assert all(each.startswith(f"arn:aws:s3:::{bucket['bucket']}") for each in statement["Resource"])


def test_a_policy_is_put_only_when_public_access_is_blocked(stack: Stack) -> None:
    """S3 answers OperationAborted to two changes of a bucket's access at a time."""
    for bucket in stack.all("aws_s3_bucket"):
        assert part(stack, bucket, "public_access_block").address in part(stack, bucket, "policy")["depends_on"]


def test_old_versions_are_kept_but_of_the_site(name: str, stack: Stack) -> None:
    versioned = {
        bucket["bucket"]
        for bucket in stack.all("aws_s3_bucket")
        if part(stack, bucket, "versioning")["versioning_configuration"]["status"] == "Enabled"
    }
    # The document leaves the site unversioned.
    site = "wealist-frontend" if name == "prod" else "wealist-frontend-dev"
    assert versioned == BUCKETS[name] - {site}


def test_every_bucket_drops_aborted_uploads_after_seven_days(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        (rule,) = part(stack, bucket, "lifecycle_configuration")["rule"]
        assert rule["status"] == "Enabled"
        assert rule["filter"] == [{"prefix": ""}]
        assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]


def test_old_versions_go_in_the_end_and_current_ones_stay(stack: Stack) -> None:
    for bucket in stack.all("aws_s3_bucket"):
        (rule,) = part(stack, bucket, "lifecycle_configuration")["rule"]
        versioned = part(stack, bucket, "versioning")["versioning_configuration"]["status"] == "Enabled"
        assert ("noncurrent_version_expiration" in rule) is versioned
        assert ("expiration" in rule) is (bucket.address == log_bucket(stack).address)


def test_access_logs_and_log_groups_are_kept_as_long_as_the_setting_says(
    name: str, stack: Stack, otherwise: Stack
) -> None:
    for found, days in ((stack, {"dev": 30, "prod": 365}[name]), (otherwise, 90)):
        (rule,) = part(found, log_bucket(found), "lifecycle_configuration")["rule"]
        assert rule["expiration"] == [{"days": days}]
        assert {each["retention_in_days"] for each in found.all("aws_cloudwatch_log_group")} == {days}


# What may be destroyed


def secrets(stack: Stack) -> set[str]:
    """Addresses of the parameters whose values exist nowhere else, beside a managed database."""
    found = {parameter.address for parameter in stack.all("aws_ssm_parameter", type="SecureString")}
    assert len(found) == 6
    return found


def lasting(stack: Stack) -> set[str]:
    """Addresses that Terraform refuses to destroy."""
    return {
        resource.address
        for resource in stack.resources.values()
        if resource.get("lifecycle", {}).get("prevent_destroy") is True
    }


def test_everything_stateful_lasts_unless_the_environment_may_be_destroyed(
    whole: tuple[Stack, bool],
) -> None:
    stack, may_be_destroyed = whole
    stateful = {resource.address for kind in STATEFUL for resource in stack.all(kind)}
    assert {address.partition(".")[0] for address in stateful} == set(STATEFUL)
    assert lasting(stack) == (set() if may_be_destroyed else stateful | secrets(stack))
    for bucket in stack.all("aws_s3_bucket"):
        assert bucket["force_destroy"] is may_be_destroyed
    assert stack.only("aws_lb")["enable_deletion_protection"] is not may_be_destroyed


def test_prod_lasts_and_dev_may_be_destroyed(prod: Stack, dev: Stack) -> None:
    kept = set(STATEFUL) - {"aws_db_instance"} | {"aws_ssm_parameter"}
    assert {address.partition(".")[0] for address in lasting(prod)} == kept
    # The external database's host is the operator's, too.
    endpoint = prod.only("aws_ssm_parameter", name="/wealist/prod/db/endpoint").address
    parameters = {address for address in lasting(prod) if address.startswith("aws_ssm_parameter.")}
    assert parameters == secrets(prod) | {endpoint}
    assert lasting(dev) == set()


# The key


def test_the_environment_has_one_key_that_is_rotated_and_named(name: str, stack: Stack) -> None:
    key = stack.only("aws_kms_key")
    assert key["enable_key_rotation"] is True
    alias = stack.only("aws_kms_alias", name=f"alias/wealist-{name}")
    assert stack.target(alias, "target_key_id").address == key.address


def test_the_key_is_used_by_iam_of_the_account_and_by_cloudwatch_logs_alone(stack: Stack) -> None:
    statements = list(stack.only("aws_kms_key").statements().values())
    assert [each["Effect"] for each in statements] == ["Allow", "Allow"]
    principals = [each["Principal"] for each in statements]
    assert principals == [{"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"Service": "logs.ap-northeast-2.amazonaws.com"}]


def test_the_key_serves_exactly_the_log_groups_of_the_environment(name: str, stack: Stack) -> None:
    """CloudWatch Logs refuses a group whose name the key's policy does not cover."""
    (statement,) = (each for each in stack.only("aws_kms_key").statements().values() if "Service" in each["Principal"])
    covered = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    prefix = f"arn:aws:logs:ap-northeast-2:{ACCOUNT}:log-group:"
    groups = stack.all("aws_cloudwatch_log_group")
    for group in groups:
        assert group.refers_to("kms_key_id") == stack.only("aws_kms_key").address
        assert any(fnmatchcase(prefix + group["name"], pattern) for pattern in covered), group["name"]
    assert all(name in pattern for pattern in covered)
    assert set(statement["Action"]) == {"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"}


# Flow logs


def test_all_traffic_of_the_vpc_is_recorded(stack: Stack) -> None:
    flow = stack.only("aws_flow_log")
    assert flow["traffic_type"] == "ALL"
    assert stack.target(flow, "vpc_id").address == stack.only("aws_vpc").address


def test_flow_logs_go_to_a_log_group_that_ends(name: str, stack: Stack) -> None:
    flow = stack.only("aws_flow_log", log_destination_type="cloud-watch-logs")
    group = stack.target(flow, "log_destination")
    assert group["name"] == f"/wealist/{name}/vpc-flow-logs"
    assert group["retention_in_days"] == {"dev": 30, "prod": 365}[name]


def test_only_the_flow_logs_of_the_account_assume_their_role(stack: Stack) -> None:
    role = stack.target(stack.only("aws_flow_log"), "iam_role_arn")
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Action"] == ["sts:AssumeRole"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_flow_logs_write_to_their_own_group_alone(stack: Stack) -> None:
    flow = stack.only("aws_flow_log")
    group = stack.target(flow, "log_destination")
    (policy,) = stack.pointing_at(stack.target(flow, "iam_role_arn"), "aws_iam_role_policy", "role")
    own = f"arn:aws:logs:ap-northeast-2:{ACCOUNT}:log-group:{group['name']}"
    writing = {"logs:CreateLogStream", "logs:PutLogEvents"}
    found = [each for each in policy.statements().values() if writing & set(each["Action"])]
    assert writing <= {action for each in found for action in each["Action"]}
    assert {resource for each in found for resource in each["Resource"]} <= {own, f"{own}:*"}


def test_flow_logs_have_every_permission_that_aws_asks_for(stack: Stack) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, but for making the group."""
    role = stack.target(stack.only("aws_flow_log"), "iam_role_arn")
    (policy,) = stack.pointing_at(role, "aws_iam_role_policy", "role")
    actions = {action for each in policy.statements().values() for action in each["Action"]}
    wanted = {"CreateLogStream", "PutLogEvents", "DescribeLogGroups", "DescribeLogStreams"}
    assert {f"logs:{action}" for action in wanted} <= actions
