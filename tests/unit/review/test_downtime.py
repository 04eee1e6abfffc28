from typing import Any

import pytest

from tests.unit.review.builders import change, found, updated
from wealist.review.finding import Kind, Severity

DB = {"instance_class": "db.t3.micro", "engine_version": "17"}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("instance_class", "db.t3.large"), ("engine_version", "18"), ("db_subnet_group_name", "x")],
)
def test_a_database_restart_is_a_caution(attribute: str, value: str) -> None:
    before = DB | {"db_subnet_group_name": "y"}
    ((severity, words),) = updated("aws_db_instance.a", before, {attribute: value}, Kind.DOWNTIME)
    assert severity is Severity.CAUTION
    assert words.startswith(f"changes {attribute}: ")


@pytest.mark.parametrize(
    ("immediately", "when"), [(True, "(immediately)"), (False, "(in the next maintenance window)")]
)
def test_the_time_of_the_interruption_is_reported(immediately: bool, when: str) -> None:  # noqa: FBT001 -- parametrized
    before = DB | {"apply_immediately": immediately}
    ((_, words),) = updated("aws_db_instance.a", before, {"instance_class": "x"})
    assert words.endswith(when)


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        ("aws_db_instance.a", {"engine_version": "16.3"}, {"engine_version": "15.2"}),
        ("aws_db_instance.a", {"engine_version": "16.10"}, {"engine_version": "16.9"}),
        ("aws_db_instance.a", {"engine_version": "16.3"}, {"engine_version": "15"}),
        (
            "aws_rds_cluster.a",
            {"engine_version": "8.0.mysql_aurora.3.05.2"},
            {"engine_version": "5.7.mysql_aurora.2.11.1"},
        ),
        ("aws_db_instance.a", {"allocated_storage": 100}, {"allocated_storage": 50}),
        ("aws_ebs_volume.a", {"size": 20}, {"size": 10}),
        ("aws_instance.a", {"root_block_device": [{"volume_size": 20}]}, {"root_block_device": [{"volume_size": 8}]}),
        ("aws_eks_cluster.a", {"version": "1.31"}, {"version": "1.30"}),
    ],
)
def test_changes_that_aws_rejects_are_cautions(address: str, before: Any, after: Any) -> None:
    ((severity, words),) = updated(address, before, after)
    assert severity is Severity.CAUTION
    assert words.endswith("which AWS rejects: the apply fails")
    assert "refuses" not in str(updated(address, after, before))


@pytest.mark.parametrize(("before", "after"), [("16", "16.3"), ("16.3", "16"), ("16.9", "16.10"), ("16.3", "17")])
def test_a_version_that_is_not_older_is_an_upgrade(before: str, after: str) -> None:
    ((_, words),) = updated("aws_db_instance.a", {"engine_version": before}, {"engine_version": after})
    assert words.startswith("changes engine_version: the database is upgraded")


@pytest.mark.parametrize("kind", ["aws_elasticache_replication_group", "aws_elasticache_cluster"])
def test_a_cache_downgrade_is_not_called_an_upgrade(kind: str) -> None:
    ((_, words),) = updated(f"{kind}.a", {"engine_version": "7.1"}, {"engine_version": "7.0"})
    assert "upgrade" not in words


def test_removing_a_standby_has_no_downtime() -> None:
    ((_, words),) = updated("aws_db_instance.a", {"multi_az": True}, {"multi_az": False})
    assert words.endswith("no downtime; the database is slower while a standby is created")


def test_adding_a_standby_is_a_note() -> None:
    assert [each for each, _ in updated("aws_db_instance.a", {"multi_az": False}, {"multi_az": True})] == [
        Severity.NOTE
    ]


