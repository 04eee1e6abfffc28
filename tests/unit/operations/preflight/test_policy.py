"""The rights that each check needs, what it reports without them, and the policy with all of them."""

import io
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests import preflight
from tests.iam_actions import extract
from tests.recorded_aws import DENIED, Recording, refusal
from tests.synthesized import API_CERTIFICATE
from tests.unit.operations.preflight.conftest import cached_checks
from wealist.model.iam.catalog import READ_LEVELS
from wealist.operations.preflight.check import Group, Outcome, Row, run
from wealist.operations.preflight.command import IDENTITY, INSIDE, OUTSIDE, policy

AWS_GROUPS = [group for group in (*INSIDE, *OUTSIDE) if group.actions]
SLOW = ReadTimeoutError(endpoint_url="https://aws.example")
CERTIFICATE = {"CertificateArn": API_CERTIFICATE, "DomainName": "api.dev.wealist.co.kr"}
ANSWERS: Mapping[str, Any] = {
    "ec2.describe_instance_type_offerings": {"InstanceTypeOfferings": []},
    "rds.describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": []},
    "elasticache.describe_reserved_cache_nodes_offerings": {"ReservedCacheNodesOfferings": []},
    "ec2.describe_vpc_endpoint_services": {"ServiceDetails": []},
    "ec2.describe_vpcs": {"Vpcs": []},
    "ec2.describe_addresses": {"Addresses": []},
    "ec2.describe_security_group_rules": {"SecurityGroupRules": []},
    "ec2.describe_vpc_endpoints": {"VpcEndpoints": []},
    "autoscaling.describe_auto_scaling_groups": {"AutoScalingGroups": []},
    "service-quotas.get_service_quota": refusal("NoSuchResourceException"),
    "service-quotas.get_aws_default_service_quota": {"Quota": {"Value": 1.0}},
    "s3.head_bucket": refusal("403", 403),
    "s3.list_buckets": {"Buckets": []},
    "s3.get_bucket_versioning": {"Status": "Enabled"},
    "s3.get_object": lambda _: {"Body": io.BytesIO(b"{}")},
    "route53.list_hosted_zones": {
        "HostedZones": [
            {"Id": "Z1", "Name": "wealist.co.kr.", "CallerReference": "x", "Config": {"PrivateZone": False}}
        ],
        "Marker": "",
        "IsTruncated": False,
        "MaxItems": "100",
    },
    "route53.get_hosted_zone": SLOW,  # the next request goes to a DNS resolver
    "acm.list_certificates": {"CertificateSummaryList": [CERTIFICATE]},
    "acm.describe_certificate": {"Certificate": {"Status": "ISSUED"}},
    "iam.get_open_id_connect_provider": {"ClientIDList": []},
    "iam.list_roles": {"Roles": []},
    "iam.simulate_principal_policy": {"EvaluationResults": []},
    "ssm.describe_parameters": {"Parameters": []},
}
"""An answer to every call, so that checks with several calls make all of them."""


def name(group: Group) -> str:
    return group.checks.__name__


def results(group: Group, answer: Recording) -> list[Row]:
    """The rows of a group if AWS gives one answer to every call."""
    client, checks = cached_checks(group.checks, "dev")
    client.answers = defaultdict(lambda: answer)
    return [run(check, group.actions) for check in checks]


@pytest.mark.parametrize("group", AWS_GROUPS, ids=name)
def test_a_denied_check_names_the_rights_that_it_needs(group: Group) -> None:
    found = results(group, DENIED)
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.remedy for row in found} == {f"allow {', '.join(group.actions)}: docs/preflight.md has the policy"}
    assert all(row.what and row.expected for row in found)


@pytest.mark.parametrize("group", AWS_GROUPS, ids=name)
def test_a_check_without_an_answer_is_unreachable(group: Group) -> None:
    found = results(group, SLOW)
    assert {row.outcome for row in found} == {Outcome.UNREACHABLE}


@pytest.mark.parametrize("group", AWS_GROUPS, ids=name)
@pytest.mark.exhaustive
def test_a_check_lists_exactly_the_rights_of_its_calls(group: Group) -> None:
    client, checks = cached_checks(group.checks, "dev")
    client.answers = ANSWERS
    client.asked.clear()
    for check in checks:
        run(check)
    assert preflight.rights_for(client.operations) == set(group.actions)


def actions() -> list[str]:
    listed = (statement["Action"] for statement in policy()["Statement"])
    return [action for each in listed for action in (each if isinstance(each, list) else [each])]


def test_the_policy_allows_exactly_the_rights_of_every_check() -> None:
    assert set(actions()) == {*IDENTITY, *(action for group in AWS_GROUPS for action in group.actions)}
    assert len(set(actions())) == len(actions())


@pytest.mark.exhaustive  # loads the data on every AWS service
def test_the_policy_only_reads() -> None:
    services = {each.partition(":")[0] for each in actions()}
    levels = {
        f"{service}:{action}": known[0]
        for service, each in extract(services).items()
        for action, known in each["actions"].items()
    }
    assert {action: levels[action] for action in actions() if levels[action] not in READ_LEVELS} == {}


def test_the_policy_allows_no_access_to_secrets_except_states() -> None:
    assert not {action for action in actions() if action.startswith(("ssm:Get", "secretsmanager:", "kms:"))}
    (objects,) = [each for each in policy()["Statement"] if each["Action"] == "s3:GetObject"]
    assert objects["Resource"] == "arn:aws:s3:::wealist-tfstate-bucket/wealist/*"


def test_the_page_contains_the_policy() -> None:
    assert preflight.shown() == preflight.written(), "run `python -m tests.preflight`"
    assert json.loads(preflight.shown()) == policy()
