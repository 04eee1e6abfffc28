"""What carries network meaning and is not read by the proofs: it fails closed, by name.

type unknown, its name or arguments speak of networks ─┐
type known, an argument speaks of networks and is not read ─┼─► reachability.understood
an inline rule ─────────────────────────────────────────┘
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.reading import Unread, absent
from wealist.model.stack import StackJson

CONTROL: Final = "reachability.understood"
_RULE: Final = "security_group_id referenced_security_group_id cidr_ipv4 prefix_list_id ip_protocol"
_READ: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(arguments.split())
    for kind, arguments in {
        "aws_vpc": "cidr_block",
        "aws_subnet": "vpc_id cidr_block map_public_ip_on_launch",
        "aws_internet_gateway": "vpc_id",
        "aws_nat_gateway": "subnet_id allocation_id",
        "aws_eip": "",
        "aws_route_table": "vpc_id",
        "aws_route_table_association": "subnet_id route_table_id",
        "aws_route": "route_table_id destination_cidr_block gateway_id nat_gateway_id",
        "aws_default_security_group": "vpc_id",
        "aws_security_group": "vpc_id",
        "aws_vpc_security_group_ingress_rule": _RULE,
        "aws_vpc_security_group_egress_rule": _RULE,
        "aws_vpc_endpoint": "vpc_id vpc_endpoint_type subnet_ids security_group_ids route_table_ids",
        "aws_lb": "subnets security_groups",
        "aws_lb_listener": "",
        "aws_lb_listener_rule": "",
        "aws_lb_target_group": "vpc_id",
        "aws_autoscaling_group": "vpc_zone_identifier",
        "aws_launch_template": (
            "network_interfaces network_interfaces.security_groups network_interfaces.associate_public_ip_address "
            "vpc_security_group_ids"
        ),
        "aws_db_instance": "publicly_accessible vpc_security_group_ids db_subnet_group_name",
        "aws_db_subnet_group": "subnet_ids",
        "aws_elasticache_replication_group": "subnet_group_name security_group_ids",
        "aws_elasticache_subnet_group": "subnet_ids",
    }.items()
}
"""Types that the proofs read, and those of their arguments, nested ones after a dot, that speak of networks."""
_HARMLESS: Final[Mapping[str, frozenset[str]]] = {
    # Watches, and lets nothing through.
    "aws_flow_log": frozenset({"vpc_id"}),
    # A role's, not a machine.
    "aws_iam_instance_profile": frozenset(),
    # Faces the world by its nature; its ways into a VPC are arguments of `origin`, and not named here.
    "aws_cloudfront_distribution": frozenset({"is_ipv6_enabled"}),
    # Of S3: who may read a bucket is not a question of routes.
    "aws_s3_bucket_public_access_block": frozenset(
        {"block_public_acls", "block_public_policy", "restrict_public_buckets", "ignore_public_acls"}
    ),
}
"""Types whose name or arguments speak of networks, and that open no way through one."""
_MODULES: Final = frozenset({"./modules/instance_bootstrap", "./modules/state_backend"})
"""Modules without a resource in a network."""
_NETWORK_TYPE: Final = re.compile(
    r"_(vpc|vpn|subnet|routes?|gateway|apigatewayv2|nat|eip|dx|network|networkfirewall|networkmanager|peering|lb|alb|elb"
    r"|globalaccelerator|vpclattice|resolver|endpoint|transit|interface|proxy|lightsail|instance|fleet|security_group"
    r"|verifiedaccess|traffic|apprunner|url|cluster)(?=_|$)"
)
_NETWORK_ARGUMENT: Final = re.compile(
    r"(?:^|_)(vpc|subnets?|cidrs?|ipv[46]|ip|public|publicly|gateway|peering|network|nat|prefix_lists?|interfaces?|allocation"
    r"|eip|routes?|ingress|egress|security_groups?|lb|elb)(?:_|$)"
)
_APART: Final = frozenset({"//", "tags", "tag", "tag_specifications", "lifecycle", "depends_on"})
"""Keys that are no arguments of AWS's, or that an operator names."""


def unread(stack: StackJson, found: Iterable[Unread] = ()) -> Iterator[Finding]:
    """What carries network meaning in an environment's stack and is not read.

    Args:
        stack: The stack.
        found: What reading it for the proofs came upon already.
    """
    for each in found:
        yield _finding(stack, each.address, each.problem)
    for resource in stack.resources.values():
        arguments = _READ.get(resource.type)
        if arguments is None and resource.type not in _HARMLESS and _NETWORK_TYPE.search(resource.type):
            yield _finding(stack, resource.address, f"is of the type {resource.type}, which is not read")
            continue
        understood = _HARMLESS.get(resource.type, frozenset()) if arguments is None else arguments
        for name, value in _speaking(resource.values, understood):
            yield _finding(stack, resource.address, f"has {name} = {value!r}, which is not read")
    yield from _modules(stack)


def misplaced(stack: StackJson) -> Iterator[Finding]:
    """What carries network meaning in a stack that is no environment."""
    for resource in stack.resources.values():
        speaks = any(True for _ in _speaking(resource.values, _HARMLESS.get(resource.type, frozenset())))
        named = _NETWORK_TYPE.search(resource.type) and resource.type not in _HARMLESS
        if resource.type in _READ or named or speaks:
            problem = f"is of the type {resource.type}, and {stack.name} is no environment"
            yield Finding(stack.name, resource.address, CONTROL, problem, "move it to an environment's stack")
    yield from _modules(stack)


def _speaking(values: Mapping[str, Any], understood: frozenset[str], path: str = "") -> Iterator[tuple[str, object]]:
    """The arguments, nested ones too, that speak of networks and are not understood."""
    for key, value in values.items():
        name = f"{path}{key}"
        if key in _APART or absent(value):
            continue
        if name not in understood and _NETWORK_ARGUMENT.search(key):
            yield name, value
            continue
        for nested in value if isinstance(value, list) else [value]:
            if isinstance(nested, Mapping):
                yield from _speaking(nested, understood, f"{name}.")


def _modules(stack: StackJson) -> Iterator[Finding]:
    for call in stack.modules.values():
        if call.get("source") not in _MODULES:
            yield _finding(stack, call.address, f"calls {call.get('source')!r}, whose resources are not read")


def _finding(stack: StackJson, address: str, problem: str) -> Finding:
    remedy = "leave it out, or teach the proofs of wealist.checks.reachability what it opens"
    return Finding(stack.name, address, CONTROL, problem, remedy)
