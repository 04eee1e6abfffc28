"""The order of a first apply, as Terraform reports it: instances come when all that they need at boot is there."""

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
    """What Terraform reported of the first apply of an environment, event by event."""
    beginning = re.compile(rf"terraform apply -json \S+/{name}\.tfplan\n")
    (printed, *_) = (text for text in applied.printed if beginning.match(text))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def places(events: Iterable[Mapping[str, Any]], kind: str) -> dict[str, list[int]]:
    """Resource → the places of its events of a kind; of one that is made several times, of each."""
    found: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        if event["type"] == kind:
            address = event["hook"]["resource"]["addr"].partition("[")[0]
            found.setdefault(address, []).append(place)
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_instances_are_launched_when_all_that_they_need_is_there(applied: Applied, name: str, group: str) -> None:
    events = first_apply(applied, name)
    started, done = places(events, "apply_start"), places(events, "apply_complete")
    (launched,) = started[group]
    needed = predecessors(stack_of(applied, name), group) & done.keys()
    assert {address.partition(".")[0] for address in needed} >= BEFORE
    assert [address for address in needed if max(done[address]) > launched] == []


@pytest.mark.parametrize("group", GROUPS)
def test_what_the_proof_follows_is_terraforms_own_graph(applied: Applied, name: str, group: str) -> None:
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
