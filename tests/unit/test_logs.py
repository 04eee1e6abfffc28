"""Log groups, sessions, access logs and buckets: what AWS requires of them, and the rights to write logs."""

import json
from fnmatch import fnmatchcase
from typing import Final

from tests.policies import allows, grants, grants_of
from tests.synthesized import Stack, address_of, environment

LOGS: Final = "arn:aws:logs:ap-northeast-2:290008131187:log-group"


def test_a_bucket_policy_is_created_after_the_public_access_block(stack: Stack) -> None:
    """S3 rejects concurrent changes of a bucket's access with OperationAborted."""
    for policy in stack.all("aws_s3_bucket_policy"):
        (block,) = stack.pointing_at(stack.target(policy, "bucket"), "aws_s3_bucket_public_access_block", "bucket")
        assert block.address in policy["depends_on"]


def test_the_key_policy_covers_exactly_the_log_groups_of_the_environment(name: str, stack: Stack) -> None:
    """CloudWatch Logs rejects a group whose name the key's policy does not cover."""
    condition = stack.only("aws_kms_key").statements()["LogGroups"]["Condition"]
    covered = condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert all(name in pattern for pattern in covered)
    for group in stack.all("aws_cloudwatch_log_group"):
        assert any(fnmatchcase(f"{LOGS}:{group['name']}", pattern) for pattern in covered), group["name"]


def test_flow_logs_have_the_required_rights_on_their_own_group(stack: Stack) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, except to create the group."""
    flow = stack.only("aws_flow_log", log_destination_type="cloud-watch-logs")
    (policy,) = stack.pointing_at(stack.target(flow, "iam_role_arn"), "aws_iam_role_policy", "role")
    granted = grants(policy["policy"])
    stream = f"{LOGS}:{stack.target(flow, 'log_destination')['name']}:log-stream:eni-1"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(granted, action, stream)
        assert not allows(granted, action, f"{LOGS}:/another:log-stream:eni-1")
    assert {"logs:DescribeLogGroups", "logs:DescribeLogStreams"} <= {grant.action for grant in granted}


def test_instances_start_after_the_log_groups_of_their_services(prod: Stack) -> None:
    # Docker starts no container whose log group is missing.
    groups = {each.address for each in prod.all("aws_cloudwatch_log_group") if "service_logs" in each.address}
    assert groups
    for fleet in prod.all("aws_autoscaling_group"):
        assert groups <= set(fleet["depends_on"])


def test_a_session_is_encrypted_and_logged(stack: Stack, name: str) -> None:
    document = stack.only("aws_ssm_document")
    assert (document["name"], document["document_type"]) == (f"wealist-{name}-session", "Session")
    inputs = json.loads(document["content"])["inputs"]
    group = stack.at(address_of(inputs["cloudWatchLogGroupName"]))
    assert group["name"] == f"/wealist/{name}/sessions"
    assert group["retention_in_days"] == environment(name).log_retention_days
    assert stack.target(group, "kms_key_id").address == address_of(inputs["kmsKeyId"])
    assert inputs["cloudWatchEncryptionEnabled"]
    assert inputs["cloudWatchStreamingEnabled"]


def test_an_idle_session_ends(stack: Stack) -> None:
    inputs = json.loads(stack.only("aws_ssm_document")["content"])["inputs"]
    assert 1 <= int(inputs["idleSessionTimeout"]) <= 60
    assert int(inputs["idleSessionTimeout"]) < int(inputs["maxSessionDuration"]) <= 1440


def test_instances_write_only_the_session_log_of_their_environment(stack: Stack, name: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-ec2-role")
    other = {"dev": "prod", "prod": "dev"}[name]
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(granted, action, f"{LOGS}:/wealist/{name}/sessions:log-stream:operator-1")
        assert not allows(granted, action, f"{LOGS}:/wealist/{other}/sessions:log-stream:x")
    assert not allows(granted, "logs:GetLogEvents", f"{LOGS}:/wealist/{name}/sessions:log-stream:x")
