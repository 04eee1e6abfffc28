"""Managed databases of two environments, next to a manually created one, are independent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.spec.builders import build
from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.operations.emulated_stacks import EmulatedStacks, run_concurrently
from wealist.spec.environment import Environment

pytestmark = pytest.mark.integration

NAMES: Final = ("stage", "qa")


def managed(name: str, second: int) -> Environment:
    """Return an environment with a managed database."""
    return build(
        name=name,
        network={"cidr": f"10.{second}.0.0/16"},
        site={"domain": f"{name}.wealist.co.kr"},
        api={"domain": f"api.{name}.wealist.co.kr"},
        database={"mode": "managed"},
    )


@pytest.fixture
def life(tmp_path: Path) -> Iterator[EmulatedStacks]:
    """Both environments, in an account with another database."""
    for second, name in enumerate(NAMES, 20):
        project.synthesize_variants([managed(name, second).model_dump_json()], [tmp_path / name])
    with EmulatedAws(log=tmp_path / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=tmp_path, base=tmp_path / "work")
        for name in NAMES:
            life.synthesized_as(name, project.stack_folder(name, tmp_path / name))
        life.client("rds").create_db_instance(
            DBInstanceIdentifier="by-hand",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="postgres",
            ManageMasterUserPassword=True,
        )
        yield life


def only_database(life: EmulatedStacks, name: str) -> dict[str, Any]:
    """Return the attributes of the only database in an environment's state."""
    resources = life.terraform(name).state()["resources"]
    (found,) = [resource for resource in resources if resource["type"] == "aws_db_instance"]
    (instance,) = found["instances"]
    assert instance.get("status") != "tainted"
    attributes: dict[str, Any] = instance["attributes"]
    return attributes


def test_two_managed_databases_are_applied_concurrently_and_independently(life: EmulatedStacks) -> None:
    # With the dependencies of a database: a complete environment takes five more minutes.
    target = "-target=aws_db_instance.database_instance"

    def apply(name: str) -> None:
        life.terraform(name).run("apply", "-auto-approve", target, capture=True)

    run_concurrently(apply, NAMES)
    found = {name: only_database(life, name) for name in NAMES}
    assert {name: database["identifier"] for name, database in found.items()} == {
        name: f"wealist-{name}-rds" for name in NAMES
    }
    instances = life.client("rds").describe_db_instances()["DBInstances"]
    ids = {instance["DBInstanceIdentifier"]: instance["DbiResourceId"] for instance in instances}
    assert len(set(ids.values())) == len(ids) == 3
    assert {name: database["resource_id"] for name, database in found.items()} == {
        name: ids[f"wealist-{name}-rds"] for name in NAMES
    }
    for name in NAMES:
        again = life.terraform(name).run("plan", target, "-detailed-exitcode", capture=True, check=False)
        assert again.returncode == 0, again.stdout
