"""Access to an encrypted resource needs its key: in a role's policies, or for a service in the key's policy."""

import pytest

from tests.syntheses import Edit, mutated, synthesis
from tests.unit.checks.faults.tables import combined, edit_from
from tests.unit.checks.iam.additions import ACCOUNT, HERE, KEY, QUEUE, allowing, document, queue, right
from wealist.checks.finding import Finding
from wealist.checks.iam.documents import read_documents
from wealist.checks.iam.key_use import KEY as KEY_USE
from wealist.checks.iam.key_use import PARAMETERS, check

pytestmark = pytest.mark.exhaustive

SENDS = allowing("SendJobs", ["sqs:SendMessage"], [QUEUE])
RECEIVES = allowing("ReceiveJobs", ["sqs:ReceiveMessage"], [QUEUE])
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
BY_KEY = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}
ENCRYPTED_BUCKET = {
    "bucket": "${aws_s3_bucket.artifacts_app_resources_bucket.id}",
    "rule": [{"apply_server_side_encryption_by_default": BY_KEY}],
}


def found(edit: Edit) -> list[Finding]:
    return list(check(read_documents(mutated(synthesis(), "prod", edit).stacks["prod"])))


def uses_key(*actions: str, **more: object) -> dict[str, object]:
    return allowing("UseKey", list(actions), [KEY], **more)


def through(service: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"kms:ViaService": f"{service}.ap-northeast-2.amazonaws.com"}}


def test_sending_to_an_encrypted_queue_needs_a_data_key() -> None:
    (finding,) = found(combined(queue(), right("jobs", SENDS)))
    assert (finding.control, finding.address) == (KEY_USE, "aws_iam_role.identity_ec2_role")
    assert "may do sqs:SendMessage" in finding.problem
    assert "not kms:GenerateDataKey on aws_kms_key.encryption_key" in finding.problem  # it has kms:Decrypt


@pytest.mark.parametrize(
    ("held", "enough"),
    [
        (uses_key("kms:GenerateDataKey"), True),
        (uses_key("kms:GenerateDataKey*"), True),
        (uses_key("kms:GenerateDataKey", Condition=through("sqs")), True),
        (uses_key("kms:GenerateDataKey", Condition=through("s3")), False),
        (uses_key("kms:Encrypt"), False),
    ],
)
def test_the_right_to_a_key_must_allow_the_queues_service(held: dict[str, object], *, enough: bool) -> None:
    assert (found(combined(queue(), right("jobs", SENDS, held))) == []) is enough


def test_a_queue_with_an_aws_managed_key_needs_no_right() -> None:
    plain = {"kms_master_key_id": None, "sqs_managed_sse_enabled": True}
    assert found(combined(queue(**plain), right("jobs", SENDS))) == []
    assert found(combined(queue(kms_master_key_id="alias/aws/sqs"), right("jobs", SENDS))) == []


def test_a_key_can_be_named_by_an_alias() -> None:
    aliased = queue(kms_master_key_id="${aws_kms_alias.encryption_alias.name}")
    assert [finding.control for finding in found(combined(aliased, right("jobs", SENDS)))] == [KEY_USE]


def test_receiving_from_an_encrypted_queue_needs_decrypt_only() -> None:
    assert found(combined(queue(), right("jobs", RECEIVES))) == []
    without_decrypt = edit_from({"secrets DecryptOwnParameters": None})
    keyless = found(combined(queue(), right("jobs", RECEIVES), without_decrypt))
    lacks = {finding.problem.partition(" on arn")[0] for finding in keyless}
    assert "wealist-prod-ec2-role may do sqs:ReceiveMessage" in lacks
    assert "wealist-prod-ec2-role may do ssm:GetParameter" in lacks


def test_writing_to_an_encrypted_bucket_needs_a_data_key() -> None:
    problems = [finding.problem for finding in found(edit_from({f"{ENCRYPTION}.x": ENCRYPTED_BUCKET}))]
    assert len(problems) == 1
    assert "s3:PutObject on arn:aws:s3:::wealist-app-resources" in problems[0]


TOPIC_SENDS = {
    "Sid": "TopicSends",
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": QUEUE,
    "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{HERE}:wealist-prod-orders"}},
}


def test_a_service_that_a_queues_policy_allows_needs_the_keys_policy_too() -> None:
    sent = combined(queue(), edit_from({"aws_sqs_queue_policy.jobs": {"policy": document(TOPIC_SENDS)}}))
    (finding,) = found(sent)
    assert (finding.control, finding.address) == (KEY_USE, "aws_kms_key.encryption_key")
    assert "denies sns.amazonaws.com kms:Decrypt, kms:GenerateDataKey" in finding.problem

    services = {"Service": ["logs.ap-northeast-2.amazonaws.com", "sns.amazonaws.com"]}
    for_ours = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    let_in = edit_from({"key LogGroups Principal": services, "key LogGroups Condition": for_ours})
    assert found(combined(sent, let_in)) == []


@pytest.mark.parametrize(
    ("of", "provider", "let_in"),
    [
        (f"arn:aws:sns:{HERE}:wealist-prod-x", None, True),
        (f"arn:aws:sns:{HERE}:wealist-prod-another", None, False),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:wealist-prod-x", None, False),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:wealist-prod-x", "aws.cdn", True),
    ],
)
def test_the_keys_policy_must_name_the_topic_that_a_service_publishes_to(
    of: str, provider: str | None, *, let_in: bool
) -> None:
    region = "us-east-1" if provider else "ap-northeast-2"
    publishes = {
        "Sid": "AlarmsPublish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": f"arn:aws:sns:{region}:{ACCOUNT}:wealist-prod-x",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    services = {"Service": ["logs.ap-northeast-2.amazonaws.com", "cloudwatch.amazonaws.com"]}
    key = {
        "Sid": "Publishers",
        "Effect": "Allow",
        "Principal": services,
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": of}},
    }
    topic = {"name": "wealist-prod-x", "kms_master_key_id": KEY, "provider": provider}
    policy = {"policy": document(publishes)}
    findings = found(edit_from({"aws_sns_topic x": topic, "aws_sns_topic_policy x": policy, "key +": key}))
    problems = [finding.problem.partition(", which")[0] for finding in findings]
    assert problems == ([] if let_in else ["denies cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey"])


def named(log_group: str) -> Edit:
    return edit_from({"aws_cloudwatch_log_group.flow_logs_log_group name": log_group})


def test_a_log_group_with_a_name_outside_of_the_keys_policy_is_reported() -> None:
    assert found(named("/wealist/prod/another")) == []
    (finding,) = found(named("/aws/lambda/reports"))
    assert finding.control == KEY_USE
    assert "denies logs.ap-northeast-2.amazonaws.com kms:Encrypt" in finding.problem


def test_a_parameter_that_instances_cannot_read_is_reported() -> None:
    elsewhere = {"aws_ssm_parameter.parameters_db_endpoint name": "/wealist/shared/db/endpoint"}
    assert {finding.control for finding in found(edit_from(elsewhere))} == {PARAMETERS}
    assert found(edit_from(elsewhere | {"aws_iam_instance_profile.identity_instance_profile": None})) == []
