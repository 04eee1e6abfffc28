"""The change of monthly costs by a plan, and its presentation in a review."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import change, configuration, review_of, shown
from wealist.costs.difference import CostDifference
from wealist.costs.prices import prices
from wealist.review import as_json, markdown

GATEWAY = {"id": "nat-1", "subnet_id": "subnet-1"}
DATABASE = {"engine": "postgres", "instance_class": "db.t3.micro", "multi_az": False, "storage_type": "gp3"}
TEMPLATE = {"id": "lt-1", "instance_type": "t3.small", "block_device_mappings": [], "monitoring": []}
GROUP = {"id": "backend", "desired_capacity": 2, "launch_template": [{"id": "lt-1", "version": "1"}]}
HOUR = 730
FORMS = 3
"""Terminal, Markdown and HTML; JSON has the numbers."""


def costs(folder: Path, *changes: dict[str, Any], **parts: Any) -> CostDifference | None:
    return review_of(folder, *changes, **parts).costs


def usd(name: str) -> float:
    return prices()[name].usd


def test_a_nat_gateway_for_each_zone_costs_its_hours(tmp_path: Path) -> None:
    more = [change(f"aws_nat_gateway.nat_{zone}", "create", after=GATEWAY) for zone in "cd"]
    found = costs(tmp_path, *more)
    assert found
    assert found.summary == "+$86.14 a month: NAT gateways +$86.14"
    assert found.usd == pytest.approx(2 * HOUR * usd("nat.hour"))


def test_destroyed_resources_save_their_costs(tmp_path: Path) -> None:
    found = costs(tmp_path, change("aws_nat_gateway.nat", "delete", before=GATEWAY))
    assert found
    assert found.summary == "-$43.07 a month: NAT gateways -$43.07"


def test_a_replacement_by_the_same_costs_nothing(tmp_path: Path) -> None:
    assert costs(tmp_path, change("aws_nat_gateway.nat", "delete", "create", before=GATEWAY, after=GATEWAY)) is None


def test_multi_az_adds_the_standby(tmp_path: Path) -> None:
    sized = DATABASE | {"allocated_storage": 20}
    found = costs(tmp_path, change("aws_db_instance.db", "update", before=sized, after=sized | {"multi_az": True}))
    assert found
    assert {part.what: round(part.usd, 2) for part in found.parts} == {
        "database": round(HOUR * usd("rds.postgres.db.t3.micro"), 2),
        "database storage": round(20 * usd("rds.storage.gp3"), 2),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}),
        ({"backup_retention_period": 1}, {"backup_retention_period": 14}),
    ],
)
def test_a_change_that_costs_nothing_is_not_mentioned(
    before: dict[str, Any], after: dict[str, Any], tmp_path: Path
) -> None:
    assert (
        costs(tmp_path, change("aws_db_instance.db", "update", before=DATABASE | before, after=DATABASE | after))
        is None
    )
    assert costs(tmp_path, change("aws_iam_role.r", "create", after={"name": "r"})) is None
    assert costs(tmp_path) is None


def test_more_instances_are_priced_by_their_unchanged_launch_template(tmp_path: Path) -> None:
    group = change("aws_autoscaling_group.g", "update", before=GROUP, after=GROUP | {"desired_capacity": 3})
    found = costs(tmp_path, group, change("aws_launch_template.t", "no-op", before=TEMPLATE, after=TEMPLATE))
    assert found
    assert found.usd == pytest.approx(HOUR * usd("ec2.t3.small"))


def test_a_changed_launch_template_changes_the_costs_of_instances(tmp_path: Path) -> None:
    template = change(
        "aws_launch_template.t", "update", before=TEMPLATE, after=TEMPLATE | {"instance_type": "t3.medium"}
    )
    found = costs(tmp_path, template, change("aws_autoscaling_group.g", "no-op", before=GROUP, after=GROUP))
    assert found
    assert found.usd == pytest.approx(2 * HOUR * (usd("ec2.t3.medium") - usd("ec2.t3.small")))


def test_new_instances_are_priced_by_the_referenced_launch_template(tmp_path: Path) -> None:
    group = {"desired_capacity": 2, "launch_template": [{"version": "1"}]}
    unknown = {"launch_template": [{"id": True}]}
    references = {"references": ["aws_launch_template.t.id", "aws_launch_template.t"]}
    resources = [{"address": "aws_autoscaling_group.g", "expressions": {"launch_template": [{"id": references}]}}]
    found = costs(
        tmp_path,
        change("aws_autoscaling_group.g", "create", after=group, after_unknown=unknown),
        change("aws_launch_template.t", "create", after={"instance_type": "t3.small"}, after_unknown={"id": True}),
        configuration=configuration(resources=resources),
    )
    assert found
    assert found.summary == "+$37.96 a month: instances +$37.96"


def test_a_new_endpoint_costs_in_each_new_subnet(tmp_path: Path) -> None:
    subnets = [change(f"aws_subnet.{zone}", "create", after={}, after_unknown={"id": True}) for zone in "acd"]
    names = [name for zone in "acd" for name in (f"aws_subnet.{zone}.id", f"aws_subnet.{zone}")]
    resources = [{"address": "aws_vpc_endpoint.e", "expressions": {"subnet_ids": {"references": names}}}]
    endpoint = change(
        "aws_vpc_endpoint.e", "create", after={"vpc_endpoint_type": "Interface"}, after_unknown={"subnet_ids": True}
    )
    found = costs(tmp_path, *subnets, endpoint, configuration=configuration(resources=resources))
    assert found
    assert found.usd == pytest.approx(3 * HOUR * usd("endpoint.hour"))


@pytest.mark.parametrize("name", ["aws_quantum_computer.q", "aws_db_instance.large"])
def test_changes_without_a_price_are_unknown(name: str, tmp_path: Path) -> None:
    values = DATABASE | {"instance_class": "db.x9.huge", "allocated_storage": 0}
    found = costs(tmp_path, change(name, "create", after=values))
    assert found
    assert found.unknown == (name,)
    text = shown(tmp_path, change(name, "create", after=values))
    assert text.count("costs change; not known: the price of") == FORMS
    assert "$0.00" not in text


def test_unchanged_resources_without_a_price_are_not_reported(tmp_path: Path) -> None:
    before = {"name": "q", "tags": {}}
    assert (
        costs(tmp_path, change("aws_quantum_computer.q", "update", before=before, after=before | {"tags": None}))
        is None
    )


def test_forgotten_resources_keep_their_costs(tmp_path: Path) -> None:
    assert costs(tmp_path, change("aws_nat_gateway.nat", "forget", before=GATEWAY)) is None


def test_the_summary_names_the_largest_parts_and_counts_the_others(tmp_path: Path) -> None:
    made = {
        "aws_nat_gateway.n": GATEWAY,
        "aws_eip.e": {"domain": "vpc"},
        "aws_kms_key.k": {"description": "k"},
        "aws_ebs_volume.v": {"type": "gp3", "size": 100},
    }
    found = costs(tmp_path, *(change(address, "create", after=values) for address, values in made.items()))
    assert found
    assert found.summary == "+$56.84 a month: NAT gateways +$43.07, volumes +$9.12, public addresses +$3.65, 1 more"


def test_every_format_of_a_review_shows_costs_once(tmp_path: Path) -> None:
    review = review_of(tmp_path, change("aws_nat_gateway.nat", "create", after=GATEWAY))
    line = "+$43.07 a month: NAT gateways +$43.07"
    assert markdown.comment(review, artifact_url=None).splitlines()[4] == line
    assert json.loads(as_json.as_json(review))["costs"] == {
        "parts": [{"what": "NAT gateways", "usd": pytest.approx(43.07)}],
        "unknown": [],
        "usd": 43.07,
    }
    assert shown(tmp_path, change("aws_nat_gateway.nat", "create", after=GATEWAY)).count(line) == FORMS


def test_a_plan_without_cost_changes_does_not_mention_costs(tmp_path: Path) -> None:
    role = change("aws_iam_role.r", "create", after={"name": "r"})
    text = shown(tmp_path, role)
    assert "a month" not in text
    assert json.loads(as_json.as_json(review_of(tmp_path, role)))["costs"] is None


HOSTILE = 'aws_quantum_computer.q["`|<script>x</script>\u202e\n@all"]'


def test_a_hostile_name_without_a_price_is_shown_as_code(tmp_path: Path) -> None:
    comment = markdown.comment(review_of(tmp_path, change(HOSTILE, "create", after={})), artifact_url=None)
    (line,) = [each for each in comment.splitlines() if "the price of" in each]
    assert line.startswith("costs change; not known: the price of ``aws_quantum_computer.q")
    assert "\u202e" not in comment


def test_calculating_costs_of_a_plan_takes_linear_time(tmp_path: Path) -> None:
    many = [change(f"aws_nat_gateway.n{number}", "create", after=GATEWAY) for number in range(2_000)]
    found = costs(tmp_path, *many)
    assert found
    assert found.usd == pytest.approx(2_000 * HOUR * usd("nat.hour"))
