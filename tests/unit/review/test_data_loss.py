from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import change, found, modified, review_of, risks
from wealist.review.finding import Kind, Severity
from wealist.review.options import Gate

DB = {"instance_class": "db.t3.micro"}


@pytest.mark.parametrize(
    "kind",
    ["aws_db_instance", "aws_s3_bucket", "aws_elasticache_replication_group", "aws_kms_key", "aws_ecr_repository"],
)
@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete")])
def test_destroying_stateful_resources_is_a_danger(kind: str, actions: tuple[str, ...]) -> None:
    ((severity, _), *_) = found(change(f"{kind}.a", *actions, before=DB, after=DB), kind=Kind.STATEFUL)
    assert severity is Severity.DANGER


def test_destroying_stateless_resources_is_a_caution() -> None:
    assert found(change("aws_lb_listener_rule.a", "delete", before={})) == [(Severity.CAUTION, "is destroyed")]


def test_only_secure_parameters_hold_data() -> None:
    secret = change("aws_ssm_parameter.a", "delete", before={"type": "SecureString"})
    port = change("aws_ssm_parameter.b", "delete", before={"type": "String"})
    assert [severity for severity, _ in found(secret, port)] == [Severity.DANGER, Severity.CAUTION]


def test_a_type_without_a_row_counts_as_holding_data() -> None:
    ((severity, words),) = found(change("aws_unheard_of.a", "delete", before={}))
    assert severity is Severity.DANGER
    assert "has no complete row" in words


def test_a_replacement_names_its_order_and_the_forcing_attributes() -> None:
    replaced = change(
        "aws_lb_target_group.a", "create", "delete", before={"port": 80}, after={"port": 81},
        replace_paths=[["port"], ["health_check", 0, "path"]], of_action_reason="replace_because_cannot_update",
    )  # fmt: skip
    (finding,) = (each for each in risks(replaced) if each.kind is Kind.REPLACED)
    assert "".join(finding.words) == (
        "is replaced, destroyed after its replacement is created: forced by port and health_check[0].path"
    )
    assert [str(line) for line in finding.lines] == ["- port: 80", "+ port: 81"]


@pytest.mark.parametrize(
    ("reason", "description"),
    [
        ("replace_because_tainted", "tainted"),
        ("replace_by_request", "-replace"),
        ("replace_by_triggers", "triggered"),
    ],
)
def test_a_replacement_without_a_forcing_attribute_states_its_reason(reason: str, description: str) -> None:
    ((_, words),) = found(change("aws_eip.a", "create", "delete", before={}, after={}, of_action_reason=reason))
    assert description in words


def test_a_destruction_states_its_reason() -> None:
    gone = change("aws_eip.a", "delete", before={}, of_action_reason="delete_because_no_resource_config")
    assert found(gone) == [(Severity.CAUTION, "is destroyed, because it is no longer in the configuration")]


def test_a_database_without_a_final_snapshot_is_reported() -> None:
    ((_, words),) = found(change("aws_db_instance.a", "delete", before=DB | {"skip_final_snapshot": True}))
    assert words.endswith("and is deleted without a final snapshot")


def test_losses_are_ordered_by_their_weight() -> None:
    lost = ["aws_cloudwatch_log_group.a", "aws_db_instance.b", "aws_db_snapshot.c", "aws_dynamodb_table.d"]
    kept = change("aws_kms_key.a", "delete", before={})
    found_ = risks(kept, *(change(address, "delete", before={"skip_final_snapshot": True}) for address in lost))
    order = [*lost[1::2], *lost[0::2], "aws_kms_key.a"]
    assert [each.address for each in found_ if each.kind is Kind.STATEFUL] == order


