"""A valid environment, and what the rules say of it once something is changed."""

from collections.abc import Mapping
from typing import Any

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.rules import check

_VALID: Mapping[str, Any] = {
    "name": "stage",
    "may_be_destroyed": False,
    "enable_multi_az": False,
    "network": {"cidr": "10.2.0.0/16"},
    "site": {"domain": "stage.wealist.co.kr"},
    "api": {"domain": "api.stage.wealist.co.kr"},
    "backend": {"min_size": 1, "max_size": 4, "desired_capacity": 2},
    "database": {"mode": "managed"},
}
USER = {
    "name": "user",
    "port": 8080,
    "path_pattern": "/api/users/*",
    "priority": 10,
    "health_path": "/api/users/actuator/health",
    "metrics_path": "/api/users/actuator/prometheus",
    "database_name": "wealist_user_db",
    "database_user": "user_service",
}
BOARD = {
    "name": "board",
    "port": 8000,
    "path_pattern": "/api/boards/*",
    "priority": 20,
    "health_path": "/api/boards/health",
    "metrics_path": "/api/boards/metrics",
    "database_name": "wealist_board_db",
    "database_user": "board_service",
}
CHAT = {
    "name": "chat",
    "port": 9000,
    "path_pattern": "/api/chats/*",
    "priority": 40,
    "health_path": "/api/chats/health",
    "metrics_path": "/api/chats/metrics",
    "database_name": "wealist_chat_db",
    "database_user": "chat_service",
}
"""A third service, which no environment has."""
QA = """
from wealist.spec.environment import Backend, Endpoint, Environment, ManagedDatabase, Network

ENVIRONMENT = Environment(
    name="qa",
    may_be_destroyed=True,
    enable_multi_az=False,
    network=Network(cidr="10.7.0.0/16"),
    site=Endpoint(domain="qa.wealist.co.kr"),
    api=Endpoint(domain="api.qa.wealist.co.kr"),
    backend=Backend(min_size=1, max_size=2, desired_capacity=1),
    database=ManagedDatabase(),
)
"""
"""The file of an environment that there is not, `qa.py`."""
STAGE = QA.replace("qa", "stage").replace("10.7.0.0/16", "10.8.0.0/16")
"""Another beside it, `stage.py`."""


def build(**overrides: Any) -> Environment:
    """A valid environment with changes; a group of settings is given as a dict, and keeps what the dict leaves out."""
    return Environment.model_validate(_merged(_VALID, overrides))


def subnets(**overrides: str) -> dict[str, Any]:
    """A network of valid custom subnets with changes: `subnets(public_a="10.2.9.0/24")`."""
    blocks = {
        f"{kind}_{zone}": f"10.2.{third + offset}.0/24"
        for kind, third in (("public", 0), ("private", 10))
        for offset, zone in enumerate("acd")
    }
    custom: dict[str, dict[str, str]] = {"public": {}, "private": {}}
    for name, cidr in (blocks | overrides).items():
        kind, _, zone = name.partition("_")
        custom[kind][zone] = cidr
    return {"custom_subnets": custom}


def problems(**overrides: Any) -> list[Problem]:
    """What the rules find in a valid environment with changes."""
    return check([build(**overrides)])


def the_problem(**overrides: Any) -> Problem:
    """The one problem that the rules find; more or fewer fail the test."""
    found = problems(**overrides)
    assert len(found) == 1, "\n".join(map(str, found)) or "no problem was found"
    assert found[0].owner == overrides.get("name", _VALID["name"])
    assert found[0].message
    assert found[0].remedy
    return found[0]


def _merged(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in overrides.items():
        nested = isinstance(value, dict) and isinstance(base.get(name), dict)
        merged[name] = _merged(base[name], value) if nested else value
    return merged
