from typing import Any

import pytest

from tests.unit.operations.review.builders import change, found, updated
from wealist.operations.review.finding import Kind, Severity

DB = {"instance_class": "db.t3.micro", "engine_version": "17"}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("instance_class", "db.t3.large"), ("engine_version", "18"), ("db_subnet_group_name", "x")],
)
def test_a_database_that_restarts_needs_care(attribute: str, value: str) -> None:
    before = DB | {"db_subnet_group_name": "y"}
    ((severity, words),) = updated("aws_db_instance.a", before, {attribute: value}, Kind.DOWNTIME)
    assert severity is Severity.CAUTION
    assert words.startswith(f"changes {attribute}: ")


@pytest.mark.parametrize(("at_once", "told"), [(True, "(at once)"), (False, "(in the next maintenance window)")])
def test_when_it_happens_is_told(at_once: bool, told: str) -> None:  # noqa: FBT001 -- parametrized
    before = DB | {"apply_immediately": at_once}
    ((_, words),) = updated("aws_db_instance.a", before, {"instance_class": "x"})
    assert words.endswith(told)


def test_a_standby_costs_no_downtime() -> None:
    assert [each for each, _ in updated("aws_db_instance.a", {"multi_az": False}, {"multi_az": True})] == [
        Severity.NOTE
    ]


def test_what_serves_and_is_destroyed_first_is_away_meanwhile() -> None:
    replaced = change("aws_lb_target_group.a", "delete", "create", before={"port": 1}, after={"port": 2})
    gentle = change("aws_lb_target_group.a", "create", "delete", before={"port": 1}, after={"port": 2})
    ((_, words),) = found(replaced, kind=Kind.DOWNTIME)
    assert words == "is away until the new one is there: requests that are forwarded to it fail"
    assert found(gentle, kind=Kind.DOWNTIME) == []


def test_new_instances_take_the_place_of_running_ones_only_by_an_instance_refresh() -> None:
    before: dict[str, Any] = {"launch_template": [{"version": "1"}]}
    after = {"launch_template": [{"version": "2"}]}
    refresh = {"instance_refresh": [{"preferences": [{"min_healthy_percentage": 50}]}]}
    ((severity, words),) = updated("aws_autoscaling_group.a", before | refresh, after)
    assert (severity, "at least 50 %" in words) == (Severity.CAUTION, True)
    ((severity, words),) = updated("aws_autoscaling_group.a", before, after)
    assert (severity, "running instances stay" in words) == (Severity.NOTE, True)


def test_an_attribute_that_says_nothing_before_is_no_downtime() -> None:
    assert updated("aws_db_instance.a", {"port": None}, {"port": 5432}) == []
