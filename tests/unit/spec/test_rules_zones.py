"""Rules about Availability Zones."""

from typing import Any

import pytest

from tests.unit.spec.builders import line, problems

TWO = {"zones": ("b", "d")}
AMONG_THEM = {"monitoring": {"zone": "b"}, "cache": {"zones": ("d", "b")}, "database": {"mode": "managed", "zone": "d"}}
UNKNOWN = "= 'b' is not among network.zones; write one of a, c, d, or add it to network.zones"
NONE = "= () names no zone; name some of a, c, d, or leave it out"
REPORTED: dict[str, dict[str, Any]] = {
    "network.zones = 'e' is not a zone of ap-northeast-2; write letters of a, b, c, d": {
        "network": {"zones": ("a", "c", "d", "e")}
    },
    "network.zones = 'ap-northeast-2a' is not a zone of ap-northeast-2; write letters of a, b, c, d": {
        "network": {"zones": ("a", "c", "d", "ap-northeast-2a")}
    },
    f"monitoring.zone {UNKNOWN}": {"monitoring": {"zone": "b"}},
    f"database.zone {UNKNOWN}": {"database": {"mode": "managed", "zone": "b"}},
    f"cache.zones {UNKNOWN}": {"cache": {"zones": ("c", "b")}},
    f"network.nat_zone {UNKNOWN}": {"network": {"nat_zone": "b"}},
    f"network.endpoint_zones {UNKNOWN}": {"network": {"endpoint_zones": ("b",)}},
    f"cache.zones {NONE}": {"cache": {"zones": ()}},
    f"network.endpoint_zones {NONE}": {"network": {"endpoint_zones": ()}},
    "network.zones = ('a', 'c', 'd', 'a') name a zone twice; name each once": {
        "network": {"zones": ("a", "c", "d", "a")}
    },
    "network.endpoint_zones = ('c', 'c') name a zone twice; name each once": {
        "network": {"endpoint_zones": ("c", "c")}
    },
    "cache.zones = ('c', 'd', 'c') name a zone twice; name each once": {"cache": {"zones": ("c", "d", "c")}},
    "network.nat_zone = 'c' has no effect with nat = 'per_zone', which puts a gateway into every zone; "
    "leave one of them out": {"network": {"nat": "per_zone", "nat_zone": "c"}},
    "cache.zones = ('c',) leaves no zone to fail over to, and enable_multi_az is True; name 2 or more": {
        "enable_multi_az": True, "cache": {"zones": ("c",)}
    },
}  # fmt: skip


@pytest.mark.parametrize("text", REPORTED)
def test_an_invalid_zone_is_reported_with_its_remedy(text: str) -> None:
    assert line(**REPORTED[text]) == text


@pytest.mark.parametrize("zones", [(), ("d",)])
def test_fewer_than_two_zones_are_reported(zones: tuple[str, ...]) -> None:
    (problem, *_) = problems(network={"zones": zones})
    reason = "are fewer zones than a load balancer and RDS need; name 2 or more"
    assert str(problem) == f"stage: network.zones = {zones!r} {reason}"


def test_every_setting_that_names_a_removed_zone_is_reported() -> None:
    found = problems(network={"zones": ("a", "b")})
    assert [(each.field, each.value) for each in found] == [
        ("monitoring.zone", "d"),
        ("cache.zones", "c"),
        ("cache.zones", "d"),
    ]


def test_settings_can_choose_any_zone_of_the_network() -> None:
    assert problems(network=TWO | {"nat_zone": "d", "endpoint_zones": ("d",)}, **AMONG_THEM) == []
    assert problems(cache={"zones": ("c",)}) == []
