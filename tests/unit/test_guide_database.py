"""The commands of docs/database.md create the same database as Terraform would.

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
"""Values of the page's shell variables."""

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
"""Terraform's argument → its name in AWS's API, where they differ."""

NOT_AT_CREATION = {
    "//",
    "apply_immediately",
    "delete_automated_backups",
    "depends_on",
    "final_snapshot_identifier",
    "lifecycle",
    "skip_final_snapshot",
}
"""Arguments that Terraform does not send when it creates a database."""


@pytest.fixture(scope="module")
def managed() -> Stack:
    """Return prod with a managed database."""
    return synthesized(environment("prod", database=ManagedDatabase()))


@functools.cache
def typed() -> tuple[str, ...]:
    """Return the commands of the section, each on one line, with variables replaced."""
    section = PAGE.partition("\n## Create by hand\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, flags=re.DOTALL)
    text = re.sub(r" *\\\n\s*", " ", "\n".join(blocks))
    text = text.replace("$env", "prod").replace("$key", KEY).replace("$group", GROUP)
    return tuple(re.findall(r"^ +\$ (.*)$", text, flags=re.MULTILINE))


def requests(service: str, operation: str) -> list[dict[str, Any]]:
    """Return the API arguments of each such command; fail for options that AWS lacks."""
    prefix = f"aws {service} {operation} "
    shape = model(service, operation)
    all_arguments = [
        arguments(shape, shlex.split(line.removeprefix(prefix))) for line in typed() if line.startswith(prefix)
    ]
    for each in all_arguments:
        report = ParamValidator().validate(each, shape)
        assert not report.has_errors(), report.generate_report()
    return all_arguments


def model(service: str, operation: str) -> Any:
    api = botocore.session.get_session().get_service_model(service)
    (name,) = [name for name in api.operation_names if xform_name(name, "-") == operation]
    return api.operation_model(name).input_shape


def arguments(shape: Any, words: list[str]) -> dict[str, Any]:
    """Parse options as the AWS CLI does: `--port 5432 --no-multi-az` → `{"Port": 5432, "MultiAZ": False}`."""
    members = {f"--{xform_name(name, '-')}": name for name in shape.members}
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            assert word not in options, f"{word} is repeated"
            options[word] = []
        else:
            options[list(options)[-1]].append(word)
    parsed = {}
    for option, values in options.items():
        positive = option if option in members else option.replace("--no-", "--", 1)
        parsed[members[positive]] = value(shape.members[members[positive]], values, positive=positive == option)
    return parsed


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
    """Parse the CLI's shorthand of a map or structure: `Key=Name,Value=x`."""
    return dict(pair.split("=", 1) for pair in word.split(","))


def api_arguments(stack: Stack, resource: Resource, shape: Any) -> dict[str, Any]:
    """Return a resource's arguments under AWS's names, with references resolved."""
    names = {xform_name(name): name for name in shape.members}
    return {
        API_NAMES.get(name) or names[name]: resolved(stack, resource[name])
        for name in resource
        if name not in NOT_AT_CREATION | {"tags"}
    }


def resolved(stack: Stack, argument: Any) -> Any:
    if isinstance(argument, list):
        return [resolved(stack, each) for each in argument]
    reference = re.fullmatch(r"\$\{(\w+\.\w+)\.(\w+)\}", argument) if isinstance(argument, str) else None
    if not reference:
        return argument
    known = {"aws_kms_key.encryption_key.arn": KEY, "aws_security_group.firewall_rds_sg.id": GROUP}
    return known.get(f"{reference[1]}.{reference[2]}") or stack.at(reference[1])[reference[2]]


def tags(stack: Stack, resource: Resource) -> dict[str, str]:
    """Return the tags of a resource and of the provider, with `ManagedBy=hand`."""
    (provider,) = [each for each in stack.document["provider"]["aws"] if "alias" not in each]
    common: dict[str, str] = provider["default_tags"][0]["tags"]
    return common | {"ManagedBy": "hand"} | dict(resource.get("tags", {}))


def pop_tags(request: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in request.pop("Tags")}


def test_the_instance_has_every_argument_of_a_managed_one(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    (by_hand,) = requests("rds", "create-db-instance")
    assert pop_tags(by_hand) == tags(managed, instance)
    assert by_hand == api_arguments(managed, instance, model("rds", "create-db-instance"))


def test_the_parameter_group_equals_a_managed_one(managed: Stack) -> None:
    group = managed.only("aws_db_parameter_group")
    (by_hand,) = requests("rds", "create-db-parameter-group")
    assert pop_tags(by_hand) == tags(managed, group)
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
    assert requests("rds", "modify-db-parameter-group") == [{"DBParameterGroupName": name, "Parameters": expected}]


def test_log_groups_have_the_retention_and_key_of_managed_ones(managed: Stack) -> None:
    groups = [each for each in managed.all("aws_cloudwatch_log_group") if each["name"].startswith("/aws/rds/")]
    assert requests("logs", "create-log-group") == [
        {"logGroupName": each["name"], "kmsKeyId": KEY, "tags": tags(managed, each)} for each in groups
    ]
    assert requests("logs", "put-retention-policy") == [
        {"logGroupName": each["name"], "retentionInDays": each["retention_in_days"]} for each in groups
    ]
    operations = [line.split()[2] for line in typed() if line.startswith("aws ")]
    assert operations.index("create-log-group") < operations.index("create-db-instance")


def test_key_and_security_group_are_looked_up_by_existing_names(prod: Stack) -> None:
    key = prod.only("aws_kms_alias")["name"]
    group = prod.at("aws_security_group.firewall_rds_sg")["name"]
    variables = dict(re.findall(r"^(\w+)=\$\((.*)\)$", "\n".join(typed()), flags=re.MULTILINE))
    assert f"aws kms describe-key --key-id {key} --query KeyMetadata.Arn " in variables["key"]
    assert f"--filters Name=group-name,Values={group} --query 'SecurityGroups[0].GroupId' " in variables["group"]


def test_the_address_is_written_after_the_database_is_available(prod: Stack, managed: Stack) -> None:
    identifier = managed.only("aws_db_instance")["identifier"]
    *_, created, waited, put = typed()
    assert created.startswith(f"aws rds create-db-instance --db-instance-identifier {identifier} ")
    assert waited == f"aws rds wait db-instance-available --db-instance-identifier {identifier}"
    parameter = prod.at("aws_ssm_parameter.parameters_db_endpoint")["name"]
    assert put == (
        f"aws ssm put-parameter --overwrite --name {parameter} --value $(aws rds describe-db-instances"
        f" --db-instance-identifier {identifier} --query 'DBInstances[0].Endpoint.Address' --output text)"
    )


def test_a_deletion_keeps_the_snapshot_and_backups_of_a_managed_one(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert (instance["skip_final_snapshot"], instance["delete_automated_backups"]) == (False, False)
    assert (
        f"--final-db-snapshot-identifier {instance['final_snapshot_identifier']} --no-delete-automated-backups" in PAGE
    )
