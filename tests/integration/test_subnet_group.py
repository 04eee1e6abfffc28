"""An applied subnet group of Redis takes other subnets from the provider."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from wealist.emulator.server import EmulatedAws
from wealist.operations.emulated_stacks import EmulatedStacks, planned_changes

pytestmark = pytest.mark.integration

GROUP = "cache_subnet_group"
ADDRESS = f"aws_elasticache_subnet_group.{GROUP}"
TARGET = f"-target={ADDRESS}"


def modified(stack: Path, folder: Path) -> Path:
    """Return a copy of a stack whose group lacks its last subnet and has another description."""
    changed = folder / stack.name
    shutil.copytree(stack, changed)
    configuration: dict[str, Any] = json.loads((changed / "cdk.tf.json").read_text())
    group = configuration["resource"]["aws_elasticache_subnet_group"][GROUP]
    group["subnet_ids"].pop()
    group["description"] = "without the last zone"
    (changed / "cdk.tf.json").write_text(json.dumps(configuration))
    return changed


def test_an_update_of_a_cache_subnet_group_is_applied(stacks: Mapping[str, Path], tmp_path: Path) -> None:
    with EmulatedAws(log=tmp_path / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=stacks["dev"].parent, base=tmp_path / "work")
        life.terraform("dev").run("apply", "-auto-approve", TARGET, capture=True)
        (before,) = life.client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"]

        life.synthesized_as("dev", modified(stacks["dev"], tmp_path))
        assert planned_changes(life.plan("dev", TARGET)) == {ADDRESS: ("update",)}
        life.terraform("dev").run("apply", "-auto-approve", TARGET, capture=True)
        (after,) = life.client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"]

        assert after["CacheSubnetGroupDescription"] == "without the last zone"
        assert len(after["Subnets"]) == len(before["Subnets"]) - 1
        assert planned_changes(life.plan("dev", TARGET)) == {}
