"""The stacks under test: of both environments, and of variants of them."""

import gc
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests import environments, synthesis_cache
from tests.synthesized import Stack, all_changed, environment, stacks, synthesized, whole
from tests.unit.spec.builders import CHAT
from wealist.spec.services import Service

INTEGRATION = Path(__file__).parent / "integration"
APPLIED = "tests/integration/applied/"
"""Beginning of the ids of the tests that share the applied environments."""
LEFT_OUT = {f"not {mark}": f"\npytestmark = pytest.mark.{mark}" for mark in ("exhaustive", "integration")}
"""What is asked for → line of a file none of whose tests is."""


# A slow machine is no counterexample.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile("thorough")
environments.use_them()
# Thousands of tests and what they share stay until the end: searching it for garbage took a quarter of the time.
gc.set_threshold(100_000, 50, 1000)


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist brings no types
    """Gives each worker whole files, and all that shares the applied environments to one."""

    def _split_scope(self, nodeid: str) -> str:
        return APPLIED if nodeid.startswith(APPLIED) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Takes the place of `--dist loadscope`; leaves every other way to xdist."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keeps test modules from synthesizing while they are imported."""
    with synthesis_cache.disabled():
        return (yield)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves a file unread all of whose tests are deselected by their mark: it would be imported in vain."""
    lines = [line for asked, line in LEFT_OUT.items() if asked in config.getoption("markexpr")]
    if collection_path.suffix != ".py" or not lines:
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if any(line in text for line in lines) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what lies in `tests/integration`; elsewhere a slow test bears the mark itself."""
    for item in items:
        if item.path.is_relative_to(INTEGRATION):
            item.add_marker(pytest.mark.integration)


def pytest_sessionfinish() -> None:
    """Looks for garbage once, where pytest and Python would do so six times at their end, a second in all."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Name of an environment: a test that asks for it runs for each."""
    return str(request.param)


@pytest.fixture(scope="session")
def stack(name: str) -> Stack:
    """The stack of an environment."""
    return stacks()[name]


@pytest.fixture(scope="session", name="all_changed")
def stack_with_all_settings_changed(name: str) -> Stack:
    """The stack of an environment in which nearly all settings differ from the document's."""
    return synthesized(all_changed(name))


@pytest.fixture(scope="session", name="whole", params=[False, True], ids=["protected", "destroyable"])
def with_everything(request: pytest.FixtureRequest, name: str) -> tuple[Stack, bool]:
    """The stack of an environment with every stateful part, and whether it may be destroyed; both cases."""
    may_be_destroyed = bool(request.param)
    return synthesized(whole(name, protected=not may_be_destroyed)), may_be_destroyed


@pytest.fixture(scope="session")
def prod() -> Stack:
    """Production."""
    return stacks()["prod"]


@pytest.fixture(scope="session")
def dev() -> Stack:
    """Development."""
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
    """A third service."""
    return Service.model_validate(CHAT)


@pytest.fixture(scope="session")
def with_chat(name: str, chat: Service) -> Stack:
    """The stack of an environment with the third service."""
    return synthesized(environment(name, services=(*environment(name).services, chat)))
