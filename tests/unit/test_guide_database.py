"""The database made by hand is the one that Terraform would make: `docs/database.md` against a managed one of prod.

docs/database.md ─ commands ─► options ─ botocore's model ─► arguments of AWS's API ┐
prod with a managed database ─ synthesized ─► Terraform's arguments, as AWS's       ┴─► equal, one by one
"""

import functools
import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from tests.synthesized import Resource, Stack, environment, synthesized
from wealist.spec.environment import ManagedDatabase

PAGE = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
KEY, GROUP = "arn:aws:kms:the-key", "sg-database"
"""What the page's own variables stand for."""

API_NAMES = {
    "identifier": "DBInstanceIdentifier",
    "instance_class": "DBInstanceClass",
    "username": "MasterUsername",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "parameter_group_name": "DBParameterGroupName",
    "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
    "performance_insights_enabled": "EnablePerformanceInsights",
}
"""Terraform's arguments that AWS's API calls by another word."""

NOT_AT_CREATION = {
    "//",
    "apply_immediately",
    "delete_automated_backups",
    "depends_on",
    "final_snapshot_identifier",
    "lifecycle",
    "skip_final_snapshot",
}
"""What Terraform keeps to itself, or says when it changes or deletes a database."""


@pytest.fixture(scope="module")
def managed() -> Stack:
    """Production, if Terraform made its database."""
    return synthesized(environment("prod", database=ManagedDatabase()))