VALUE = {"type": "SecureString", "value_wo_version": None}
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration.a"
OVERWRITTEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_ssm_parameter.a", VALUE, {"value_wo_version": 1}),
    ("aws_ssm_parameter.a", VALUE | {"value_wo_version": 1}, {"value_wo_version": 2}),
    ("aws_ssm_parameter.a", VALUE | {"value_wo_version": 2}, {"value_wo_version": 1}),
    ("aws_secretsmanager_secret_version.a", {"secret_string_wo_version": 1}, {"secret_string_wo_version": 2}),
    ("aws_db_instance.a", {"backup_retention_period": 14}, {"backup_retention_period": 1}),
    ("aws_rds_cluster.a", {"backup_retention_period": 14}, {"backup_retention_period": 0}),
    ("aws_elasticache_replication_group.a", {"snapshot_retention_limit": 7}, {"snapshot_retention_limit": 1}),
    ("aws_cloudwatch_log_group.a", {"retention_in_days": 365}, {"retention_in_days": 30}),
    ("aws_cloudwatch_log_group.a", {"retention_in_days": 0}, {"retention_in_days": 30}),
    ("aws_sqs_queue.a", {"message_retention_seconds": 1209600}, {"message_retention_seconds": 60}),
    (
        "aws_dynamodb_table.a",
        {"point_in_time_recovery": [{"enabled": True}]},
        {"point_in_time_recovery": [{"enabled": False}]},
    ),
    (
        "aws_dynamodb_table.a",
        {"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}]},
        {"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 7}]},
    ),
    (
        LIFECYCLE,
        {"rule": [{"id": "a", "noncurrent_version_expiration": [{"noncurrent_days": 90}]}]},
        {"rule": [{"id": "a", "noncurrent_version_expiration": [{"noncurrent_days": 1}]}]},
    ),
    (LIFECYCLE, {"rule": [{"id": "a", "expiration": []}]}, {"rule": [{"id": "a", "expiration": [{"days": 30}]}]}),
    (LIFECYCLE, {"rule": [{"id": "a"}]}, {"rule": [{"id": "b", "expiration": [{"days": 30}]}, {"id": "a"}]}),
]


@pytest.mark.parametrize(("address", "before", "after"), OVERWRITTEN)
def test_updates_that_destroy_data_are_stopped(
    tmp_path: Path, address: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    update = modified(address, before, after)
    ((severity, words),) = found(update, kind=Kind.STATEFUL)
    assert severity is Severity.DANGER
    assert words.startswith("changes ")
    review = review_of(tmp_path, update, gates=(Gate.STATEFUL,))
    assert [stop.change.address for stop in review.gate_result.stopped] == [address]


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        *((address, {**before, **after}, before) for address, before, after in OVERWRITTEN[4:]),
        ("aws_ssm_parameter.a", VALUE | {"value_wo_version": 1, "tags": {}}, {"tags": {"a": "b"}}),
        ("aws_ssm_parameter.a", VALUE | {"value_wo_version": 1}, {"value_wo_version": None}),
        (
            LIFECYCLE,
            {"rule": [{"id": "a", "expiration": [{"days": 90}]}, {"id": "b", "expiration": [{"days": 30}]}]},
            {"rule": [{"id": "b", "expiration": [{"days": 30}]}, {"id": "a", "expiration": [{"days": 90}]}]},
        ),
    ],
)
def test_updates_that_keep_data_are_no_loss(
    tmp_path: Path, address: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    update = modified(address, before, after)
    assert found(update, kind=Kind.STATEFUL) == []
    assert review_of(tmp_path, update, gates=(Gate.STATEFUL,)).gate_result.stopped == ()


@pytest.mark.parametrize("kind", ["aws_kms_key", "aws_iam_access_key", "tls_private_key"])
def test_replaced_keys_are_stopped(tmp_path: Path, kind: str) -> None:
    replaced = change(f"{kind}.a", "delete", "create", before={"a": 1}, after={"a": 2})
    review = review_of(tmp_path, replaced, gates=(Gate.STATEFUL,))
    assert [stop.change.address for stop in review.gate_result.stopped] == [f"{kind}.a"]


def test_an_unknown_version_of_a_value_cannot_be_judged() -> None:
    update = change(
        "aws_ssm_parameter.a", "update", before=VALUE, after={"type": "SecureString"},
        after_unknown={"value_wo_version": True},
    )  # fmt: skip
    assert found(update, kind=Kind.PROTECTION) == [
        (Severity.CAUTION, "value_wo_version cannot be judged: it is known after apply")
    ]


def test_forgotten_resources_are_reported() -> None:
    assert found(change("aws_db_instance.a", "forget", before=DB)) == [
        (Severity.CAUTION, "stays in AWS, and Terraform no longer manages it")
    ]


def test_a_replacement_that_forgets_the_old_resource_is_no_loss() -> None:
    severities = {
        severity for severity, _ in found(change("aws_db_instance.a", "create", "forget", before=DB, after=DB))
    }
    assert severities == {Severity.CAUTION}


def test_destroying_a_deposed_object_with_data_is_a_danger() -> None:
    ((severity, words),) = found(change("aws_db_instance.a", "delete", before=DB, of_deposed="abcd1234"))
    assert severity is Severity.DANGER
    assert words == "is destroyed (a leftover of an earlier replacement); it holds the services' data"


def test_only_deposed_objects_with_data_are_stopped(tmp_path: Path) -> None:
    database, rule = (
        change(address, "delete", before={}, of_deposed="abcd1234")
        for address in ("aws_db_instance.a", "aws_lb_listener_rule.a")
    )
    review = review_of(tmp_path, database, rule, gates=(Gate.STATEFUL,))
    assert [stop.change.address for stop in review.gate_result.stopped] == ["aws_db_instance.a"]


def test_stateful_resources_deleted_in_aws_are_lost() -> None:
    for address, expected in (("aws_db_instance.a", Severity.DANGER), ("aws_lb_listener_rule.a", None)):
        gone = change(address, "delete", before=DB)
        losses = found(change(address, "create", after=DB), kind=Kind.STATEFUL, resource_drift=[gone])
        assert [severity for severity, _ in losses] == ([expected] if expected else [])


def test_resources_changed_in_aws_are_not_lost() -> None:
    for drifted, planned in (("update", "create"), ("delete", "update")):
        drift = change("aws_db_instance.a", drifted, before=DB, after=DB)
        assert found(change("aws_db_instance.a", planned, before=DB, after=DB), resource_drift=[drift]) == []


def test_many_forcing_attributes_are_counted() -> None:
    paths = [[f"attribute_{number}"] for number in range(2_500)]
    replaced = change("aws_db_instance.a", "delete", "create", before=DB, after=DB, replace_paths=paths)
    ((_, words), *_) = found(replaced, kind=Kind.STATEFUL)
    assert "attribute_7 and 2492 more; it holds" in words
    assert "attribute_8" not in words


@pytest.mark.parametrize("actions", [("delete", "archive"), ("suspend",), ("create", "suspend")])
def test_an_unknown_action_is_judged_as_the_worst_case(actions: tuple[str, ...]) -> None:
    ((severity, words),) = found(change("aws_db_instance.a", *actions, before=DB, after=DB), kind=Kind.STATEFUL)
    assert severity is Severity.DANGER
    assert "an unknown action" in words
