"""Manual changes: Terraform reverts those of its own attributes, and ignores those of the operator's."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from wealist.operations.emulated_stacks import planned_changes
from wealist.spec.account import STATE_BUCKET, state_key

pytestmark = pytest.mark.integration

PROD = "prod"
RULE = "aws_vpc_security_group_ingress_rule.firewall_ec2_to_redis_6379_ingress"
VPC = "aws_vpc.network_vpc"
PORT = "aws_ssm_parameter.parameters_db_port"
OPERATORS = {
    "oauth/google_client_id": "only-the-operator-knows-this-id",
    "oauth/google_client_secret": "only-the-operator-knows-this-secret",
    "db/endpoint": "only-the-operator-knows-this-host",
}
GENERATED = ("db/user_db_password", "db/board_db_password", "jwt/jwt_secret")


def parameter(path: str) -> str:
    return f"/wealist/{PROD}/{path}"


@dataclass
class ByHand:
    """Prod after manual changes: its plan, and Terraform's output."""

    applied: Applied
    rule: str
    vpc: str
    group: str = ""
    added: str = ""
    """The id of a rule that the configuration lacks."""
    planned: dict[str, Any] = field(default_factory=dict)
    shown: str = ""

    def value(self, path: str) -> str:
        found = self.applied.client("ssm").get_parameter(Name=parameter(path), WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def change(self) -> None:
        ec2, ssm = self.applied.client("ec2"), self.applied.client("ssm")
        (rule,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[self.rule])["SecurityGroupRules"]
        opened = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIpv4": "0.0.0.0/0"}
        ec2.modify_security_group_rules(
            GroupId=rule["GroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": self.rule, "SecurityGroupRule": opened}],
        )
        (made,) = ec2.authorize_security_group_ingress(
            GroupId=rule["GroupId"],
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 6380, "ToPort": 6380, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
            ],
        )["SecurityGroupRules"]
        self.group, self.added = rule["GroupId"], made["SecurityGroupRuleId"]
        ec2.delete_tags(Resources=[self.vpc], Tags=[{"Key": "ManagedBy"}])
        ssm.put_parameter(Name=parameter("db/port"), Value="1", Overwrite=True)
        self.operate(OPERATORS)

    def close(self) -> None:
        """Delete the added rule, as the plan's warning asks."""
        group, self.group = self.group, ""
        self.applied.client("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[self.added])

    def operate(self, values: Mapping[str, str]) -> None:
        """Set the operator's parameters, as docs/operations.md describes."""
        ssm = self.applied.client("ssm")
        for path, value in values.items():
            key = {"Type": "SecureString", "KeyId": "alias/wealist-prod"} if path.startswith("oauth/") else {}
            ssm.put_parameter(Name=parameter(path), Value=value, Overwrite=True, **key)

    def plan_and_apply(self) -> None:
        """Plan and apply, and keep the output."""
        terraform, file = self.applied.terraform(PROD), self.applied.plan_file(PROD)
        self.shown += terraform.run("plan", f"-out={file}", capture=True).stdout
        self.planned = terraform.show_json(file)
        self.shown += terraform.run("apply", str(file), capture=True).stdout
        for command in (("output", "-json"), ("show",), ("show", "-json")):
            self.shown += terraform.run(*command, capture=True).stdout


@pytest.fixture(scope="module")
def by_hand(applied: Applied, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByHand]:
    """Prod, changed manually and then applied with other placeholders of the operator's parameters."""
    ids = {address: one["values"]["id"] for address, one in held(applied).items() if address in {RULE, VPC}}
    prod = ByHand(applied, rule=ids[RULE], vpc=ids[VPC])
    before = {path: prod.value(path) for path in OPERATORS}
    committed = applied.folder(PROD)
    prod.change()
    applied.synthesized_as(PROD, with_other_placeholders(committed, tmp_path_factory.mktemp("other-placeholders")))
    try:
        prod.plan_and_apply()
        yield prod
    finally:
        if prod.group:
            prod.close()
        applied.synthesized_as(PROD, committed)
        prod.operate(before)
        applied.terraform(PROD).run("apply", "-refresh-only", "-auto-approve", capture=True)


def held(applied: Applied) -> dict[str, dict[str, Any]]:
    """Return the resources in prod's state, by address."""
    shown = json.loads(applied.terraform(PROD).run("show", "-json", capture=True).stdout)
    return {each["address"]: each for each in shown["values"]["root_module"]["resources"]}


def with_other_placeholders(committed: Path, into: Path) -> Path:
    """Return prod with other descriptions, keys and placeholders of the operator's parameters."""
    folder = into / PROD
    shutil.copytree(committed, folder, ignore=shutil.ignore_patterns(".terraform*"))
    configuration = json.loads((folder / "cdk.tf.json").read_text())
    for path in OPERATORS:
        block = configuration["resource"]["aws_ssm_parameter"][f"parameters_{path.replace('/', '_')}"]
        block |= {"description": "Other words", "value_wo": "another placeholder", "value_wo_version": 2}
        if "key_id" in block:
            block["key_id"] = "alias/aws/ssm"
    (folder / "cdk.tf.json").write_text(json.dumps(configuration))
    return folder


def test_only_manual_changes_are_planned(by_hand: ByHand) -> None:
    assert planned_changes(by_hand.planned).keys() == {RULE, VPC, PORT}
    for address in (RULE, VPC, PORT):
        assert f"# {address} " in by_hand.shown
    assert "0.0.0.0/0" in by_hand.shown


def test_a_rule_opened_to_the_internet_is_closed(by_hand: ByHand) -> None:
    ec2 = by_hand.applied.client("ec2")
    rule = held(by_hand.applied)[RULE]["values"]
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["id"]])["SecurityGroupRules"]
    assert "CidrIpv4" not in found
    assert found["ReferencedGroupInfo"]["GroupId"] == rule["referenced_security_group_id"]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [found["GroupId"]]}])
    assert [each for each in rules["SecurityGroupRules"] if each.get("CidrIpv4") == "0.0.0.0/0"] == []