@functools.cache
def typed() -> tuple[str, ...]:
    """The commands of the page's section, each in one line, with its variables filled in."""
    section = PAGE.partition("\n## Create by hand\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, flags=re.DOTALL)
    text = re.sub(r" *\\\n\s*", " ", "\n".join(blocks))
    text = text.replace("$env", "prod").replace("$key", KEY).replace("$group", GROUP)
    return tuple(re.findall(r"^ +\$ (.*)$", text, flags=re.MULTILINE))


def asked(service: str, operation: str) -> list[dict[str, Any]]:
    """The arguments of AWS's API that each such command of the page gives; options that AWS lacks are refused."""
    prefix = f"aws {service} {operation} "
    shape = model(service, operation)
    found = [arguments(shape, shlex.split(line.removeprefix(prefix))) for line in typed() if line.startswith(prefix)]
    for each in found:
        report = ParamValidator().validate(each, shape)
        assert not report.has_errors(), report.generate_report()
    return found


def model(service: str, operation: str) -> Any:
    api = botocore.session.get_session().get_service_model(service)
    (name,) = [name for name in api.operation_names if xform_name(name, "-") == operation]
    return api.operation_model(name).input_shape


def arguments(shape: Any, words: list[str]) -> dict[str, Any]:
    """`--port 5432 --no-multi-az` → `{"Port": 5432, "MultiAZ": False}`, as the AWS CLI reads it."""
    members = {f"--{xform_name(name, '-')}": name for name in shape.members}
    given: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            assert word not in given, f"{word} stands twice"
            given[word] = []
        else:
            given[list(given)[-1]].append(word)
    found = {}
    for option, values in given.items():
        positive = option if option in members else option.replace("--no-", "--", 1)
        found[members[positive]] = value(shape.members[members[positive]], values, positive=positive == option)
    return found


def value(shape: Any, words: list[str], *, positive: bool) -> Any:
    match shape.type_name:
        case "boolean":
            assert words == []
            return positive
        case "integer":
            return int(*words)
        case "map":
            return pairs(*words)
        case "list":
            return [pairs(word) if shape.member.type_name == "structure" else word for word in words]
        case _:
            (word,) = words
            return word


def pairs(word: str) -> dict[str, str]:
    """The CLI's short form of a map or a structure: `Key=Name,Value=x`."""
    return dict(pair.split("=", 1) for pair in word.split(","))


def in_aws_words(stack: Stack, resource: Resource, shape: Any) -> dict[str, Any]:
    """A resource's arguments under the names of AWS's API, with what they refer to."""
    names = {xform_name(name): name for name in shape.members}
    return {
        API_NAMES.get(name) or names[name]: resolved(stack, resource[name])
        for name in resource
        if name not in NOT_AT_CREATION | {"tags"}
    }


def resolved(stack: Stack, given: Any) -> Any:
    if isinstance(given, list):
        return [resolved(stack, each) for each in given]
    reference = re.fullmatch(r"\$\{(\w+\.\w+)\.(\w+)\}", given) if isinstance(given, str) else None
    if not reference:
        return given
    known = {"aws_kms_key.encryption_key.arn": KEY, "aws_security_group.firewall_rds_sg.id": GROUP}
    return known.get(f"{reference[1]}.{reference[2]}") or stack.at(reference[1])[reference[2]]


def tags(stack: Stack, resource: Resource) -> dict[str, str]:
    """A resource's tags and the provider's, but for whose hand made it."""
    (provider,) = [each for each in stack.document["provider"]["aws"] if "alias" not in each]
    common: dict[str, str] = provider["default_tags"][0]["tags"]
    return common | {"ManagedBy": "hand"} | dict(resource.get("tags", {}))


def given_tags(asked: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in asked.pop("Tags")}


def test_the_database_made_by_hand_has_every_argument_of_a_managed_one(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    (by_hand,) = asked("rds", "create-db-instance")
    assert given_tags(by_hand) == tags(managed, instance)
    assert by_hand == in_aws_words(managed, instance, model("rds", "create-db-instance"))


def test_its_parameters_are_those_of_a_managed_one(managed: Stack) -> None:
    group = managed.only("aws_db_parameter_group")
    (by_hand,) = asked("rds", "create-db-parameter-group")
    assert given_tags(by_hand) == tags(managed, group)
    name = group["name"]
    assert by_hand == {
        "DBParameterGroupName": name,
        "DBParameterGroupFamily": group["family"],
        "Description": group["description"],
    }
    expected = [
        {"ParameterName": each["name"], "ParameterValue": each["value"], "ApplyMethod": each["apply_method"]}
        for each in group["parameter"]
    ]
    assert asked("rds", "modify-db-parameter-group") == [{"DBParameterGroupName": name, "Parameters": expected}]


def test_its_logs_are_kept_and_encrypted_as_those_of_a_managed_one(managed: Stack) -> None:
    groups = [each for each in managed.all("aws_cloudwatch_log_group") if each["name"].startswith("/aws/rds/")]
    assert asked("logs", "create-log-group") == [
        {"logGroupName": each["name"], "kmsKeyId": KEY, "tags": tags(managed, each)} for each in groups
    ]
    assert asked("logs", "put-retention-policy") == [
        {"logGroupName": each["name"], "retentionInDays": each["retention_in_days"]} for each in groups
    ]
    operations = [line.split()[2] for line in typed() if line.startswith("aws ")]
    assert operations.index("create-log-group") < operations.index("create-db-instance")


def test_the_key_and_the_security_group_are_the_environments(prod: Stack) -> None:
    key = prod.only("aws_kms_alias")["name"]
    group = prod.at("aws_security_group.firewall_rds_sg")["name"]
    variables = dict(re.findall(r"^(\w+)=\$\((.*)\)$", "\n".join(typed()), flags=re.MULTILINE))
    assert f"aws kms describe-key --key-id {key} --query KeyMetadata.Arn " in variables["key"]
    assert f"--filters Name=group-name,Values={group} --query 'SecurityGroups[0].GroupId' " in variables["group"]


def test_its_address_goes_to_the_services_once_it_is_there(prod: Stack, managed: Stack) -> None:
    identifier = managed.only("aws_db_instance")["identifier"]
    *_, created, waited, put = typed()
    assert created.startswith(f"aws rds create-db-instance --db-instance-identifier {identifier} ")
    assert waited == f"aws rds wait db-instance-available --db-instance-identifier {identifier}"
    parameter = prod.at("aws_ssm_parameter.parameters_db_endpoint")["name"]
    assert put == (
        f"aws ssm put-parameter --overwrite --name {parameter} --value $(aws rds describe-db-instances"
        f" --db-instance-identifier {identifier} --query 'DBInstances[0].Endpoint.Address' --output text)"
    )


def test_its_deletion_leaves_the_snapshot_and_the_backups_of_a_managed_one(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert (instance["skip_final_snapshot"], instance["delete_automated_backups"]) == (False, False)
    assert (
        f"--final-db-snapshot-identifier {instance['final_snapshot_identifier']} --no-delete-automated-backups" in PAGE
    )
