"""What the rules say of Availability Zones."""

from typing import Any

import pytest

from tests.unit.spec.builders import problems, the_problem

TWO = {"zones": ("b", "d")}
ELSEWHERE = {"monitoring": {"zone": "b"}, "cache": {"zones": ("d", "b")}, "database": {"mode": "managed", "zone": "d"}}
"""Choices among the two."""


def test_other_zones_are_no_problem_where_everything_is_chosen_among_them() -> None:
    assert problems(network=TWO | {"nat_zone": "d", "endpoint_zones": ("d",)}, **ELSEWHERE) == []


@pytest.mark.parametrize("zone", ["e", "A", "", "ap-northeast-2a"])
def test_what_is_no_zone_of_the_region_is_reported(zone: str) -> None:
    problem = the_problem(network={"zones": ("a", "c", "d", zone)})
    assert (problem.field, problem.value) == ("network.zones", zone)
    assert problem.message == "is not a zone of ap-northeast-2"
    assert problem.remedy == "write letters of a, b, c, d"


@pytest.mark.parametrize("zones", [(), ("d",)])
def test_fewer_than_two_zones_are_reported(zones: tuple[str, ...]) -> None:
    (problem, *_) = problems(network={"zones": zones})
    assert (problem.field, problem.value) == ("network.zones", zones)
    assert problem.message == "are fewer zones than a load balancer and RDS need"
    assert problem.remedy == "name 2 or more"


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("monitoring.zone", {"monitoring": {"zone": "b"}}),
        ("database.zone", {"database": {"mode": "managed", "zone": "b"}}),
        ("cache.zones", {"cache": {"zones": ("c", "b")}}),
        ("network.nat_zone", {"network": {"nat_zone": "b"}}),
        ("network.endpoint_zones", {"network": {"endpoint_zones": ("b",)}}),
    ],
)
def test_a_choice_of_a_zone_without_subnets_is_reported(field: str, settings: dict[str, Any]) -> None:
    problem = the_problem(**settings)
    assert (problem.field, problem.value) == (field, "b")
    assert problem.message == "is not among network.zones"
    assert problem.remedy == "write one of a, c, d, or add it to network.zones"


def test_every_choice_that_a_zone_less_makes_void_is_reported_at_once() -> None:
    found = problems(network={"zones": ("a", "b")})
    assert [(each.field, each.value) for each in found] == [
        ("monitoring.zone", "d"),
        ("cache.zones", "c"),
        ("cache.zones", "d"),
    ]


@pytest.mark.parametrize("settings", [{"cache": {"zones": ()}}, {"network": {"endpoint_zones": ()}}])
def test_a_choice_of_no_zone_is_reported(settings: dict[str, Any]) -> None:
    problem = the_problem(**settings)
    assert (problem.value, problem.message) == ((), "names no zone")
    assert problem.remedy == "name some of a, c, d, or leave it out"


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("network.zones", {"network": {"zones": ("a", "c", "d", "a")}}),
        ("network.endpoint_zones", {"network": {"endpoint_zones": ("c", "c")}}),
        ("cache.zones", {"cache": {"zones": ("c", "d", "c")}}),
    ],
)
def test_a_zone_that_is_named_twice_is_reported(field: str, settings: dict[str, Any]) -> None:
    problem = the_problem(**settings)
    assert (problem.field, problem.message, problem.remedy) == (field, "name a zone twice", "name each once")


def test_a_zone_of_one_gateway_beside_a_gateway_in_each_is_reported() -> None:
    problem = the_problem(network={"nat": "per_zone", "nat_zone": "c"})
    assert (problem.field, problem.value) == ("network.nat_zone", "c")
    assert problem.message == "has no effect with nat = 'per_zone', which puts a gateway into every zone"


def test_a_failover_without_a_second_zone_is_reported() -> None:
    problem = the_problem(enable_multi_az=True, cache={"zones": ("c",)})
    assert (problem.field, problem.value) == ("cache.zones", ("c",))
    assert problem.message == "leaves no zone to fail over to, and enable_multi_az is True"
    assert problems(cache={"zones": ("c",)}) == []
