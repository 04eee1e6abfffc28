"""How faults are put into an environment's JSON."""

from collections.abc import Callable
from typing import Any, Final

from tests.guarded import Edit

Document = dict[str, Any]

VPC: Final = "${aws_vpc.network_vpc.id}"
WORLD: Final = "0.0.0.0/0"
INGRESS: Final = "aws_vpc_security_group_ingress_rule"
EGRESS: Final = "aws_vpc_security_group_egress_rule"


def group(name: str) -> str:
    """`alb` → the reference to its security group."""
    return f"${{aws_security_group.firewall_{name}_sg.id}}"


def subnet(kind: str, zone: str) -> str:
    """The reference to a subnet."""
    return f"${{aws_subnet.network_{kind}_subnet_{zone}.id}}"


PUBLIC: Final = [subnet("public", zone) for zone in "acd"]


def _rule(document: Document, direction: str, owner: str, port: int | None, **peer: str) -> None:
    ports = {"ip_protocol": "-1"} if port is None else {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    values = {"security_group_id": group(owner), "description": "for a while", **ports, **peer}
    document["resource"][direction]["firewall_mistake"] = values


def let_in(owner: str, port: int | None, **peer: str) -> Edit:
    """A rule that lets a peer into a group; of no port, on every port."""
    return lambda document: _rule(document, INGRESS, owner, port, **peer)


def let_out(owner: str, port: int | None, **peer: str) -> Edit:
    """The same, out of it."""
    return lambda document: _rule(document, EGRESS, owner, port, **peer)


def put(path: str, *, to: object) -> Edit:
    """Sets an argument: `aws_lb.load_balancer_alb.internal`; digits are places in lists."""

    def edit(document: Document) -> None:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place: Any = document["resource"]
        for step in way:
            place = place[step]
        place[last] = to

    return edit


def add(kind: str, **values: object) -> Edit:
    """Adds a resource."""
    return lambda document: document["resource"].setdefault(kind, {}).update(mistake=values)


def drop(kind: str, name: str) -> Edit:
    """Removes a resource."""
    return lambda document: document["resource"][kind].pop(name)


def both(*edits: Callable[[Document], object]) -> Edit:
    """One edit after the other."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit
