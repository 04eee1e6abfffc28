"""The matrix shows exactly the allowed connections, and the table of claims the findings that refute them."""

from io import StringIO

import pytest
from rich.console import Console

from tests.syntheses import mutated, synthesis
from tests.synthesized import environment
from tests.unit.checks.faults.tables import edit_from
from tests.unit.checks.reachability.findings import committed, findings_in
from wealist.checks.finding import Synthesis
from wealist.checks.reachability import Matrix, claims_table, matrix, matrix_table, prove
from wealist.checks.reachability.tables import CLAIMS
from wealist.errors import OperatorError

OF_INSTANCES = {
    "ALB": "443",
    "backend": "8000 8080 9100",
    "monitoring": "8000 8080 9100",
    "PostgreSQL": "5432",
    "Redis": "6379",
    "3 endpoints": "443",
    "S3": "443",
    "internet": "443",
}
"""Instances may open connections to every address on 443, the load balancer's included."""
REACHED = {
    "internet": {"ALB": "80 443"},
    "rest of the VPC": {"ALB": "80 443", "3 endpoints": "443"},
    "ALB": {"backend": "3001 8000 8080", "monitoring": "3001 8000 8080"},
    "backend": OF_INSTANCES,
    "monitoring": OF_INSTANCES,
    "PostgreSQL": {},
    "Redis": {},
    "3 endpoints": {},
}


def tcp_ports(found: Matrix) -> dict[str, dict[str, str]]:
    """Return the TCP ports on which each source reaches each target."""
    return {
        source: {
            target: " ".join(str(each).removeprefix("tcp ") for each in found.ports[source, target])
            for target in found.targets
            if (source, target) in found.ports
        }
        for source in found.sources
    }


def printed(found: object, width: int = 80) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(found)
    return console.export_text()


def test_the_matrix_contains_exactly_the_allowed_connections() -> None:
    assert tcp_ports(matrix(synthesis(environment("dev")), "dev")) == REACHED


def test_a_database_that_an_operator_creates_is_in_the_matrix() -> None:
    found = matrix(synthesis(environment("prod")), "prod")
    assert tcp_ports(found)["backend"]["PostgreSQL (by hand)"] == "5432"


def test_the_table_names_all_nodes_and_fits_eighty_columns(name: str) -> None:
    found = matrix(synthesis(environment(name)), name)
    words = printed(matrix_table(found))
    assert "…" not in words
    assert [word for label in (*found.sources, *found.targets) for word in label.split() if word not in words] == []


def test_a_table_with_a_long_name_fits_eighty_columns() -> None:
    name = "function_that_removes_what_is_expired_from_the_database_and_the_cache_of_one_service"
    vpc = {"subnet_ids": "{private_subnets}", "security_group_ids": ["${aws_security_group.firewall_ec2_sg.id}"]}
    further = mutated(synthesis(), "prod", edit_from({f"aws_lambda_function.{name}": {"vpc_config": vpc}}))
    words = printed(matrix_table(matrix(further, "prod")))
    assert "…" not in words
    assert all(word in words for word in name.split("_"))


def test_an_unknown_environment_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(OperatorError, match="there is no environment 'qa'") as caught:
        matrix(synthesis(), "qa")
    assert (caught.value.remedy, caught.value.exit_code) == ("Known environments: dev, prod", 2)


@pytest.mark.parametrize(("name", "refuted"), [("prod", 1), ("dev", 0)])
def test_the_claims_are_printed_with_the_findings_that_refute_them(name: str, refuted: int) -> None:
    findings = findings_in("prod", {"ingress": "alb 22 from 0.0.0.0/0"})
    words = printed(claims_table(name, findings), width=400)
    assert words.count("proven") == len(CLAIMS) - refuted
    assert words.count(f" {findings[0].address} {findings[0].problem}") == refuted
    assert words.count("refuted  ") == refuted


def test_the_expected_network_is_read_from_the_description_not_from_the_json() -> None:
    prod = environment("prod")
    elsewhere = prod.model_copy(update={"network": prod.network.model_copy(update={"cidr": "10.9.0.0/16"})})
    found = prove(Synthesis({"prod": committed().stacks["prod"]}, {"prod": elsewhere}))
    assert {finding.control for finding in found} == {"reachability.tiers"}
