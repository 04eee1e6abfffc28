"""The layout of a VPC's subnets: prod's table, and what holds of every layout."""

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


def test_prod_is_laid_out_as_the_document_has_it() -> None:
    assert lay_out("10.1.0.0/16", THREE).blocks() == {
        "public.a": "10.1.0.0/24",
        "public.c": "10.1.1.0/24",
        "public.d": "10.1.2.0/24",
        "private.a": "10.1.10.0/24",
        "private.c": "10.1.11.0/24",
        "private.d": "10.1.12.0/24",
    }


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(LARGE_ENOUGH, SOME_ZONES)
def test_every_subnet_lies_inside_the_vpc(vpc: str, zones: list[str]) -> None:
    assert all(IPv4Network(block).subnet_of(IPv4Network(vpc)) for block in lay_out(vpc, zones).blocks().values())


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(LARGE_ENOUGH, SOME_ZONES)
def test_no_two_subnets_share_an_address(vpc: str, zones: list[str]) -> None:
    blocks = [IPv4Network(block) for block in lay_out(vpc, zones).blocks().values()]
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(LARGE_ENOUGH, SOME_ZONES)
def test_each_zone_has_one_public_and_one_private_subnet(vpc: str, zones: list[str]) -> None:
    layout = lay_out(vpc, zones)
    assert list(layout.public) == list(layout.private) == zones


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(LARGE_ENOUGH, SOME_ZONES, st.sampled_from("fgh"))
def test_a_zone_more_moves_no_subnet_of_the_others(vpc: str, zones: list[str], another: str) -> None:
    assert lay_out(vpc, zones).blocks().items() <= lay_out(vpc, [*zones, another]).blocks().items()


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(LARGE_ENOUGH)
def test_a_layout_depends_on_nothing_but_the_block(vpc: str) -> None:
    assert lay_out(vpc, THREE) == lay_out(vpc, THREE)
    starts = [IPv4Network(block).network_address for block in lay_out(vpc, THREE).blocks().values()]
    first = IPv4Network(vpc).network_address
    assert [(int(start) - int(first)) // 256 for start in starts] == [0, 1, 2, 10, 11, 12]


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(TOO_SMALL)
def test_a_vpc_too_small_for_the_pattern_is_refused(vpc: str) -> None:
    with pytest.raises(ValueError, match=vpc):
        lay_out(vpc, THREE)


@pytest.mark.parametrize("cidr", ["10.1.0.1/16", "10.1.0.0/33", "nonsense", ""])
def test_what_is_no_block_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        lay_out(cidr, THREE)
