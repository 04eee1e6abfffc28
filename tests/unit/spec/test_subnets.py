"""The layout of a VPC's subnets: prod's table, and properties of every layout."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wealist.spec.subnets import lay_out

THREE = ("a", "c", "d")
LARGE_ENOUGH = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.integers(0x0A000000, 0x0AFFFFFF),  # 10.0.0.0/8
    st.integers(16, 20),
)
TOO_SMALL = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.integers(0x0A000000, 0x0AFFFFFF),
    st.integers(21, 32),
)
SOME_ZONES = st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True)  # a /20 holds six


def test_prods_subnets_are_those_of_the_document() -> None:
    assert lay_out("10.1.0.0/16", THREE).blocks() == {
        "public.a": "10.1.0.0/24",
        "public.c": "10.1.1.0/24",
        "public.d": "10.1.2.0/24",
        "private.a": "10.1.10.0/24",
        "private.c": "10.1.11.0/24",
        "private.d": "10.1.12.0/24",
    }


ANY_MACHINE = settings(deadline=None, max_examples=25)


@ANY_MACHINE
@given(LARGE_ENOUGH, SOME_ZONES)
def test_subnets_are_inside_the_vpc_and_do_not_overlap(vpc: str, zones: list[str]) -> None:
    blocks = [IPv4Network(block) for block in lay_out(vpc, zones).blocks().values()]
    assert all(block.subnet_of(IPv4Network(vpc)) for block in blocks)
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


@ANY_MACHINE
@given(LARGE_ENOUGH, SOME_ZONES, st.sampled_from("fgh"))
def test_each_zone_has_two_subnets_which_a_further_zone_does_not_move(vpc: str, zones: list[str], another: str) -> None:
    layout = lay_out(vpc, zones)
    assert list(layout.public) == list(layout.private) == zones
    assert layout.blocks().items() <= lay_out(vpc, [*zones, another]).blocks().items()


@ANY_MACHINE
@given(LARGE_ENOUGH)
def test_the_layout_is_the_same_in_every_block(vpc: str) -> None:
    starts = [IPv4Network(block).network_address for block in lay_out(vpc, THREE).blocks().values()]
    first = IPv4Network(vpc).network_address
    assert [(int(start) - int(first)) // 256 for start in starts] == [0, 1, 2, 10, 11, 12]


@ANY_MACHINE
@given(TOO_SMALL)
def test_a_vpc_too_small_for_the_pattern_is_rejected(vpc: str) -> None:
    with pytest.raises(ValueError, match=vpc):
        lay_out(vpc, THREE)


@pytest.mark.parametrize("cidr", ["10.1.0.1/16", "10.1.0.0/33", "nonsense", ""])
def test_an_invalid_block_is_rejected(cidr: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        lay_out(cidr, THREE)
