"""Every drawing of a stack.

services.py  overview, frontend, backend, instances, database, cache
delivery.py  delivery, deployment
network.py   network, routes
access.py    security groups, roles
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from wealist.diagram import access, delivery, network, services
from wealist.diagram.drawing import Drawing
from wealist.diagram.reading import Reading, of_stack
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

PICTURES: Final[Mapping[str, Callable[[Reading], Drawing]]] = {
    "overview": services.overview,
    "network": network.network,
    "routes": network.routes,
    "frontend": services.frontend,
    "backend": services.backend,
    "instances": services.instances,
    "database": services.database,
    "cache": services.cache,
    "delivery": delivery.delivery,
    "deployment": delivery.deployment,
    "security_groups": access.security_groups,
    "roles": access.roles,
}


def drawings(stack: StackJson, environment: Environment | None = None) -> dict[str, Drawing]:
    """The drawings of a stack, by name; those with nothing on them are left out.

    Args:
        stack: The synthesized stack.
        environment: Its description, by which its network is proven; without it, nodes show no reach.
    """
    return drawings_of(of_stack(stack, environment))


def drawings_of(reading: Reading) -> dict[str, Drawing]:
    """The drawings of what was read, by name; those with nothing on them are left out."""
    return {drawing.name: drawing for drawing in _drawn(reading) if drawing.addresses}


def _drawn(reading: Reading) -> Iterator[Drawing]:
    yield from (picture(reading) for picture in PICTURES.values())
