"""All rules together, unknown fields, warnings, and the committed environments."""

import pytest
from pydantic import ValidationError

from tests.unit.spec.builders import BOARD, USER, build, problems, subnets, the_problem
from wealist.spec.problems import SpecError
from wealist.spec.rules import check


def test_a_valid_environment_has_no_problems() -> None:
    assert problems() == []


def test_ten_problems_are_reported_at_once() -> None:
    found = problems(
        name="account",
        network={"cidr": "11.0.0.0/16"},
        site={"domain": "stage.example.com"},
        api={"certificate_arn": "arn:aws:acm:us-east-1:290008131187:certificate/1"},
        backend={"min_size": 5, "desired_capacity": 5, "cpu_target": 100},
        cache={"nodes": 9},
        log_retention_days=10,
        replicas=2,
    )
    assert {problem.field for problem in found} == {
        "name",
        "network.cidr",
        "site.domain",
        "api.certificate_arn",
        "backend.min_size",
        "backend.desired_capacity",
        "backend.cpu_target",
        "cache.nodes",
        "log_retention_days",
        "replicas",
    }
    assert len(found) == 10
    message = str(SpecError(found))
    assert message.startswith("10 problems in the settings")
    assert all(str(problem) in message for problem in found)


def test_problems_of_all_environments_are_reported_together() -> None:
    found = check([build(cache={"nodes": 0}), build(name="qa", log_retention_days=2, network={"cidr": "10.3.0.0/8"})])
    assert {(problem.owner, problem.field) for problem in found} >= {
        ("stage", "cache.nodes"),
        ("qa", "log_retention_days"),
        ("qa", "network.cidr"),
    }


def test_a_problem_is_one_line_with_environment_field_value_and_remedy() -> None:
    line = str(the_problem(log_retention_days=100))
    assert line == "stage: log_retention_days = 100 is not offered by CloudWatch Logs; write 90"


@pytest.mark.parametrize(
    ("overrides", "field", "suggestion"),
    [
        ({"enable_multiaz": True}, "enable_multiaz", "did you mean 'enable_multi_az'?"),
        ({"backend": {"max_sizes": 3}}, "backend.max_sizes", "did you mean 'max_size'?"),
        ({"network": {"cdir": "10.0.0.0/16"}}, "network.cdir", "did you mean 'cidr'?"),
        ({"database": {"backup_retention": 7}}, "database.backup_retention", "did you mean 'backup_retention_days'?"),
        ({"services": (USER, {**BOARD, "prot": 1})}, "services[board].prot", "did you mean 'port'?"),
    ],
    ids=["at the top", "nested", "in the network", "in the database", "in a service"],
)
def test_an_unknown_field_is_reported_with_the_nearest(
    overrides: dict[str, object], field: str, suggestion: str
) -> None:
    problem = the_problem(**overrides)
    assert (problem.field, problem.remedy) == (field, suggestion)


def test_an_unknown_field_without_similar_ones_is_reported_with_all_fields() -> None:
    problem = the_problem(site={"zzz": 1})
    assert (problem.field, problem.value) == ("site.zzz", 1)
    assert problem.remedy == "known are: domain, certificate_arn"


def test_an_unknown_field_of_the_subnets_is_reported() -> None:
    custom = subnets()["custom_subnets"] | {"isolated": {}}
    assert the_problem(network={"custom_subnets": custom}).field == "network.custom_subnets.isolated"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        build().backend.min_size = 7  # type: ignore[misc]  # what the test is about


@pytest.mark.parametrize(("multi_az", "chosen", "nodes"), [(False, None, 1), (True, None, 2), (True, 3, 3)])
def test_multi_az_chooses_the_number_of_redis_nodes_by_default(
    *, multi_az: bool, chosen: int | None, nodes: int
) -> None:
    assert build(enable_multi_az=multi_az, cache={"nodes": chosen}).cache_nodes == nodes


def test_amazon_linux_2_is_a_warning() -> None:
    (warning,) = build(operating_system="amazon_linux_2").warnings
    assert warning.startswith("stage: Amazon Linux 2")
    assert "al2023" in warning
    assert build(operating_system="al2023").warnings == []


def test_blue_green_deployments_of_several_services_are_a_warning() -> None:
    (warning,) = build(operating_system="al2023", deployment="blue_green").warnings
    assert 'stage: with deployment="blue_green" CodeDeploy ends each new instance' in warning
    assert "user-service, board-service" in warning
    assert build(operating_system="al2023", deployment="blue_green", services=(USER,)).warnings == []
