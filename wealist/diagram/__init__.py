"""Drawings of what a stack builds, from its synthesized JSON: as data, as Mermaid for GitHub, as SVG for pages.

cdk.tf.json ─► ResourceGraph ─ network, services, delivery, access ─► Drawing ─┬─ mermaid.py ─► Mermaid
                                                                               └─ layout.py, svg.py, figure.py ─► HTML
"""

from collections.abc import Callable, Mapping
from typing import Final

from wealist.diagram import access, delivery, network, services
from wealist.diagram.drawing import Drawing, Edge, Mark, Node
from wealist.diagram.figure import figures, script, style
from wealist.diagram.mermaid import mermaid
from wealist.diagram.resource_graph import ResourceGraph, read_stack
from wealist.diagram.svg import Picture
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

__all__ = [
    "DRAWINGS",
    "Drawing",
    "Edge",
    "Mark",
    "Node",
    "Picture",
    "ResourceGraph",
    "draw",
    "drawings",
    "figures",
    "mermaid",
    "script",
    "style",
]

DRAWINGS: Final[Mapping[str, Callable[[ResourceGraph], Drawing]]] = {
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
"""Name of each drawing → the function that draws it, in the order of the architecture document."""


def drawings(stack: StackJson, environment: Environment | None = None) -> dict[str, Drawing]:
    """Draw a synthesized stack.

    Args:
        stack: The stack.
        environment: The description of the stack's environment. Nodes show reachability only if it is given.

    Returns:
        The drawings by name, without empty ones.
    """
    return draw(read_stack(stack, environment))


def draw(graph: ResourceGraph) -> dict[str, Drawing]:
    """Draw a graph of resources. Returns the drawings by name, without empty ones."""
    drawn = {name: function(graph) for name, function in DRAWINGS.items()}
    return {name: drawing for name, drawing in drawn.items() if drawing.addresses}