def test_a_serving_resource_that_is_destroyed_first_is_downtime() -> None:
    replaced = change("aws_lb_target_group.a", "delete", "create", before={"port": 1}, after={"port": 2})
    gentle = change("aws_lb_target_group.a", "create", "delete", before={"port": 1}, after={"port": 2})
    ((_, words),) = found(replaced, kind=Kind.DOWNTIME)
    assert words == "is unavailable until its replacement is ready: requests forwarded to it fail"
    assert found(gentle, kind=Kind.DOWNTIME) == []


def test_only_an_instance_refresh_replaces_running_instances() -> None:
    before: dict[str, Any] = {"launch_template": [{"version": "1"}]}
    after = {"launch_template": [{"version": "2"}]}
    refresh = {"instance_refresh": [{"preferences": [{"min_healthy_percentage": 50}]}]}
    ((severity, words),) = updated("aws_autoscaling_group.a", before | refresh, after)
    assert (severity, "at least 50 %" in words) == (Severity.CAUTION, True)
    ((severity, words),) = updated("aws_autoscaling_group.a", before, after)
    assert (severity, "running instances stay" in words) == (Severity.NOTE, True)


def test_setting_an_unset_attribute_is_no_downtime() -> None:
    assert updated("aws_db_instance.a", {"port": None}, {"port": 5432}) == []


@pytest.mark.parametrize(
    ("sizes", "severity", "effect"),
    [
        ({"max_size": 0}, Severity.DANGER, "sets max_size to 0: every instance is terminated"),
        ({"desired_capacity": 0}, Severity.DANGER, "sets desired_capacity to 0: every instance is terminated"),
        ({"min_size": 0}, Severity.CAUTION, "sets min_size to 0: every instance may be terminated"),
    ],
)
def test_a_group_size_of_0_terminates_instances(sizes: dict[str, int], severity: Severity, effect: str) -> None:
    before = {"min_size": 2, "max_size": 4, "desired_capacity": 2}
    assert updated("aws_autoscaling_group.a", before, sizes)[0] == (severity, effect)


def test_a_group_that_was_already_empty_is_no_finding() -> None:
    assert updated("aws_autoscaling_group.a", {"min_size": 0, "tags": "a"}, {"tags": "b"}) == []


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("aws_lb_listener", "default_action"),
        ("aws_lb_listener_rule", "action"),
        ("aws_lb_listener_rule", "condition"),
    ],
)
def test_changed_listener_actions_are_cautions(kind: str, block: str) -> None:
    before, after = ({block: [{"type": each}]} for each in ("fixed-response", "redirect"))
    ((severity, words),) = updated(f"{kind}.a", before, after)
    assert severity is Severity.CAUTION
    assert words.startswith(f"changes {block}: ")


@pytest.mark.parametrize(
    ("protocol", "action", "count"),
    [("HTTP", "forward", 1), ("HTTP", "redirect", 0), ("HTTPS", "forward", 0)],
)
def test_a_new_plain_http_listener_is_a_caution(protocol: str, action: str, count: int) -> None:
    after = {"protocol": protocol, "default_action": [{"type": action}]}
    made = found(change("aws_lb_listener.a", "create", after=after))
    assert made == [(Severity.CAUTION, "forwards plain HTTP: requests are not encrypted")] * count


def test_an_existing_plain_http_listener_is_not_reported() -> None:
    before = {"protocol": "HTTP", "default_action": [{"type": "forward"}], "tags": "a"}
    assert updated("aws_lb_listener.a", before, {"tags": "b"}) == []


@pytest.mark.parametrize(
    ("address", "attribute", "nothing"),
    [
        ("aws_launch_template.a", "vpc_security_group_ids", []),
        ("aws_launch_template.a", "user_data", ""),
        ("aws_lb_listener.a", "certificate_arn", ""),
        ("aws_iam_role.a", "inline_policy", []),
        ("aws_autoscaling_group.a", "mixed_instances_policy", []),
    ],
)
def test_null_and_empty_are_equal(address: str, attribute: str, nothing: Any) -> None:
    assert updated(address, {attribute: None}, {attribute: nothing}) == []
    assert updated(address, {attribute: nothing}, {attribute: None}) == []
