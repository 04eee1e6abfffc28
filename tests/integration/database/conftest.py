from collections.abc import Iterator

import pytest

from tests.integration.database.rds import Rds
from tests.postgresql import VERSIONS, Server, running


@pytest.fixture(scope="package", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of each version."""
    with running(request.param) as started:
        yield started


@pytest.fixture
def rds(server: Server) -> Rds:
    """The server in the state of a new RDS instance."""
    rds = Rds(server)
    rds.reset()
    return rds
