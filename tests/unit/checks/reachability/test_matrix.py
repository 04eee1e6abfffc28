"""The matrix shows exactly what the network lets through."""

from io import StringIO

import pytest
from rich.console import Console

from tests.guarded import mutated, synthesis
from tests.synthesized import environment
from tests.unit.checks.faults.edits import group, subnet
from wealist.checks.reachability import Matrix, matrix, table
from wealist.errors import OperatorError

TIERS = {"PostgreSQL", "Redis", "3 endpoints"}


def shown(found: Matrix) -> dict[tuple[str, str], str]:
    """The ports of each pair, as words."""
    return {ends: " ".join(map(str, ports)) for ends, ports in found.ports.items()}


@pytest.fixture(name="dev_matrix")
def of_dev() -> Matrix:
    return matrix(synthesis(environment("dev")), "dev")


def test_the_internet_reaches_the_load_balancer_alone(dev_matrix: Matrix) -> None:
    assert {ends: ports for ends, ports in shown(dev_matrix).items() if ends[0] == "internet"} == {
        ("internet", "ALB"): "tcp 80 tcp 443"
    }


def test_the_load_balancer_reaches_the_instances_alone(dev_matrix: Matrix) -> None:
    services = "tcp 3001 tcp 8000 tcp 8080"
    assert {ends: ports for ends, ports in shown(dev_matrix).items() if ends[0] == "ALB"} == {
        ("ALB", "backend"): services,
        ("ALB", "monitoring"): services,
    }


def test_stores_and_endpoints_reach_nothing(dev_matrix: Matrix) -> None:
    assert set(dev_matrix.sources) >= TIERS
    assert [ends for ends in dev_matrix.ports if ends[0] in TIERS] == []


def test_instances_alone_reach_the_stores(dev_matrix: Matrix) -> None:
    assert {ends: ports for ends, ports in shown(dev_matrix).items() if ends[1] in {"PostgreSQL", "Redis"}} == {
        ("backend", "PostgreSQL"): "tcp 5432",
        ("monitoring", "PostgreSQL"): "tcp 5432",
        ("backend", "Redis"): "tcp 6379",
        ("monitoring", "Redis"): "tcp 6379",
    }


def test_instances_may_do_what_the_internet_may(dev_matrix: Matrix) -> None:
    """Their way out is open to every address, the load balancer's among them."""
    assert shown(dev_matrix)["backend", "ALB"] == "tcp 443"


def test_whatever_else_is_in_the_vpc_reaches_the_endpoints(dev_matrix: Matrix) -> None:
    assert shown(dev_matrix)["rest of the VPC", "3 endpoints"] == "tcp 443"


def test_a_database_made_by_hand_has_its_place() -> None:
    found = matrix(synthesis(environment("prod")), "prod")
    assert shown(found)["backend", "PostgreSQL (by hand)"] == "tcp 5432"


def test_the_table_names_everybody_and_fits_eighty_columns(name: str) -> None:
    found = matrix(synthesis(environment(name)), name)
    console = Console(width=80, record=True, file=StringIO())
    console.print(table(found))
    words = console.export_text()
    assert "…" not in words
    for label in (*found.sources, *found.targets):
        assert all(word in words for word in label.split())
    assert "5432" in words


def test_the_table_still_fits_with_further_parts() -> None:
    name = "function_that_removes_what_is_expired_from_the_database_and_the_cache_of_one_service"
    vpc = {"subnet_ids": [subnet("private", "a")], "security_group_ids": [group("ec2")]}
    further = mutated(
        synthesis(),
        "prod",
        lambda document: document["resource"].update(aws_lambda_function={name: {"vpc_config": vpc}}),
    )
    console = Console(width=80, record=True, file=StringIO())
    console.print(table(matrix(further, "prod")))
    words = console.export_text()
    assert "…" not in words
    assert all(word in words for word in name.split("_"))


def test_an_unknown_environment_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(OperatorError) as caught:
        matrix(synthesis(), "qa")
    assert (caught.value.message, caught.value.remedy) == (
        "there is no environment 'qa'",
        "Known environments: dev, prod",
    )
    assert caught.value.exit_code == 2
