"""What operators add every day breaks no rule, or breaks one, whose remedy can be followed."""

import copy
import json
from typing import Any

import pytest

from tests.guarded import Edit, mutated, synthesis
from tests.unit.checks.faults.edits import put
from wealist.checks import rules
from wealist.checks.finding import Finding, Synthesis

ZONE = "${data.aws_route53_zone.dns_zone.zone_id}"
TOPIC = "${aws_sns_topic.alarms.arn}"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def broken(before: Synthesis, edit: Edit, stack: str = "prod") -> list[Finding]:
    """The rules that a stack breaks with an addition, and did not break before."""
    return sorted(set(rules.prove(mutated(before, stack, edit))) - set(rules.prove(before)))


def adding(**types: dict[str, dict[str, Any]]) -> Edit:
    """Adds resources: type → name → arguments."""

    def edit(document: dict[str, Any]) -> None:
        for type_, named in types.items():
            document["resource"].setdefault(type_, {}).update(named)

    return edit


def record(type_: str, *values: str) -> Edit:
    return adding(
        aws_route53_record={
            "mail": {"zone_id": ZONE, "name": "wealist.co.kr", "type": type_, "ttl": 300, "records": list(values)}
        }
    )


def second_bucket(document: dict[str, Any]) -> None:
    """Another bucket by the construct of all buckets: each of its resources once more, under another name."""
    for type_, named in document["resource"].items():
        for name, values in list(named.items()):
            if type_.startswith("aws_s3_bucket") and name.startswith("artifacts_app_resources_"):
                text = json.dumps(values).replace("app-resources", "exports").replace("app_resources", "exports")
                named[name.replace("app_resources", "exports")] = json.loads(text)


def replica(document: dict[str, Any]) -> None:
    """A replica of the database, as its construct would write it."""
    databases = document["resource"]["aws_db_instance"]
    values = copy.deepcopy(databases["database_instance"])
    for argument in ("manage_master_user_password", "master_user_secret_kms_key_id", "username", "db_name"):
        values.pop(argument, None)
    for argument in ("backup_retention_period", "skip_final_snapshot", "final_snapshot_identifier"):
        values.pop(argument, None)
    source = "${aws_db_instance.database_instance.identifier}"
    databases["replica"] = values | {"identifier": "wealist-dev-replica", "replicate_source_db": source}


GATEWAY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Sessions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::290008131187:root"},
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": ["arn:aws:dynamodb:ap-northeast-2:290008131187:table/wealist-prod-sessions"],
        }
    ],
}
ADDITIONS: dict[str, tuple[str, Edit]] = {
    "an SQS queue": ("prod", adding(aws_sqs_queue={"orders": {"name": "wealist-prod-orders"}})),
    "an SNS topic and a subscription": (
        "prod",
        adding(
            aws_sns_topic={"alarms": {"name": "wealist-prod-alarms"}},
            aws_sns_topic_subscription={
                "mail": {"topic_arn": TOPIC, "protocol": "email", "endpoint": "operators@wealist.co.kr"}
            },
        ),
    ),
    "a CloudWatch alarm": (
        "prod",
        adding(aws_cloudwatch_metric_alarm={"cpu": {"alarm_name": "wealist-prod-cpu", "alarm_actions": [TOPIC]}}),
    ),
    "a DynamoDB table": (
        "prod",
        adding(
            aws_dynamodb_table={
                "sessions": {"name": "wealist-prod-sessions", "point_in_time_recovery": {"enabled": True}}
            }
        ),
    ),
    "a second bucket": ("prod", second_bucket),
    "an MX record": ("prod", record("MX", "10 mx.example.com")),
    "a TXT record": ("prod", record("TXT", "v=spf1 -all")),
    "a CAA record": ("prod", record("CAA", '0 issue "amazon.com"')),
    "a replica of the database": ("dev", replica),
    "a gateway endpoint for DynamoDB": (
        "prod",
        adding(
            aws_vpc_endpoint={
                "dynamodb": {
                    "service_name": "com.amazonaws.ap-northeast-2.dynamodb",
                    "vpc_endpoint_type": "Gateway",
                    "vpc_id": "${aws_vpc.network_vpc.id}",
                    "policy": json.dumps(GATEWAY_POLICY),
                }
            }
        ),
    ),
    "a role for a Lambda function": (
        "prod",
        adding(aws_iam_role={"lambda": {"name": "wealist-prod-lambda", "assume_role_policy": json.dumps(TRUST)}}),
    ),
    "a scaling group without a load balancer": (
        "prod",
        lambda document: put("aws_autoscaling_group.worker", to=_worker(document))(document),
    ),
}


def _worker(document: dict[str, Any]) -> dict[str, Any]:
    group = document["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]
    return {name: value for name, value in group.items() if name != "target_group_arns"} | {"health_check_type": "EC2"}


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_everyday_addition_breaks_no_rule(committed: Synthesis, name: str) -> None:
    stack, edit = ADDITIONS[name]
    assert list(map(str, broken(committed, edit, stack))) == []


def test_a_name_that_somebody_else_answers_for_breaks_one_rule_that_names_the_way_out(committed: Synthesis) -> None:
    (finding,) = broken(committed, record("CNAME", "docs.example.com"))
    assert finding.control == "route53.target"
    assert "waive this where somebody else answers" in finding.remedy


def test_a_table_without_backups_breaks_one_rule(committed: Synthesis) -> None:
    table = adding(aws_dynamodb_table={"sessions": {"name": "wealist-prod-sessions"}})
    (finding,) = broken(committed, table)
    assert (finding.control, finding.remedy) == ("DynamoDB.2", "set point_in_time_recovery.enabled to true")
