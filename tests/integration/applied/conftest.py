from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.applied.everything import Applied
from wealist.emulator.server import EmulatedAws


@pytest.fixture(scope="session")
def applied(synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """All stacks, applied to one embedded AWS. Takes about five minutes, once per session."""
    base = tmp_path_factory.mktemp("applied")
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws:
        everything = Applied(aws.environment(), stacks=synthesized / "stacks", base=base)
        everything.build()
        yield everything


@pytest.fixture(params=["dev", "prod"])
def name(request: pytest.FixtureRequest) -> str:
    """Each environment."""
    return str(request.param)
