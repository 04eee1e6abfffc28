"""Changes outside of Terraform are judged like planned ones; values that a refresh reads are no drift."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import plans
from tests.unit.review.builders import (
    Json,
    allow,
    change,
    configuration,
    modified,
    planned,
    policy,
    review_of,
    risks,
    unchanged,
)
from wealist.review.as_json import as_json
from wealist.review.finding import Severity
from wealist.review.formatting import plain_text
from wealist.review.markdown import comment

GROUP = {"id": "sg-1", "arn": "a", "ingress": []}
ANYONE = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}


def sets(**arguments: tuple[str, ...]) -> Json:
    """Return a configuration: address with `__` for the dot → arguments that it sets."""
    resources = [
        {"address": name.replace("__", "."), "expressions": {each: {"constant_value": 1} for each in found}}
        for name, found in arguments.items()
    ]
    return configuration(resources=resources)


def outside(*drift: Json, plan: tuple[Json, ...] = (), **parts: Any) -> list[tuple[Severity, str, str]]:
    """Return severity, address and sentence of the findings about drift."""
    found = risks(*plan, resource_drift=list(drift), **parts)
    return [
        (each.severity, each.address, plain_text(each.words).removeprefix("was changed outside of Terraform: "))
        for each in found
        if each.words[0].startswith("was changed outside")
    ]


DANGERS = {
    "a port opened": (
        modified("aws_security_group.a", GROUP, {"ingress": [ANYONE]}),
        "allows traffic from the internet",
    ),
    "a bucket's blocks off": (
        modified("aws_s3_bucket_public_access_block.a", {"block_public_acls": True}, {"block_public_acls": False}),
        "no longer meets S3.8",
    ),
    "a bucket for everybody": (
        modified("aws_s3_bucket.a", {"policy": ""}, {"policy": policy(allow("s3:*", Principal="*"))}),
        "",
    ),
    "a bucket's list for everybody": (
        modified(
            "aws_s3_bucket.a", {"grant": []}, {"grant": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}
        ),
        "allows anyone to use the bucket",
    ),
    "a public database": (
        modified("aws_db_instance.a", {"publicly_accessible": False}, {"publicly_accessible": True}),
        "gives the database a public IP address",
    ),
    "a policy widened": (
        modified("aws_iam_policy.a", {"policy": policy(allow("s3:GetObject"))}, {"policy": policy(allow("*"))}),
        "widens what policy allows: * on everything",
    ),
    "a role of administrators": (
        modified("aws_iam_role.a", {}, {"managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
        "attaches arn:aws:iam::aws:policy/AdministratorAccess: * on everything",
    ),
    "an older TLS": (
        modified(
            "aws_lb_listener.a",
            {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
            {"ssl_policy": "ELBSecurityPolicy-2016-08"},
        ),
        "no longer meets ELB.17",
    ),
    "calls not recorded": (
        modified("aws_cloudtrail.a", {"enable_logging": True}, {"enable_logging": False}),
        "weakens enable_logging",
    ),
}


@pytest.mark.parametrize("name", DANGERS)
def test_dangerous_drift_is_reported_for_unchanged_resources(name: str, tmp_path: Path) -> None:
    drift, words = DANGERS[name]
    found = outside(drift)
    assert Severity.DANGER in {severity for severity, *_ in found}
    assert any(sentence.startswith(words) for _, _, sentence in found)
    review = review_of(tmp_path, resource_drift=[drift])
    assert "🔴 " in comment(review, artifact_url=None).splitlines()[1]
    assert json.loads(as_json(review))["verdict"] == "dangerous"


@pytest.mark.parametrize("name", DANGERS)
def test_drift_that_the_plan_reverts_is_not_reported(name: str) -> None:
    drift, _ = DANGERS[name]
    before, after = drift["change"]["before"], drift["change"]["after"]
    assert outside(drift, plan=(change(drift["address"], "update", before=after, after=before),)) == []
    assert outside(drift, plan=(change(drift["address"], "delete", before=after),)) == []
    touched = change(drift["address"], "update", before=after, after=after | {"tags": {"a": "b"}})
    assert outside(drift, plan=(touched,)) != []


RULE = {"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
INGRESS = "aws_vpc_security_group_ingress_rule.a"
REFRESHED = {
    "a rule that is listed in its group": (
        modified("aws_security_group.a", GROUP, {"ingress": [ANYONE]}),
        unchanged(INGRESS, RULE | {"cidr_ipv4": "0.0.0.0/0"}),
    ),
    "rules of the old type": (
        modified("aws_security_group.a", GROUP, {"ingress": [ANYONE]}),
        unchanged("aws_security_group_rule.a", ANYONE | {"type": "ingress", "security_group_id": "sg-1"}),
    ),
    "a policy that is attached": (
        modified("aws_iam_role.a", {"name": "r"}, {"managed_policy_arns": ["arn:aws:iam::aws:policy/PowerUserAccess"]}),
        unchanged(
            "aws_iam_role_policy_attachment.a", {"role": "r", "policy_arn": "arn:aws:iam::aws:policy/PowerUserAccess"}
        ),
    ),
    "a policy inside a role": (
        modified("aws_iam_role.a", {"name": "r"}, {"inline_policy": [{"name": "p", "policy": policy(allow("*"))}]}),
        unchanged("aws_iam_role_policy.a", {"role": "r", "name": "p", "policy": policy(allow("*"))}),
    ),
    "the policy of a bucket": (
        modified("aws_s3_bucket.a", {"id": "b"}, {"policy": policy(allow("s3:*", Principal="*"))}),
        unchanged("aws_s3_bucket_policy.a", {"bucket": "b", "policy": policy(allow("s3:*", Principal="*"))}),
    ),
    "a route of a table": (
        modified("aws_route_table.a", {"id": "t"}, {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]}),
        unchanged("aws_route.a", {"route_table_id": "t", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}),
    ),
    "a rule of a network ACL": (
        modified(
            "aws_network_acl.a",
            {"id": "n"},
            {"ingress": [{"cidr_block": "0.0.0.0/0", "protocol": "-1", "action": "allow"}]},
        ),
        unchanged(
            "aws_network_acl_rule.a",
            {
                "network_acl_id": "n",
                "cidr_block": "0.0.0.0/0",
                "protocol": "-1",
                "rule_action": "allow",
                "egress": False,
            },
        ),
    ),
}


@pytest.mark.parametrize("name", REFRESHED)
def test_inline_entries_of_separate_resources_are_no_drift(name: str) -> None:
    listing, part = REFRESHED[name]
    assert outside(listing, plan=(part,)) == []
    assert outside(listing) != []


def test_inline_entries_without_a_separate_resource_are_drift() -> None:
    """One of two rules has a separate resource."""
    both = [ANYONE, ANYONE | {"from_port": 6379, "to_port": 6379}]
    listing = modified("aws_security_group.a", GROUP, {"ingress": both})
    ((severity, _, words),) = outside(listing, plan=(unchanged(INGRESS, RULE | {"cidr_ipv4": "0.0.0.0/0"}),))
    assert (severity, words.endswith("tcp 6379")) == (Severity.DANGER, True)


COMPUTED: dict[str, tuple[Json, Json]] = {
    "an ARN": ({"arn": None}, {"arn": "arn:aws:s3:::a"}),
    "a list of others": ({"ingress": []}, {"ingress": [ANYONE | {"cidr_blocks": ["10.0.0.0/8"]}]}),
    "a time": ({"latest_restorable_time": "1"}, {"latest_restorable_time": "2"}),
    "a default inside of what is set": ({"rule": [{"key": None}]}, {"rule": [{"key": False}]}),
    "an empty map": ({"rule": None}, {"rule": {}}),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_values_that_aws_computes_are_no_drift(name: str) -> None:
    before, after = COMPUTED[name]
    drift = modified("aws_thing.a", {"id": "1", **before}, after)
    plan = planned(resource_drift=[drift], configuration=sets(aws_thing__a=("rule", "name")))
    assert (plan.drift, plan.unrelated_drift) == ((), 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "a"}, {"name": "b"}),
        ({"rule": [{"on": True}]}, {"rule": [{"on": False}]}),
        ({"tags_all": {"a": "b"}}, {"tags_all": {}}),
    ],
)
def test_changed_arguments_of_the_configuration_are_drift(before: Json, after: Json) -> None:
    address = 'module.m["x"].aws_thing.a[0]'
    module = sets(aws_thing__a=("rule", "name"))["root_module"]
    configured = {"root_module": {"module_calls": {"m": {"module": module}}}}
    plan = planned(resource_drift=[modified(address, before, after)], configuration=configured)
    assert plan.unrelated_drift == 1


def test_arguments_that_the_plan_reverts_are_drift() -> None:
    before, after = {"cidr_ipv4": None}, {"cidr_ipv4": "0.0.0.0/0"}
    configured = sets(aws_thing__a=("name",))
    drift, back = modified("aws_thing.a", before, after), change("aws_thing.a", "update", before=after, after=before)
    assert len(planned(back, resource_drift=[drift], configuration=configured).drift) == 1


def test_a_deleted_resource_is_drift() -> None:
    gone = change("aws_thing.a", "delete", before={"arn": "a"})
    assert planned(resource_drift=[gone], configuration=sets(aws_thing__a=("name",))).unrelated_drift == 1


def test_a_recorded_plan_after_an_apply_has_no_drift() -> None:
    assert len(plans.review("dev-after-apply").plan.refreshed) > 50
    assert "⚪ dev: no changes" in plans.comment("dev-after-apply")
    assert "outside" not in plans.comment("dev-after-apply")
    assert "In AWS" not in plans.comment("dev-after-apply")


def test_a_recorded_plan_reports_drift_that_stays() -> None:
    seen = plans.comment("dev-opened-by-hand").partition("<details>")[0]
    assert (
        "`aws_security_group.firewall_redis_sg` was changed outside of Terraform: allows traffic from the internet"
        in seen
    )
    assert "`aws_iam_role.identity_ec2_role` was changed outside of Terraform: attaches" in seen
    assert "🔴 dev: dangerous" in seen
