"""The bundles under test: of both services, in both environments."""

from typing import NamedTuple

import pytest

from wealist.operations.bundle.contents import File, contents
from wealist.spec.environment import Environment
from wealist.spec.environments import load
from wealist.spec.services import Service


class Case(NamedTuple):
    """A bundle, and whose it is."""

    config: Environment
    service: Service
    files: dict[str, File]

    def text(self, path: str) -> str:
        """The text of one of its files."""
        return self.files[path].content.decode()


@pytest.fixture(params=["dev/user-service", "dev/board-service", "prod/user-service", "prod/board-service"])
def case(request: pytest.FixtureRequest) -> Case:
    """A bundle with the image `v1`: a test that asks for it runs for each."""
    environment, _, name = request.param.partition("/")
    (config,) = load([environment])
    (service,) = (each for each in config.services if each.full_name == name)
    return Case(config, service, contents(config, service, "v1"))
