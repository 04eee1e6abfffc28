"""What concerns the network and is not read by the proofs: it is refused, by name.

types.toml: a way to another network, a filter of traffic ─┐
an argument that speaks of networks and is not read ───────┼─► reachability.coverage
a network in a stack that is no environment ───────────────┘
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.nodes import SUBNET_GROUPS, is_node, network_arguments
from wealist.checks.reachability.reading import Gap, is_absent
from wealist.model.network import GROUP_TYPES, OLD_RULE_TYPE, RULE_TYPES
from wealist.model.stack import Resource, StackJson
from wealist.model.types import row
from wealist.model.values import several

CONTROL: Final = "reachability.coverage"
_READ: Final = frozenset(
    {
        *GROUP_TYPES, *RULE_TYPES, *SUBNET_GROUPS, OLD_RULE_TYPE, "aws_default_network_acl", "aws_eip",
        "aws_internet_gateway", "aws_launch_template", "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group",
        "aws_nat_gateway", "aws_route", "aws_route_table", "aws_route_table_association", "aws_subnet", "aws_vpc",
        "aws_vpc_endpoint",
    }
)  # fmt: skip
"""Types that the proofs read whole, as far as types.toml names their arguments."""
_RULES: Final = frozenset({"ingress", "egress"})
"""Arguments of security groups that the proofs read, and that types.toml leaves out."""
_EMPTIED: Final = frozenset({"aws_default_network_acl", "aws_default_security_group"})
"""Types that let nothing through where they have no rules: so the account's default VPC is closed."""
_OPENS: Final = frozenset({"way", "range", "rule"})
_NETWORK_ARGUMENT: Final = re.compile(
    r"(?:^|_)(vpc|subnets?|cidrs?|ipv[46]|ip|public|publicly|gateway|peering|network|nat|prefix_lists?|interfaces?|allocation"
    r"|eip|routes?|ingress|egress|security_groups?|lb|elb)(?:_|$)"
)
_APART: Final = frozenset({"//", "tags", "tag", "tag_specifications", "lifecycle", "depends_on"})
"""Keys that are no arguments of AWS's, or that an operator names."""


def unread(stack: StackJson, gaps: Iterable[Gap] = ()) -> Iterator[Finding]:
    """What concerns the network of an environment's stack and is not read.

    Args:
        stack: The stack.
        gaps: What the proofs could not read of it.
    """
    for gap in gaps:
        yield _finding(stack, gap.address, gap.problem)
    for resource in stack.resources.values():
        if _is_networked(resource) and resource.type not in _READ and not is_node(resource.type):
            what = getattr(row(resource.type), "what", resource.type)
            yield _finding(stack, resource.address, f"is {what}, which may open or close a way that is not read")
        else:
            for name, value in _unread_arguments(resource):
                yield _finding(stack, resource.address, f"has {name} = {value!r}, which is not read")


def misplaced(stack: StackJson) -> Iterator[Finding]:
    """What concerns a network in a stack that is no environment, but for what lets nothing through."""
    for resource in stack.resources.values():
        if resource.type in _EMPTIED and all(map(is_absent, map(resource.get, _RULES))):
            continue
        if _is_networked(resource) or any(_unread_arguments(resource)):
            problem = f"is of the type {resource.type}, and {stack.name} is no environment"
            yield Finding(stack.name, resource.address, CONTROL, problem, "move it to an environment's stack")


def _is_networked(resource: Resource) -> bool:
    known = row(resource.type)
    if known is None or not known.networked:
        return False
    arguments = (value for path in network_arguments(resource.type) for value in resource.at(path))
    return not is_node(resource.type) or not all(map(is_absent, arguments))


def _unread_arguments(resource: Resource) -> Iterator[tuple[str, object]]:
    parts = network_arguments(resource.type)
    read = {path for path, part in parts.items() if resource.type in _READ or part not in _OPENS}
    return _speaking(resource.values, read | (_RULES if resource.type in GROUP_TYPES else set()))


def _speaking(values: Mapping[str, Any], read: Iterable[str], path: str = "") -> Iterator[tuple[str, object]]:
    """The arguments, nested ones too, that speak of networks and are not read."""
    for key, value in values.items():
        name = f"{path}{key}"
        if key in _APART or is_absent(value):
            continue
        if name not in read and _NETWORK_ARGUMENT.search(key):
            yield name, value
        elif name not in _RULES:
            for nested in several(value):
                if isinstance(nested, Mapping):
                    yield from _speaking(nested, read, f"{name}.")


def _finding(stack: StackJson, address: str, problem: str) -> Finding:
    remedy = "leave it out, or have wealist/checks/reachability read what it opens"
    return Finding(stack.name, address, CONTROL, problem, remedy)
