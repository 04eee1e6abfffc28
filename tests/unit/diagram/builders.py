"""Drawings for tests: of synthesized environments, and small ones defined here."""

from functools import cache
from pathlib import Path

from tests.synthesized import all_changed, environment, stacks, synthesized
from wealist.diagram import Drawing, Edge, Node, drawings
from wealist.model.stack import StackJson, parse

HOSTILE = "<script>alert(1)</script>&\"'`#;]end\n%%{init}%%"
"""A name with markup for SVG, HTML and Mermaid."""


@cache
def stack_of(name: str) -> StackJson:
    return parse(stacks()[name].document, Path("cdk.tf.json"))


@cache
def drawn(name: str) -> dict[str, Drawing]:
    """Return the drawings of an environment."""
    return drawings(stack_of(name), environment(name))


@cache
def drawn_otherwise(name: str) -> tuple[StackJson, dict[str, Drawing]]:
    """Return an environment with every setting changed, and its drawings."""
    config = all_changed(name)
    stack = parse(synthesized(config).document, Path("cdk.tf.json"))
    return stack, drawings(stack, config)


def nodes(drawing: Drawing, *kinds: str) -> list[Node]:
    """Return the nodes of some kinds."""
    return [node for node in drawing.nodes if node.kind in kinds]


def hostile() -> Drawing:
    """Return a drawing with a hostile name in every field."""
    box = Node("box" + HOSTILE, HOSTILE, "zone", "", (HOSTILE,), (("port", HOSTILE),), (HOSTILE,), (HOSTILE,))
    inner = Node("node" + HOSTILE, HOSTILE, "bucket", box.id, (HOSTILE,), (("port", HOSTILE),), (HOSTILE,), (HOSTILE,))
    edge = Edge(box.id, inner.id, HOSTILE, "upload", f"service {HOSTILE}", (HOSTILE,))
    return Drawing("roles", (box, inner), (edge,))


def small() -> Drawing:
    """Return a drawing of a load balancer and instances in a VPC."""
    return Drawing(
        "backend",
        (
            Node("vpc", "wealist-x-vpc", "vpc", "", ("aws_vpc.a",), (("cidr", "10.9.0.0/16"),)),
            Node(
                "alb",
                "wealist-x-alb",
                "load_balancer",
                "vpc",
                ("aws_lb.a", "aws_lb_listener.a"),
                (),
                ("← internet tcp 443",),
            ),
            Node(
                "asg",
                "wealist-x-asg",
                "instances",
                "vpc",
                ("aws_autoscaling_group.a",),
                (("least", "2"),),
                (),
                ("allow s3:GetObject",),
            ),
        ),
        (Edge("alb", "asg", "8080", "traffic", "api", ("aws_vpc_security_group_ingress_rule.a",)),),
    )
