"""Rules about address ranges (architecture, section 2)."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918, section 3."""
_PREFIXES: Final = range(16, 29)
"""Of VPCs and of subnets: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html."""
_EXAMPLE: Final = "write a block such as 10.2.0.0/16"
_NO_BLOCK: Final = "is not an IPv4 block with its host bits zero"


def vpc_is_a_private_block(environment: Environment) -> Iterator[Problem]:
    """The VPC's block must be private, of a size that AWS accepts, and large enough for its subnets."""
    cidr, field = environment.network.cidr, "network.cidr"
    block = _parse(cidr)
    if block is None:
        yield Problem(field, cidr, _NO_BLOCK, _EXAMPLE)
        return
    if not any(block.subnet_of(private) for private in _PRIVATE):
        yield Problem(field, cidr, "is not in a private range (RFC 1918)", _EXAMPLE)
    if block.prefixlen not in _PREFIXES:
        yield Problem(field, cidr, f"is a /{block.prefixlen}, and AWS accepts /16 to /28", _EXAMPLE)
    try:
        _ = environment.network.subnets
    except ValueError as error:
        yield Problem(field, cidr, f"does not fit the subnets: {error}", _EXAMPLE)


def subnets_cover_the_zones(environment: Environment) -> Iterator[Problem]:
    """Each zone needs one public and one private subnet."""
    layout, expected = environment.network.custom_subnets, environment.network.zones
    for kind in ("public", "private") if layout else ():
        zones = tuple(getattr(layout, kind))
        if zones != expected:
            remedy = f"give one block for each of {', '.join(expected)}"
            yield Problem(f"network.custom_subnets.{kind}", zones, "are not those of network.zones, in order", remedy)


def subnets_are_blocks_inside_the_vpc(environment: Environment) -> Iterator[Problem]:
    """AWS rejects a subnet outside its VPC, or smaller than /28."""
    vpc = _parse(environment.network.cidr)
    for subnet, cidr in _subnets(environment).items():
        block = _parse(cidr)
        field = _field(environment, subnet)
        if block is None:
            yield Problem(field, cidr, _NO_BLOCK, _EXAMPLE)
        elif vpc and not block.subnet_of(vpc):
            yield Problem(field, cidr, f"is outside the VPC {vpc}", f"choose a block inside {vpc}")
        elif block.prefixlen not in _PREFIXES:
            yield Problem(field, cidr, "is smaller than AWS's /28", "choose a larger block")


def subnets_do_not_overlap(environment: Environment) -> Iterator[Problem]:
    """Each address belongs to one subnet."""
    blocks = [(subnet, block) for subnet, cidr in _subnets(environment).items() if (block := _parse(cidr))]
    for (first, one), (second, other) in combinations(blocks, 2):
        if one.overlaps(other):
            remedy = "choose a block that no other subnet holds"
            yield Problem(_field(environment, second), str(other), f"overlaps {first} ({one})", remedy)


def vpcs_do_not_overlap(one: Environment, other: Environment) -> Iterator[Problem]:
    """VPCs that overlap cannot be peered, and logs cannot tell their addresses apart."""
    theirs, ours = _parse(one.network.cidr), _parse(other.network.cidr)
    if theirs and ours and theirs.overlaps(ours):
        remedy = "choose a block that no other environment holds"
        yield Problem("network.cidr", str(ours), f"overlaps {one.name}'s {theirs}", remedy)


def _parse(cidr: str) -> IPv4Network | None:
    """Parse a block in the form of AWS and Terraform. Python also accepts `10.2.0.0/255.255.0.0` and `10.2.0.0`."""
    try:
        block = IPv4Network(cidr)
    except ValueError:
        return None
    return block if str(block) == cidr else None


def _subnets(environment: Environment) -> dict[str, str]:
    """Return the subnets; none if the VPC's block is invalid, which another rule reports."""
    try:
        return environment.network.subnets.blocks()
    except ValueError:
        return {}


def _field(environment: Environment, subnet: str) -> str:
    owner = "custom_subnets" if environment.network.custom_subnets else "subnets"
    return f"network.{owner}.{subnet}"
