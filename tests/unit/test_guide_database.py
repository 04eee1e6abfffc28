"""docs/database.md: its commands create the database that Terraform would create, and its names exist.

docs/database.md ─ commands ─► options ─ botocore's model ─► arguments of AWS's API ┐
prod with a managed database ─ synthesized ─► Terraform's arguments, as AWS's       ┴─► equal, one by one
"""

import functools
import re
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from tests.synthesized import Resource, Stack, environment, synthesized
from tests.unit.spec.builders import problems
from tests.unit.test_guide_readme import OPERATIONS, PAGES, typed
from wealist.spec import parameters as paths
from wealist.spec.account import REGION
from wealist.spec.environment import ManagedDatabase
from wealist.spec.services import DATABASE_MASTER_USER, POSTGRESQL_PORT

PAGE = PAGES["database"]
SESSION = botocore.session.get_session()
COMMANDS = "\n".join(typed(PAGE))
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
def by_hand() -> tuple[str, ...]:
    """Return the commands of "Create by hand", with variables replaced."""
    section = PAGE.partition("\n## Create by hand\n")[2].partition("\n## ")[0]
    text = "\n".join(typed(section))
    return tuple(text.replace("$env", "prod").replace("$key", KEY).replace("$group", GROUP).splitlines())


def requests(service: str, operation: str) -> list[dict[str, Any]]:
    """Return the API arguments of each such command; fail for options that AWS lacks."""
    prefix = f"aws {service} {operation} "
    shape = model(service, operation)
    all_arguments = [
        arguments(shape, shlex.split(line.removeprefix(prefix))) for line in by_hand() if line.startswith(prefix)
    ]
    for each in all_arguments:
        report = ParamValidator().validate(each, shape)
        assert not report.has_errors(), report.generate_report()
    return all_arguments


@functools.cache
def model(service: str, operation: str) -> Any:
    api = SESSION.get_service_model(service)
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
    operations = [line.split()[2] for line in by_hand() if line.startswith("aws ")]
    assert operations.index("create-log-group") < operations.index("create-db-instance")


def test_key_and_security_group_are_looked_up_by_existing_names(prod: Stack) -> None:
    key = prod.only("aws_kms_alias")["name"]
    group = prod.at("aws_security_group.firewall_rds_sg")["name"]
    variables = dict(re.findall(r"^(\w+)=\$\((.*)\)$", "\n".join(by_hand()), flags=re.MULTILINE))
    assert f"aws kms describe-key --key-id {key} --query KeyMetadata.Arn " in variables["key"]
    assert f"--filters Name=group-name,Values={group} --query 'SecurityGroups[0].GroupId' " in variables["group"]


def test_the_address_is_written_after_the_database_is_available(prod: Stack, managed: Stack) -> None:
    identifier = managed.only("aws_db_instance")["identifier"]
    *_, created, waited, put = by_hand()
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


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_table_lists_the_databases_of_each_environment(name: str) -> None:
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| `(\w+)` \| `/wealist/<env>/(\S+)` \|$", PAGE, flags=re.MULTILINE)
    assert rows == [
        (service.name, service.database_name, service.database_user, paths.db_password(service))
        for service in environment(name).services
    ]


def test_named_parameters_exist(dev: Stack) -> None:
    named = set(re.findall(r"/wealist/(?:<env>|\$env)/(\w+/\w+)", PAGE))
    made = {parameter["name"].removeprefix("/wealist/dev/") for parameter in dev.all("aws_ssm_parameter")}
    assert named == {paths.DB_ENDPOINT, "db/user_db_password", "db/board_db_password"}
    assert named <= made


def test_identifier_user_and_port_equal_those_of_the_managed_database(dev: Stack) -> None:
    instance = dev.only("aws_db_instance")
    lines = COMMANDS.replace("$env", "dev")
    assert f"--db-instance-identifier {instance['identifier']} " in lines
    assert f"master={instance['username']}\n" in lines
    assert instance["username"] == DATABASE_MASTER_USER
    assert f"host=$host,portNumber={POSTGRESQL_PORT},localPortNumber=15432" in lines


def test_the_forwarding_instance_is_found_by_existing_tags(prod: Stack) -> None:
    filters = dict(re.findall(r"Name=tag:(\w+),Values=(\S+)", COMMANDS.replace("$env", "prod")))
    templates = [each for each in prod.all("aws_launch_template") if each["name"] == "wealist-prod-backend-lt"]
    (tagged,) = [each["tags"] for each in templates[0]["tag_specifications"] if each["resource_type"] == "instance"]
    assert filters == {name: tagged[name] for name in ("Environment", "Role")}


def test_both_guides_connect_the_same_way_and_verify_the_server() -> None:
    connect = re.compile(r"\bwealist database \S+ --passwords \| (psql .*)")
    (own,) = connect.findall(COMMANDS)
    (operations,) = connect.findall("\n".join(typed(OPERATIONS)))
    assert own == operations
    assert "sslmode=verify-full" in own
    assert f"sslrootcert={REGION}-bundle.pem" in own
    # Without pipefail a failure of the first command is ignored.
    assert COMMANDS.index("set -o pipefail") < COMMANDS.index(own)


def test_no_password_is_on_a_command_line() -> None:
    for line in COMMANDS.splitlines():
        assert not re.search(
            r"password=|PGPASSWORD=\S* psql|--password(?!s)|-W", line.replace("export PGPASSWORD=$(", "(")
        )
    assert "unset PGPASSWORD" in COMMANDS


def test_the_example_rotation_is_valid() -> None:
    (path, times) = re.findall(r'rotated_secrets=\{"(\S+)": (\d+)\}', PAGE)[0]
    assert problems(rotated_secrets={path: int(times)}) == []
