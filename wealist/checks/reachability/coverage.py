"""Report every part of the network that the proofs do not read, so that nothing opens or closes a path unseen.

types.toml: a path to another network, a filter of traffic ────┐
an argument with a network term in its name that is not read ──┤
a rule of the default network ACL that the proofs do not expect┼─► reachability.coverage
a network in a stack that is not an environment ───────────────┘

The proofs ignore network ACLs. So the default network ACL may close only ports of remote shells that no service uses.
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.nodes import SUBNET_GROUPS, is_node, network_arguments
from wealist.checks.reachability.reader import Gap, is_absent
from wealist.model.network import EVERYTHING, GROUP_TYPES, OLD_RULE_TYPE, RULE_TYPES, Ports, read_ports
from wealist.model.stack import Resource, StackJson
from wealist.model.types import row
from wealist.model.values import as_list
from wealist.spec.environment import Environment

CONTROL: Final = "reachability.coverage"
_ACL: Final = "aws_default_network_acl"
_REMOTE_SHELLS: Final = frozenset({22, 3389})
_READ: Final = frozenset(
    {
        *GROUP_TYPES, *RULE_TYPES, *SUBNET_GROUPS, OLD_RULE_TYPE, _ACL, "aws_eip", "aws_internet_gateway",
        "aws_launch_template", "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group", "aws_nat_gateway",
        "aws_route", "aws_route_table", "aws_route_table_association", "aws_subnet", "aws_vpc", "aws_vpc_endpoint",
    }
)  # fmt: skip
"""Types whose arguments in types.toml the proofs all read."""
_RULES: Final = frozenset({"ingress", "egress"})
"""Arguments of security groups that the proofs read, and that types.toml does not list."""
_CLOSED_WITHOUT_RULES: Final = frozenset({_ACL, "aws_default_security_group"})
"""Types that allow no traffic if they have no rules, which closes the account's default VPC."""
_OPENS: Final = frozenset({"way", "range", "rule"})
_NETWORK_ARGUMENT: Final = re.compile(
    r"(?:^|_)(vpc|subnets?|cidrs?|ipv[46]|ip|public|publicly|gateway|peering|network|nat|prefix_lists?|interfaces?|allocation"
    r"|eip|routes?|ingress|egress|security_groups?|lb|elb)(?:_|$)"
)
_IGNORED_ARGUMENTS: Final = frozenset({"//", "tags", "tag", "tag_specifications", "lifecycle", "depends_on"})


def unread(stack: StackJson, gaps: Iterable[Gap] = ()) -> Iterator[Finding]:
    """Report resources and arguments of an environment's network that the proofs do not read.

    Args:
        stack: The stack.
        gaps: The values that the proofs could not read.
    """
    for gap in gaps:
        yield _finding(stack, gap.address, gap.problem)
    for resource in stack.resources.values():
        if _is_networked(resource) and resource.type not in _READ and not is_node(resource.type):
            what = getattr(row(resource.type), "what", resource.type)
            yield _finding(stack, resource.address, f"is {what}, which may open or close a path that is not read")
        else:
            for name, value in _unread_arguments(resource):
                yield _finding(stack, resource.address, f"has {name} = {value!r}, which is not read")


def misplaced(stack: StackJson) -> Iterator[Finding]:
    """Report network resources in a stack that is not an environment, except those that allow no traffic."""
    for resource in stack.resources.values():
        if resource.type in _CLOSED_WITHOUT_RULES and all(map(is_absent, map(resource.get, _RULES))):
            continue
        if _is_networked(resource) or any(_unread_arguments(resource)):
            problem = f"is of the type {resource.type}, but {stack.name} is not an environment"
            yield Finding(stack.name, resource.address, CONTROL, problem, "move it to an environment's stack")


def acl_gaps(stack: StackJson, environment: Environment) -> Iterator[Gap]:
    """Yield rules of the default network ACL that may close a path that the proofs take for open."""
    closable = _REMOTE_SHELLS - {route.port for route in environment.routes}
    for acl in stack.all(_ACL):
        for direction in ("ingress", "egress"):
            for problem in _acl_problems(acl.blocks(direction), closable):
                yield Gap(acl.address, f"has {direction} rules, of which {problem}")


def _acl_problems(rules: Sequence[Mapping[str, Any]], closable: Collection[int]) -> Iterator[str]:
    *denials, last = sorted(rules, key=lambda rule: rule.get("rule_no") or 0) or [{}]
    if (
        last.get("action") != "allow"
        or last.get("cidr_block") != "0.0.0.0/0"
        or read_ports(last, "protocol") != Ports(EVERYTHING)
    ):
        yield "the last one does not allow everything"
    for each in denials:
        if each.get("action") != "deny" or read_ports(each, "protocol") not in {
            Ports("tcp", port, port) for port in closable
        }:
            yield f"rule {each.get('rule_no')} is not a denial of SSH or RDP"


def _is_networked(resource: Resource) -> bool:
    known = row(resource.type)
    if known is None or not known.networked:
        return False
    arguments = (value for path in network_arguments(resource.type) for value in resource.at(path))
    return not is_node(resource.type) or not all(map(is_absent, arguments))


def _unread_arguments(resource: Resource) -> Iterator[tuple[str, object]]:
    parts = network_arguments(resource.type)
    read = {path for path, part in parts.items() if resource.type in _READ or part not in _OPENS}
    return _network_arguments(resource.values, read | (_RULES if resource.type in GROUP_TYPES else set()))


def _network_arguments(values: Mapping[str, Any], read: Iterable[str], path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each argument with a network term in its name that is not in `read`, nested ones included."""
    for key, value in values.items():
        name = f"{path}{key}"
        if key in _IGNORED_ARGUMENTS or is_absent(value):
            continue
        if name not in read and _NETWORK_ARGUMENT.search(key):
            yield name, value
        elif name not in _RULES:
            for nested in as_list(value):
                if isinstance(nested, Mapping):
                    yield from _network_arguments(nested, read, f"{name}.")


def _finding(stack: StackJson, address: str, problem: str) -> Finding:
    remedy = "remove it, or add it to what wealist/checks/reachability reads"
    return Finding(stack.name, address, CONTROL, problem, remedy)
