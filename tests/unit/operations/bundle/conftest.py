"""The bundles of both services in both environments."""

from typing import NamedTuple

import pytest

from wealist.operations.bundle.contents import File, contents
from wealist.spec.environment import Environment
from wealist.spec.environments import load
from wealist.spec.services import Service


class Case(NamedTuple):
    """A bundle, with its environment and service."""

    config: Environment
    service: Service
    files: dict[str, File]

    def text(self, path: str) -> str:
        """Return the text of a file."""
        return self.files[path].content.decode()


@pytest.fixture(params=["dev/user-service", "dev/board-service", "prod/user-service", "prod/board-service"])
def case(request: pytest.FixtureRequest) -> Case:
    """Each bundle, with the image `v1`."""
    environment, _, name = request.param.partition("/")
    (config,) = load([environment])
    (service,) = (each for each in config.services if each.full_name == name)
    return Case(config, service, contents(config, service, "v1"))