def firewall_rules(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of the check block for foreign security group rules."""
    (found,) = [each for each in plan["checks"] if each["address"]["to_display"] == "check.firewall_rules"]
    return dict(found)


def test_a_manually_added_rule_is_reported_until_it_is_deleted(by_hand: ByHand) -> None:
    # While a plan changes rules, their ids are unknown until the apply.
    assert firewall_rules(by_hand.planned)["status"] == "unknown"
    assert by_hand.added in by_hand.shown
    result = firewall_rules(by_hand.applied.plan(PROD))
    assert result["status"] == "fail"
    (problem,) = result["instances"][0]["problems"]
    assert problem["message"].endswith(f"draw its edge: {by_hand.added}")
    by_hand.close()  # `test_life` proves that the check passes again


def test_a_removed_tag_is_restored(by_hand: ByHand) -> None:
    (vpc,) = by_hand.applied.client("ec2").describe_vpcs(VpcIds=[by_hand.vpc])["Vpcs"]
    assert {"Key": "ManagedBy", "Value": "terraform"} in vpc["Tags"]


def test_a_changed_value_is_restored(by_hand: ByHand) -> None:
    assert by_hand.value("db/port") == "5432"


@pytest.mark.parametrize("path", OPERATORS)
def test_values_set_by_the_operator_are_kept(by_hand: ByHand, path: str) -> None:
    assert by_hand.value(path) == OPERATORS[path]


def test_secrets_are_in_no_plan_output_or_state(by_hand: ByHand) -> None:
    s3 = by_hand.applied.client("s3")
    listed = (
        s3.get_paginator("list_object_versions")
        .paginate(Bucket=STATE_BUCKET, Prefix=state_key(PROD))
        .search("Versions[]")
    )
    states = [
        s3.get_object(Bucket=STATE_BUCKET, Key=each["Key"], VersionId=each["VersionId"])["Body"].read().decode()
        for each in listed
    ]
    assert len(states) > 1
    everything = [by_hand.shown, json.dumps(by_hand.planned), json.dumps(by_hand.applied.first[PROD]), *states]
    secrets = {path: by_hand.value(path) for path in (*GENERATED, *OPERATORS)}
    assert [path for path, secret in secrets.items() if any(secret in text for text in everything)] == []
