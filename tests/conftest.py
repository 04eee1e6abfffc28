"""The stacks under test: both environments, each with the document's Multi-AZ switch in both positions."""

from pathlib import Path

import pytest

from tests.synthesized import Stack, environment, otherwise, stacks, synthesized
from wealist.spec.environment import ManagedDatabase
from wealist.spec.services import Service

INTEGRATION = Path(__file__).parent / "integration"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what lies in `tests/integration`; elsewhere a slow test bears the mark itself."""
    for item in items:
        if item.path.is_relative_to(INTEGRATION):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session", params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Name of an environment: a test that asks for it runs for each."""
    return str(request.param)


@pytest.fixture(scope="session", params=[False, True], ids=["single-az", "multi-az"])
def multi_az(request: pytest.FixtureRequest) -> bool:
    """Position of the Multi-AZ switch: a test that asks for it runs for each."""
    return bool(request.param)


@pytest.fixture(scope="session")
def stack(name: str, multi_az: bool) -> Stack:  # noqa: FBT001  a fixture's value
    """An environment's stack, in both positions of the Multi-AZ switch."""
    return synthesized(environment(name, enable_multi_az=multi_az))


@pytest.fixture(scope="session", name="otherwise")
def another(name: str) -> Stack:
    """An environment's stack with (nearly) every setting in another position than committed, all at once."""
    return synthesized(otherwise(name))


@pytest.fixture(scope="session", params=[False, True], ids=["lasting", "passing"])
def whole(request: pytest.FixtureRequest, name: str) -> tuple[Stack, bool]:
    """An environment with every stateful part, and whether it may be destroyed: both positions, whatever its name.

    As committed is that one setting, and one node of everything; in the other position there are two.
    """
    config, may_be_destroyed = environment(name), bool(request.param)
    database = config.database if config.database.mode == "managed" else ManagedDatabase()
    multi_az = may_be_destroyed is not config.may_be_destroyed
    changes = {"may_be_destroyed": may_be_destroyed, "enable_multi_az": multi_az, "database": database}
    return synthesized(environment(name, **changes)), may_be_destroyed


@pytest.fixture(scope="session")
def prod() -> Stack:
    """Production, as committed."""
    return stacks()["prod"]


@pytest.fixture(scope="session")
def dev() -> Stack:
    """Development, as committed."""
    return stacks()["dev"]


@pytest.fixture(scope="session")
def account() -> Stack:
    """The account stack."""
    return stacks()["account"]


@pytest.fixture(scope="session")
def bootstrap() -> Stack:
    """The bootstrap stack."""
    return stacks()["bootstrap"]


@pytest.fixture(scope="session")
def chat() -> Service:
    """A third service, which no environment has."""
    return Service(
        name="chat",
        port=9000,
        path_pattern="/api/chats/*",
        priority=40,
        health_path="/api/chats/health",
        metrics_path="/api/chats/metrics",
        database_name="wealist_chat_db",
        database_user="chat_service",
    )


@pytest.fixture(scope="session")
def with_chat(name: str, chat: Service) -> Stack:
    """An environment's stack with the third service added."""
    return synthesized(environment(name, services=(*environment(name).services, chat)))
