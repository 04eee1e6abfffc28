"""Every missing dependency of instances is found, in every environment."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import copy_json
from tests.synthesized import Stack
from wealist.checks.finding import Finding
from wealist.checks.stack.dependencies import predecessors, unordered
from wealist.model.stack import parse

OF_ALL: Final = r"firewall_internet_to_alb_(80|443)_ingress|parameters_cache_redis_auth_token"
"""All rules are waited for together, those before the load balancer too, and Redis itself waits for its token."""
OF_OTHER_ZONES: Final = r"network_private_(rt|default_route)\w*"
OF_MONITORING: Final = r"monitoring_data_volume|monitoring_files_file"
NEEDLESS: Final = {
    "backend_fleet_asg": OF_ALL,
    "monitoring_fleet_asg": f"{OF_ALL}|{OF_OTHER_ZONES}|{OF_MONITORING}",
}
"""Group → names of what the proof does not ask for, and the group waits for all the same."""


def found_in(document: object) -> list[Finding]:
    return list(unordered(parse(document, Path("cdk.tf.json"))))


@pytest.mark.exhaustive
@pytest.mark.parametrize("group", NEEDLESS)
@pytest.mark.parametrize("variant", ["documented", "otherwise"])
def test_every_missing_dependency_of_instances_is_found(
    stack: Stack, all_changed: Stack, variant: str, group: str
) -> None:
    described = {"documented": stack, "otherwise": all_changed}[variant]
    unnoticed = set()
    for needed in described.at(f"aws_autoscaling_group.{group}")["depends_on"]:
        document = copy_json(described.document)
        document["resource"]["aws_autoscaling_group"][group]["depends_on"].remove(needed)
        found = {each.problem.partition(":")[0] for each in found_in(document)}
        unnoticed |= set() if f"does not wait for {needed}" in found else {needed.partition(".")[2]}
    assert [each for each in unnoticed if not re.fullmatch(NEEDLESS[group], each)] == []


def before(thing: dict[str, Any], **others: dict[str, Any]) -> set[str]:
    """Return the predecessors of `aws_a.thing` in a stack with other resources `aws_b.NAME`."""
    document = {
        "//": {"metadata": {"stackName": "some"}},
        "terraform": {},
        "resource": {"aws_a": {"thing": thing}, "aws_b": others},
        "data": {"aws_c": {"read": {"name": "${aws_b.one.name}"}}},
        "module": {"called": {"source": "./elsewhere", "value": "${aws_b.two.id}"}},
    }
    return set(predecessors(parse(document, Path("cdk.tf.json")), "aws_a.thing"))


@pytest.mark.parametrize(
    "value",
    [
        "${aws_b.one.id}",
        "s3://${aws_b.one.id}/x",
        ["literal", "${aws_b.one.arn}"],
        {"block": [{"deep": "${aws_b.one.id}"}]},
        '${join(",", [aws_b.one.id, "x"])}',
        '{"Resource": ["${aws_b.one.arn}"]}',
        "${aws_b.one[0].id}",
    ],
)
def test_references_are_predecessors_at_any_position(value: object) -> None:
    assert before({"argument": value}, one={}, two={}) == {"aws_b.one"}


def test_depends_on_is_a_predecessor() -> None:
    assert before({"depends_on": ["aws_b.one", "data.aws_c.read"]}, one={}) == {"aws_b.one", "data.aws_c.read"}


def test_predecessors_are_transitive() -> None:
    chain: dict[str, dict[str, Any]] = {
        "one": {"x": "${aws_b.two.id}"},
        "two": {"depends_on": ["aws_b.three"]},
        "three": {},
        "other": {},
    }
    assert before({"x": "${aws_b.one.id}"}, **chain) == {"aws_b.one", "aws_b.two", "aws_b.three"}
    assert before({"x": "${data.aws_c.read.id}"}, **chain) >= {"data.aws_c.read", "aws_b.one", "aws_b.three"}


def test_arguments_of_a_module_call_are_predecessors() -> None:
    assert before({"x": "${module.called.output}"}, two={}) == {"module.called", "aws_b.two"}


@pytest.mark.parametrize("value", ["aws_b.one", "$${aws_b.one.id}", "aws_b.one.id is a word", "${aws_b.gone.id}"])
def test_literals_are_not_predecessors(value: str) -> None:
    assert before({"argument": value}, one={}) == set()


def test_circular_references_terminate() -> None:
    assert before({"x": "${aws_b.one.id}"}, one={"x": "${aws_b.two.id}"}, two={"x": "${aws_b.one.id}"}) == {
        "aws_b.one",
        "aws_b.two",
    }
