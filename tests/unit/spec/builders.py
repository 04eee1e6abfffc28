"""A valid environment, and the problems that the rules find after a change."""

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
"""A third service."""
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
"""The file of a further environment, `qa.py`."""
STAGE = QA.replace("qa", "stage").replace("10.7.0.0/16", "10.8.0.0/16")
"""The file of another one, `stage.py`."""


def build(**overrides: Any) -> Environment:
    """Return a valid environment with changes. A group of settings is a dict, which is merged into the valid group."""
    return Environment.model_validate(_merged(_VALID, overrides))


def subnets(**overrides: str) -> dict[str, Any]:
    """Return a network of valid custom subnets with changes: `subnets(public_a="10.2.9.0/24")`."""
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
    """Return the problems of a valid environment with changes."""
    return check([build(**overrides)])


def the_problem(**overrides: Any) -> Problem:
    """Return the only problem of a valid environment with changes."""
    found = problems(**overrides)
    assert len(found) == 1, "\n".join(map(str, found)) or "no problem was found"
    assert found[0].owner == overrides.get("name", _VALID["name"])
    return found[0]


def line(**overrides: Any) -> str:
    """Return the only problem as the operator reads it, without the environment's name."""
    owner, _, text = str(the_problem(**overrides)).partition(": ")
    assert owner
    return text


def services(**board: Any) -> dict[str, Any]:
    """Return the changes that give an environment the user service and a changed board service."""
    return {"services": (USER, {**BOARD, **board})}


def _merged(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in overrides.items():
        nested = isinstance(value, dict) and isinstance(base.get(name), dict)
        merged[name] = _merged(base[name], value) if nested else value
    return merged
