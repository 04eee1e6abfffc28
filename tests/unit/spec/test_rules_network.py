"""Rules about address ranges."""

import pytest

from tests.unit.spec.builders import build, line, problems, subnets
from wealist.spec.rules import check

EXAMPLE = "write a block such as 10.2.0.0/16"
NO_BLOCK = "is not an IPv4 block with its host bits zero"
PYTHON_ONLY = ("10.2.0.0/255.255.0.0", "10.2.0.0/0.0.255.255", "10.2.0.0", "10.2.0.0/016")
"""Blocks that Python accepts, and AWS and Terraform do not."""


def test_valid_custom_subnets_have_no_problems() -> None:
    assert problems(network=subnets()) == []


@pytest.mark.parametrize("cidr", ["11.0.0.0/16", "172.32.0.0/16", "192.169.0.0/16", "100.64.0.0/16"])
def test_a_vpc_outside_the_private_ranges_is_reported(cidr: str) -> None:
    expected = f"network.cidr = {cidr!r} is not in a private range (RFC 1918); {EXAMPLE}"
    assert line(network={"cidr": cidr}) == expected


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "10.4.0.0/20"])
def test_every_private_range_is_allowed(cidr: str) -> None:
    assert problems(network={"cidr": cidr}) == []


@pytest.mark.parametrize("cidr", ["10.2.0.1/16", "10.2.0.0/33", "10.2.0/16", "fd00::/16", "big", "", *PYTHON_ONLY])
def test_a_vpc_that_is_not_a_block_is_reported_once(cidr: str) -> None:
    assert line(network={"cidr": cidr}) == f"network.cidr = {cidr!r} {NO_BLOCK}; {EXAMPLE}"


def test_a_vpc_larger_than_16_is_reported() -> None:
    expected = f"network.cidr = '10.0.0.0/15' is a /15, and AWS accepts /16 to /28; {EXAMPLE}"
    assert line(network={"cidr": "10.0.0.0/15"}) == expected


@pytest.mark.parametrize(("cidr", "why"), [("10.2.0.0/21", "holds 8 /24 blocks"), ("10.2.0.0/26", "smaller than one")])
def test_a_vpc_too_small_for_its_subnets_is_reported(cidr: str, why: str) -> None:
    text = line(network={"cidr": cidr})
    assert text.startswith(f"network.cidr = {cidr!r} does not fit the subnets: {cidr} ")
    assert why in text


def test_a_small_vpc_can_have_custom_subnets() -> None:
    blocks = iter(range(0, 96, 16))
    layout = {kind: {zone: f"10.2.0.{next(blocks)}/28" for zone in "acd"} for kind in ("public", "private")}
    assert problems(network={"cidr": "10.2.0.0/25", "custom_subnets": layout}) == []


@pytest.mark.parametrize(
    ("cidr", "problem"),
    [
        ("10.9.0.0/24", "is outside the VPC 10.2.0.0/16; choose a block inside 10.2.0.0/16"),
        ("10.2.11.7/24", f"{NO_BLOCK}; {EXAMPLE}"),
        ("10.2.11.0/255.255.255.0", f"{NO_BLOCK}; {EXAMPLE}"),
        ("10.2.11.0", f"{NO_BLOCK}; {EXAMPLE}"),
        ("10.2.11.0/29", "is smaller than AWS's /28; choose a larger block"),
        ("10.2.0.0/24", "overlaps public.a (10.2.0.0/24); choose a block that no other subnet holds"),
        ("10.2.0.128/25", "overlaps public.a (10.2.0.0/24); choose a block that no other subnet holds"),
    ],
)
def test_an_invalid_subnet_is_reported(cidr: str, problem: str) -> None:
    assert line(network=subnets(private_c=cidr)) == f"network.custom_subnets.private.c = {cidr!r} {problem}"


def test_a_subnet_that_overlaps_several_is_reported_for_each() -> None:
    found = problems(network=subnets(private_a="10.2.0.0/23"))
    assert [problem.message for problem in found] == [
        "overlaps public.a (10.2.0.0/24)",
        "overlaps public.c (10.2.1.0/24)",
    ]


@pytest.mark.parametrize(
    "zones",
    [["a", "b", "d"], ["a", "c"], ["a", "c", "d", "b"], ["d", "c", "a"], []],
    ids=["one is wrong", "one is missing", "one too many", "out of order", "none"],
)
def test_subnets_in_other_zones_than_the_networks_are_reported(zones: list[str]) -> None:
    layout = subnets()["custom_subnets"] | {
        "private": {zone: f"10.2.{20 + index}.0/24" for index, zone in enumerate(zones)}
    }
    reason = "are not those of network.zones, in order; give one block for each of a, c, d"
    expected = f"network.custom_subnets.private = {tuple(zones)!r} {reason}"
    assert line(network={"custom_subnets": layout}) == expected


@pytest.mark.parametrize("cidr", ["10.2.0.0/16", "10.2.64.0/20"])
def test_vpcs_of_two_environments_that_overlap_are_reported(cidr: str) -> None:
    domains = {"site": {"domain": "qa.wealist.co.kr"}, "api": {"domain": "api.qa.wealist.co.kr"}}
    (problem,) = check([build(), build(name="qa", network={"cidr": cidr}, **domains)])
    reason = "overlaps stage's 10.2.0.0/16; choose a block that no other environment holds"
    assert str(problem) == f"qa: network.cidr = {cidr!r} {reason}"
