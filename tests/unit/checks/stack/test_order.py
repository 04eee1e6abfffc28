"""Nothing that instances wait for can be left out unnoticed, whatever the environment."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.guarded import copied
from tests.synthesized import Stack
from wealist.checks.finding import Finding
from wealist.checks.stack.order import unordered
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
def test_each_single_thing_that_is_not_waited_for_is_found(
    stack: Stack, otherwise: Stack, variant: str, group: str
) -> None:
    described = {"documented": stack, "otherwise": otherwise}[variant]
    unnoticed = set()
    for needed in described.at(f"aws_autoscaling_group.{group}")["depends_on"]:
        document = copied(described.document)
        document["resource"]["aws_autoscaling_group"][group]["depends_on"].remove(needed)
        found = {each.problem.partition(":")[0] for each in found_in(document)}
        unnoticed |= set() if f"does not wait for {needed}" in found else {needed.partition(".")[2]}
    assert [each for each in unnoticed if not re.fullmatch(NEEDLESS[group], each)] == []


def test_what_runs_as_a_role_waits_for_its_rights_in_every_stack(
    account: Stack, stack: Stack, otherwise: Stack
) -> None:
    assert [found for each in (account, stack, otherwise) for found in found_in(each.document)] == []
