"""Rules about address ranges (architecture, section 2)."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from itertools import combinations
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918, section 3."""
_VPC_PREFIXES: Final = range(16, 29)
"""https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html: between /16 and /28, likewise for subnets."""
_EXAMPLE: Final = "write a block such as 10.2.0.0/16"


def _parse(cidr: str) -> IPv4Network | None:
    """A block in the one form that AWS and Terraform take: Python reads `10.2.0.0/255.255.0.0` and `10.2.0.0`, too."""
    try:
        block = IPv4Network(cidr)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None
    return block if str(block) == cidr else None


def _subnets(environment: Environment) -> dict[str, str]:
    """The subnets, or none where the VPC's block is reported already."""
    try:
        return environment.network.subnets.blocks()
    except ValueError:
        return {}


def _field(environment: Environment, subnet: str) -> str:
    owner = "custom_subnets" if environment.network.custom_subnets else "subnets"
    return f"network.{owner}.{subnet}"


def vpc_is_a_private_block(environment: Environment) -> Iterator[Problem]:
    """The VPC's block is private, of a size AWS takes, and large enough for its subnets."""
    cidr = environment.network.cidr
    block = _parse(cidr)

    def problem(message: str) -> Problem:
        return Problem(environment.name, "network.cidr", cidr, message, _EXAMPLE)

    if block is None:
        yield problem("is not an IPv4 block with its host bits zero")
        return
    if not any(block.subnet_of(private) for private in _PRIVATE):
        yield problem("is not in a private range (RFC 1918)")
    if block.prefixlen not in _VPC_PREFIXES:
        yield problem(f"is a /{block.prefixlen}, and AWS takes /16 to /28")
    try:
        _ = environment.network.subnets
    except ValueError as error:
        yield problem(f"does not fit the subnets: {error}")


def subnets_cover_the_zones(environment: Environment) -> Iterator[Problem]:
    """One public and one private subnet in each zone, and in no other."""
    layout, expected = environment.network.custom_subnets, environment.network.zones
    for kind in ("public", "private") if layout else ():
        zones = tuple(getattr(layout, kind))
        if zones != expected:
            yield Problem(
                environment.name,
                f"network.custom_subnets.{kind}",
                zones,
                "are not those of network.zones, in order",
                f"give one block for each of {', '.join(expected)}",
            )


def subnets_are_blocks_inside_the_vpc(environment: Environment) -> Iterator[Problem]:
    """AWS refuses a subnet outside its VPC, or one smaller than /28."""
    vpc = _parse(environment.network.cidr)
    for subnet, cidr in _subnets(environment).items():
        block = _parse(cidr)
        field = _field(environment, subnet)
        if block is None:
            yield Problem(environment.name, field, cidr, "is not an IPv4 block with its host bits zero", _EXAMPLE)
        elif vpc and not block.subnet_of(vpc):
            yield Problem(environment.name, field, cidr, f"is outside the VPC {vpc}", f"choose a block inside {vpc}")
        elif block.prefixlen not in _VPC_PREFIXES:
            yield Problem(environment.name, field, cidr, "is smaller than AWS's /28", "choose a larger block")


def subnets_do_not_overlap(environment: Environment) -> Iterator[Problem]:
    """An address belongs to one subnet."""
    blocks = [(subnet, block) for subnet, cidr in _subnets(environment).items() if (block := _parse(cidr))]
    for (first, one), (second, other) in combinations(blocks, 2):
        if one.overlaps(other):
            yield Problem(
                environment.name,
                _field(environment, second),
                str(other),
                f"overlaps {first} ({one})",
                "choose a block that no other subnet holds",
            )


def vpcs_do_not_overlap(one: Environment, other: Environment) -> Iterator[Problem]:
    """Environments that overlap can never be peered, nor told apart in a log."""
    theirs, ours = _parse(one.network.cidr), _parse(other.network.cidr)
    if theirs and ours and theirs.overlaps(ours):
        yield Problem(
            other.name,
            "network.cidr",
            str(ours),
            f"overlaps {one.name}'s {theirs}",
            "choose a block that no other environment holds",
        )
