"""The layout of a VPC's subnets (architecture, section 2.1)."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from itertools import islice
from typing import Final

from wealist.spec.settings import Settings

_SUBNET_PREFIX: Final = 24
_FIRST_PUBLIC_BLOCK: Final = 0
_FIRST_PRIVATE_BLOCK: Final = 10


class SubnetLayout(Settings):
    """The subnets of one VPC: zone letter → CIDR block, public and private."""

    public: Mapping[str, str]
    private: Mapping[str, str]

    def blocks(self) -> dict[str, str]:
        """Return all subnets: `public.a` → CIDR block."""
        return {f"{kind}.{zone}": cidr for kind in ("public", "private") for zone, cidr in getattr(self, kind).items()}


def lay_out(vpc_cidr: str, zones: Sequence[str]) -> SubnetLayout:
    """Return a public and a private /24 for each zone in the pattern of prod: from `.0.0`, and from `.10.0`.

    Args:
        vpc_cidr: Block of the VPC, usually /20 or larger: it must hold ten blocks and one for each zone.
        zones: Zone letters, in order.

    Raises:
        ValueError: The block is not a CIDR block, or is too small for the pattern.
    """
    network = IPv4Network(vpc_cidr)
    if network.prefixlen > _SUBNET_PREFIX:
        raise ValueError(f"{vpc_cidr} is smaller than one /{_SUBNET_PREFIX} subnet")
    held, needed = 2 ** (_SUBNET_PREFIX - network.prefixlen), _FIRST_PRIVATE_BLOCK + len(zones)
    if held < needed:
        raise ValueError(f"{vpc_cidr} holds {held} /{_SUBNET_PREFIX} blocks, and the layout needs {needed}")
    blocks = list(islice(network.subnets(new_prefix=_SUBNET_PREFIX), needed))
    return SubnetLayout(
        public={zone: str(blocks[_FIRST_PUBLIC_BLOCK + i]) for i, zone in enumerate(zones)},
        private={zone: str(blocks[_FIRST_PRIVATE_BLOCK + i]) for i, zone in enumerate(zones)},
    )
