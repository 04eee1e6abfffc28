"""Random environments: valid ones, and ones with one invalid setting."""

from typing import Any

from hypothesis import strategies as st

from tests.unit.spec.builders import BOARD, CHAT, USER, build, subnets
from wealist.spec.environment import Environment

_RESERVED = {"account", "bootstrap", "terraform"}
_TYPES = ("t3.small", "t3.large", "m7i.xlarge")
_DATABASES = st.one_of(
    st.just({"mode": "external"}),
    st.fixed_dictionaries(
        {
            "mode": st.just("managed"),
            "engine_version": st.sampled_from(["16", "17", "17.4"]),
            "instance_class": st.sampled_from(["db.t3.micro", "db.m7g.large"]),
            "allocated_storage_gib": st.integers(20, 200),
            "max_allocated_storage_gib": st.integers(220, 1000),
            "backup_retention_days": st.integers(14, 35),
        }
    ),
)
_FAULTS: list[dict[str, Any]] = [
    {"name": "Stage"},
    {"name": "account"},
    {"name": "terraform"},
    {"name": "s" * 40},
    {"network": {"cidr": "8.8.0.0/16"}},
    {"network": {"cidr": "10.2.0.0/24"}},
    {"network": {"cidr": "10.2.0.1/16"}},
    {"network": {"cidr": "10.2.0.0/8"}},
    {"network": {"cidr": "10.2.0.0/16"} | subnets(private_a="10.3.9.0/24")},
    {"network": {"cidr": "10.2.0.0/16"} | subnets(private_a="10.2.0.0/24")},
    {"network": {"cidr": "10.2.0.0/255.255.0.0"}},
    {"network": {"natt": "single"}},
    {"network": {"zones": ("a",)}},
    {"network": {"zones": ("a", "e")}},
    {"network": {"endpoint_zones": ("f",)}},
    {"network": {"nat": "per_zone", "nat_zone": "a"}},
    {"monitoring": {"zone": "f"}},
    {"site": {"domain": "example.com"}},
    {"api": {"domain": "-api.wealist.co.kr"}},
    {"site": {"certificate_arn": "arn:aws:acm:ap-northeast-2:290008131187:certificate/1"}},
    {"backend": {"min_size": 13}},
    {"backend": {"desired_capacity": 0, "min_size": 1}},
    {"backend": {"cpu_target": 100}},
    {"backend": {"root_volume_gib": 1}},
    {"backend": {"root_volume_gib": 16_385}},
    {"backend": {"instance_type": "small"}},
    {"backend": {"instance_type": "t4g.small"}},
    {"cache": {"nodes": 1}, "enable_multi_az": True},
    {"cache": {"nodes": 7}},
    {"cache": {"zones": ("f",)}},
    {"cache": {"node_type": "t3.micro"}},
    {"cache": {"snapshot_retention_days": 0}, "may_be_destroyed": False},
    {"database": {"mode": "managed", "backup_retention_days": 1}, "may_be_destroyed": False},
    {"database": {"mode": "managed", "allocated_storage_gib": 5}},
    {"database": {"mode": "managed", "allocated_storage_gib": 100, "max_allocated_storage_gib": 109}},
    {"database": {"mode": "managed", "engine_version": "latest"}},
    {"log_retention_days": 8},
    {"generated_secrets_version": 0},
    {"services": [USER, USER | {"name": "other"}]},
    {"services": [USER | {"port": 70_000}]},
    {"services": []},
    {"services": [USER | {"health_path": "health"}]},
    {"services": [USER | {"metrics_path": 'metrics"'}]},
    {"services": [USER | {"path_pattern": "/*/*/*/*/*/*"}]},
    {"github_deploy": {"branch": "deploy-*"}},
    {"github_deploy": {"environment": "Prod"}},
    {"github_deploy": {"repositories": ("OrangesCloud/site",)}},
    {"github_deploy": {"branch": "main", "every_workflow_of_the_organisation": True}},
    {"alerts": {"emails": ("operators",)}},
    {"alerts": {"emails": ("operators@wealist.co.kr",), "database_connections": 0}},
    {"colour": "green"},
]
"""Changes that make any environment invalid."""


@st.composite
def _values(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.from_regex(r"[a-z]{2,10}", fullmatch=True).filter(lambda word: word not in _RESERVED))
    low, wanted, high = sorted(draw(st.lists(st.integers(1, 12), min_size=3, max_size=3)))
    prefix = draw(st.integers(16, 20))
    second = draw(st.integers(3, 250))
    multi_az = draw(st.booleans())
    zones = draw(st.permutations("abcd").flatmap(lambda order: st.sampled_from([order[:2], order[:3], order])))
    zone, some = st.sampled_from(zones), st.lists(st.sampled_from(zones), min_size=2, unique=True).map(tuple)
    database = draw(_DATABASES)
    nat = draw(st.sampled_from([{"nat": "single"}, {"nat": "single", "nat_zone": draw(zone)}, {"nat": "per_zone"}]))
    return {
        "name": name,
        "may_be_destroyed": draw(st.booleans()),
        "enable_multi_az": multi_az,
        "network": {
            "cidr": f"10.{second}.0.0/{prefix}",
            "zones": tuple(zones),
            "endpoint_zones": draw(st.one_of(st.none(), some)),
            **nat,
        },
        "site": {"domain": f"{name}.wealist.co.kr"},
        "api": {"domain": f"api.{name}.wealist.co.kr"},
        "backend": {
            "instance_type": draw(st.sampled_from(_TYPES)),
            "min_size": low,
            "desired_capacity": wanted,
            "max_size": high,
            "cpu_target": draw(st.integers(1, 99)),
            "root_volume_gib": draw(st.integers(8, 500)),
        },
        "monitoring": {"instance_type": draw(st.sampled_from(_TYPES)), "zone": draw(zone)},
        "services": draw(st.sampled_from([(USER,), (USER, BOARD), (USER, BOARD, CHAT)])),
        "database": database | ({"zone": draw(zone)} if database["mode"] == "managed" else {}),
        "cache": {
            "nodes": draw(st.one_of(st.none(), st.integers(2, 6))),
            "snapshot_retention_days": draw(st.integers(1, 35)),
            "zones": draw(some),
        },
        "deployment": draw(st.sampled_from(["in_place", "blue_green"])),
        "github_deploy": draw(
            st.sampled_from(
                [
                    {},
                    {"branch": "release/next"},
                    {"environment": "live", "repositories": ("user-service", "site")},
                    {"branch": "main", "environment": "live"},
                    {"every_workflow_of_the_organisation": True},
                ]
            )
        ),
        "operating_system": draw(st.sampled_from(["amazon_linux_2", "al2023"])),
        "log_retention_days": draw(st.sampled_from([1, 30, 365, 3653])),
        "alerts": draw(st.sampled_from([None, {"emails": ("operators@wealist.co.kr", "a.b@wealist.co.kr")}])),
    }


def _built(values: dict[str, Any]) -> Environment:
    # In strict mode a sequence of services is a tuple.
    return build(**values | {"services": tuple(values["services"])})


def valid() -> st.SearchStrategy[Environment]:
    """Return a strategy for valid environments."""
    return _values().map(_built)


def invalid() -> st.SearchStrategy[Environment]:
    """Return a strategy for environments with at least one invalid setting."""

    def wrong(values: dict[str, Any], fault: dict[str, Any]) -> Environment:
        merged = dict(values)
        for name, value in fault.items():
            merged[name] = (merged[name] | value) if isinstance(merged.get(name), dict) else value
        return _built(merged)

    return st.builds(wrong, _values(), st.sampled_from(_FAULTS))
