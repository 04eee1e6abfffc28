from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from tests.integration.applied.facts import Ask
from wealist.emulator.server import EmulatedAws


@pytest.fixture(scope="session")
def applied(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """Everything, applied from nothing to one embedded AWS: some five minutes, once in a session."""
    base = tmp_path_factory.mktemp("applied")
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws:
        everything = Applied(aws.environment(), stacks=synthesized / "stacks", base=base)
        everything.build()
        yield everything


@pytest.fixture(params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Name of an environment: a test that asks for it runs for each."""
    return str(request.param)


@pytest.fixture
def ask(applied: Applied) -> Ask:
    """Asks the embedded AWS."""

    def asked(service: str, operation: str, part: str, *, region: str | None = None, **arguments: Any) -> Any:
        client = applied.client(service, region)
        if not client.can_paginate(operation):
            return getattr(client, operation)(**arguments)[part]
        return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[part]]

    return asked
