"""What the rules say of address ranges."""

import pytest

from tests.unit.spec.builders import build, problems, subnets, the_problem
from wealist.spec.rules import check

SPELT_OTHERWISE = ("10.2.0.0/255.255.0.0", "10.2.0.0/0.0.255.255", "10.2.0.0", "10.2.0.0/016")
"""What Python reads as a block, and neither AWS nor Terraform does."""


def test_valid_custom_subnets_have_no_problems() -> None:
    assert problems(network=subnets()) == []


@pytest.mark.parametrize("cidr", ["11.0.0.0/16", "172.32.0.0/16", "192.169.0.0/16", "100.64.0.0/16"])
def test_a_vpc_outside_the_private_ranges_is_reported(cidr: str) -> None:
    problem = the_problem(network={"cidr": cidr})
    assert (problem.field, problem.value) == ("network.cidr", cidr)
    assert problem.message == "is not in a private range (RFC 1918)"
    assert problem.remedy == "write a block such as 10.2.0.0/16"


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "10.4.0.0/20"])
def test_every_private_range_will_do(cidr: str) -> None:
    assert problems(network={"cidr": cidr}) == []


@pytest.mark.parametrize("cidr", ["10.2.0.1/16", "10.2.0.0/33", "10.2.0/16", "fd00::/16", "big", "", *SPELT_OTHERWISE])
def test_a_vpc_that_is_no_block_with_its_host_bits_zero_is_reported_once(cidr: str) -> None:
    problem = the_problem(network={"cidr": cidr})
    assert (problem.field, problem.value) == ("network.cidr", cidr)
    assert problem.message == "is not an IPv4 block with its host bits zero"
    assert problem.remedy == "write a block such as 10.2.0.0/16"


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/12"])
def test_a_vpc_larger_than_aws_takes_is_reported(cidr: str) -> None:
    problem = the_problem(network={"cidr": cidr})
    assert (problem.field, problem.value) == ("network.cidr", cidr)
    assert problem.message.endswith("AWS accepts /16 to /28")


@pytest.mark.parametrize(("cidr", "why"), [("10.2.0.0/21", "holds 8 /24 blocks"), ("10.2.0.0/26", "smaller than one")])
def test_a_vpc_too_small_for_its_subnets_is_reported(cidr: str, why: str) -> None:
    problem = the_problem(network={"cidr": cidr})
    assert (problem.field, problem.value) == ("network.cidr", cidr)
    assert "does not fit the subnets" in problem.message
    assert why in problem.message


def test_a_small_vpc_with_subnets_of_its_own_is_no_problem() -> None:
    blocks = iter(range(0, 96, 16))
    layout = {kind: {zone: f"10.2.0.{next(blocks)}/28" for zone in "acd"} for kind in ("public", "private")}
    assert problems(network={"cidr": "10.2.0.0/25", "custom_subnets": layout}) == []


def test_a_subnet_outside_the_vpc_is_reported() -> None:
    problem = the_problem(network=subnets(public_d="10.9.0.0/24"))
    assert (problem.field, problem.value) == ("network.custom_subnets.public.d", "10.9.0.0/24")
    assert problem.message == "is outside the VPC 10.2.0.0/16"
    assert problem.remedy == "choose a block inside 10.2.0.0/16"


@pytest.mark.parametrize("cidr", ["10.2.11.7/24", "10.2.11.0/255.255.255.0", "10.2.11.0"])
def test_a_subnet_that_is_no_block_with_its_host_bits_zero_is_reported(cidr: str) -> None:
    problem = the_problem(network=subnets(private_c=cidr))
    assert (problem.field, problem.value) == ("network.custom_subnets.private.c", cidr)
    assert problem.message == "is not an IPv4 block with its host bits zero"


def test_a_subnet_smaller_than_aws_takes_is_reported() -> None:
    problem = the_problem(network=subnets(private_c="10.2.11.0/29"))
    assert (problem.field, problem.value) == ("network.custom_subnets.private.c", "10.2.11.0/29")
    assert "/28" in problem.message


@pytest.mark.parametrize("cidr", ["10.2.0.0/24", "10.2.0.128/25", "10.2.0.0/23"])
def test_a_subnet_that_overlaps_another_is_reported_with_the_other(cidr: str) -> None:
    found = problems(network=subnets(private_a=cidr))
    assert found
    assert {(problem.field, problem.value) for problem in found} == {("network.custom_subnets.private.a", cidr)}
    assert found[0].message == "overlaps public.a (10.2.0.0/24)"
    assert found[0].remedy == "choose a block that no other subnet holds"


@pytest.mark.parametrize(
    "zones",
    [["a", "b", "d"], ["a", "c"], ["a", "c", "d", "b"], ["d", "c", "a"], []],
    ids=["one is wrong", "one is missing", "one too many", "out of order", "none"],
)
def test_zones_other_than_those_in_use_are_reported(zones: list[str]) -> None:
    layout = subnets()["custom_subnets"] | {
        "private": {zone: f"10.2.{20 + index}.0/24" for index, zone in enumerate(zones)}
    }
    problem = the_problem(network={"custom_subnets": layout})
    assert (problem.field, problem.value) == ("network.custom_subnets.private", tuple(zones))
    assert problem.message == "are not those of network.zones, in order"
    assert problem.remedy == "give one block for each of a, c, d"


@pytest.mark.parametrize("cidr", ["10.2.0.0/16", "10.2.64.0/20"])
def test_vpcs_of_two_environments_that_overlap_are_reported_with_the_other(cidr: str) -> None:
    other = build(
        name="qa",
        network={"cidr": cidr},
        site={"domain": "qa.wealist.co.kr"},
        api={"domain": "api.qa.wealist.co.kr"},
    )
    (problem,) = check([build(), other])
    assert (problem.owner, problem.field, problem.value) == ("qa", "network.cidr", cidr)
    assert problem.message == "overlaps stage's 10.2.0.0/16"
    assert problem.remedy == "choose a block that no other environment holds"
