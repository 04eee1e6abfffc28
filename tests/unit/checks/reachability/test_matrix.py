"""The matrix shows exactly the allowed connections, and the table of claims the findings that refute them."""

from typing import Final

import pytest

from tests.syntheses import synthesis
from tests.synthesized import environment
from tests.unit.checks.reachability.findings import committed, findings_in
from wealist.checks.finding import Synthesis
from wealist.checks.reachability import claims_table, matrix, prove
from wealist.checks.reachability.tables import CLAIMS
from wealist.errors import OperatorError

DATABASES: Final = {"dev": "PostgreSQL", "prod": "PostgreSQL (by hand)"}
"""The label of a managed database, and of one that an operator creates."""


def test_the_matrix_contains_exactly_the_allowed_connections(name: str) -> None:
    database = DATABASES[name]
    assert list(matrix(synthesis(environment(name)), name).rows()) == [
        ("80 443", "internet", "ALB"),
        ("80 443", "rest of the VPC", "ALB"),
        ("443", "rest of the VPC", "3 endpoints"),
        ("3001 8000 8080", "ALB", "backend, monitoring"),
        *(
            row
            for fleet in ("backend", "monitoring")
            for row in (
                ("443", fleet, "ALB, 3 endpoints, S3, internet"),
                ("8000 8080 9100", fleet, "backend, monitoring"),
                ("5432", fleet, database),
                ("6379", fleet, "Redis"),
            )
        ),
        *(("none", node, "nothing") for node in (database, "Redis", "3 endpoints")),
    ]


def test_an_unknown_environment_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(OperatorError, match="there is no environment 'qa'") as caught:
        matrix(synthesis(), "qa")
    assert (caught.value.remedy, caught.value.exit_code) == ("Known environments: dev, prod", 2)


def test_the_table_of_claims_contains_the_findings_that_refute_them() -> None:
    (finding,) = findings_in("prod", {"ingress": "alb 22 from 0.0.0.0/0"})
    rows = {claim: (outcome, problem) for outcome, claim, problem in claims_table("prod", [finding]).rows}
    assert rows.pop(CLAIMS[finding.control]) == ("refuted", f"{finding.address} {finding.problem}")
    assert set(rows.values()) == {("proven", "")}
    assert {outcome for outcome, *_ in claims_table("dev", [finding]).rows} == {"proven"}


def test_the_expected_network_is_read_from_the_description_not_from_the_json() -> None:
    prod = environment("prod")
    elsewhere = prod.model_copy(update={"network": prod.network.model_copy(update={"cidr": "10.9.0.0/16"})})
    found = prove(Synthesis({"prod": committed().stacks["prod"]}, {"prod": elsewhere}))
    assert {finding.control for finding in found} == {"reachability.tiers"}
