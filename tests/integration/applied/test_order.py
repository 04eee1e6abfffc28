"""The order of a first apply: instances are launched after everything that they need at boot."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest

from tests.integration.applied.everything import Applied
from wealist.checks.stack.dependencies import predecessors
from wealist.model.stack import StackJson, read

pytestmark = pytest.mark.integration

GROUPS: Final = ("aws_autoscaling_group.backend_fleet_asg", "aws_autoscaling_group.monitoring_fleet_asg")
BEFORE: Final = frozenset({
    "aws_nat_gateway", "aws_route", "aws_route_table_association", "aws_vpc_endpoint", "aws_iam_role_policy_attachment",
    "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule", "aws_ssm_parameter",
    "aws_elasticache_replication_group",
})  # fmt: skip


def stack_of(applied: Applied, name: str) -> StackJson:
    return read(applied.folder(name) / "cdk.tf.json")


def first_apply(applied: Applied, name: str) -> list[dict[str, Any]]:
    """Return Terraform's events of an environment's first apply."""
    beginning = re.compile(rf"terraform apply -json \S+/{name}\.tfplan\n")
    (printed, *_) = (text for text in applied.printed if beginning.match(text))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def places(events: Iterable[Mapping[str, Any]], kind: str) -> dict[str, list[int]]:
    """Return address → positions of its events of a type, over all instances."""
    found: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        if event["type"] == kind:
            address = event["hook"]["resource"]["addr"].partition("[")[0]
            found.setdefault(address, []).append(place)
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_instances_are_launched_after_their_dependencies(applied: Applied, name: str, group: str) -> None:
    events = first_apply(applied, name)
    started, done = places(events, "apply_start"), places(events, "apply_complete")
    (launched,) = started[group]
    needed = predecessors(stack_of(applied, name), group) & done.keys()
    assert {address.partition(".")[0] for address in needed} >= BEFORE
    assert [address for address in needed if max(done[address]) > launched] == []


@pytest.mark.parametrize("group", GROUPS)
def test_the_proofs_dependencies_equal_terraforms_graph(applied: Applied, name: str, group: str) -> None:
    dot = applied.terraform(name).run("graph", capture=True).stdout
    edges: dict[str, set[str]] = {}
    for dependent, needed in re.findall(r'"([^"]+)" -> "([^"]+)"', dot):
        edges.setdefault(dependent, set()).add(needed)
    followed, open_ = set[str](), [group]
    while open_:
        further = edges.get(open_.pop(), set()) - followed
        followed |= further
        open_ += further
    stack = stack_of(applied, name)
    assert followed == {each for each in predecessors(stack, group) if each not in stack.modules}
