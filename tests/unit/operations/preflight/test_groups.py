"""All checks together: rights, refusals, slowness; and the one policy of them, which only reads."""

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
from tests.unit.operations.preflight.conftest import listed
from wealist.model.iam.catalog import READ_LEVELS
from wealist.operations.preflight.check import Group, Outcome, Row, run
from wealist.operations.preflight.groups import IDENTITY, INSIDE, OUTSIDE, policy

ASKING = [group for group in (*INSIDE, *OUTSIDE) if group.actions]
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
    "route53.get_hosted_zone": SLOW,  # what comes after it is no question to AWS
    "acm.list_certificates": {"CertificateSummaryList": [CERTIFICATE]},
    "acm.describe_certificate": {"Certificate": {"Status": "ISSUED"}},
    "iam.get_open_id_connect_provider": {"ClientIDList": []},
    "iam.list_roles": {"Roles": []},
    "iam.simulate_principal_policy": {"EvaluationResults": []},
    "ssm.describe_parameters": {"Parameters": []},
}
"""An answer to every call that leads to the next one, where there is one."""


def name(group: Group) -> str:
    return group.checks.__name__


def looked(group: Group, answer: Recording) -> list[Row]:
    """The rows of a group where AWS answers every call alike."""
    client, checks = listed(group.checks, "dev")
    client.answers = defaultdict(lambda: answer)
    return [run(check, group.actions) for check in checks]


@pytest.mark.parametrize("group", ASKING, ids=name)
def test_each_check_without_its_rights_says_which_it_needs(group: Group) -> None:
    found = looked(group, DENIED)
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.remedy for row in found} == {f"allow {', '.join(group.actions)}: docs/preflight.md has the policy"}
    assert all(row.what and row.expected for row in found)


@pytest.mark.parametrize("group", ASKING, ids=name)
def test_each_check_of_an_aws_that_does_not_answer_in_time_is_unreachable(group: Group) -> None:
    found = looked(group, SLOW)
    assert {row.outcome for row in found} == {Outcome.UNREACHABLE}


@pytest.mark.parametrize("group", ASKING, ids=name)
def test_each_check_asks_for_exactly_the_rights_of_its_calls(group: Group) -> None:
    client, checks = listed(group.checks, "dev")
    client.answers = ANSWERS
    client.asked.clear()
    for check in checks:
        run(check)
    assert preflight.rights_for(client.operations) == set(group.actions)


def actions() -> list[str]:
    listed = (statement["Action"] for statement in policy()["Statement"])
    return [action for each in listed for action in (each if isinstance(each, list) else [each])]


def test_the_policy_has_the_rights_of_every_check_and_no_other() -> None:
    assert set(actions()) == {*IDENTITY, *(action for group in ASKING for action in group.actions)}
    assert len(set(actions())) == len(actions())


def test_the_policy_only_reads() -> None:
    services = {each.partition(":")[0] for each in actions()}
    levels = {
        f"{service}:{action}": known[0]
        for service, each in extract(services).items()
        for action, known in each["actions"].items()
    }
    assert {action: levels[action] for action in actions() if levels[action] not in READ_LEVELS} == {}


def test_no_secret_is_within_the_policy_but_in_the_states() -> None:
    assert not {action for action in actions() if action.startswith(("ssm:Get", "secretsmanager:", "kms:"))}
    (objects,) = [each for each in policy()["Statement"] if each["Action"] == "s3:GetObject"]
    assert objects["Resource"] == "arn:aws:s3:::wealist-tfstate-bucket/wealist/*"


def test_the_page_has_the_policy() -> None:
    assert preflight.shown() == preflight.written(), "run `python -m tests.preflight`"
    assert json.loads(preflight.shown()) == policy()
