"""What needs more than a comparison of the network: endpoints and security group rules."""

from typing import Final

from wealist.checks.rules.rule import Scope, Values, described, of_stack, of_values, several, statements
from wealist.model.network import Ports, Unread, read_ports
from wealist.model.stack import Resource, addresses_in
from wealist.spec.services import HTTP_PORT, HTTPS_PORT

_HTTP: Final = Ports("tcp", HTTP_PORT, HTTP_PORT)
_HTTPS: Final = Ports("tcp", HTTPS_PORT, HTTPS_PORT)
_INGRESS: Final = "aws_vpc_security_group_ingress_rule"
_RANGES: Final = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id")


@of_stack
def only_the_vpc_reaches_the_endpoint(endpoint: Resource, scope: Scope) -> str | None:
    """HTTPS from the VPC's block, and nothing else."""
    groups = addresses_in(endpoint.get("security_group_ids"))
    if not groups:
        return described("security_group_ids", endpoint.get("security_group_ids"))
    for address in groups:
        group = scope.stack.resources.get(address)
        rules = scope.pointing_at(group, _INGRESS, "security_group_id") if group else []
        if not rules:
            return f"{address} lets nothing in"
        wrong = [rule.address for rule in rules if _ports(rule) != _HTTPS or not _is_of_the_vpc(rule, scope)]
        if wrong:
            return f"{wrong[0]} is not of 443 from the VPC's block"
    return None


@of_values
def policy_names_actions(endpoint: Values) -> str | None:
    """No statement of the policy allows every action."""
    found = statements(endpoint)
    if found is None:
        return described("policy", endpoint.get("policy"))
    wide = [each.get("Sid") for each in found if each.get("Effect") == "Allow" and "*" in several(each.get("Action"))]
    return f"statement {wide[0]!r} allows every action" if wide else None


@of_stack
def internet_reaches_public_load_balancers_only(rule: Resource, scope: Scope) -> str | None:
    """Only public load balancers accept traffic from the internet, on 80 and 443."""
    if not _is_public(rule):
        return None
    if _ports(rule) not in (_HTTP, _HTTPS):
        return f"{_source(rule)} reaches {_shown(_ports(rule))}"
    group = scope.stack.target(rule.get("security_group_id"))
    balancers = scope.pointing_at(group, "aws_lb", "security_groups") if group else []
    if not balancers or any(balancer.get("internal") is True for balancer in balancers):
        return f"{_source(rule)} reaches {group.address if group else 'an unknown group'}, no public load balancer's"
    return None


@of_stack
def source_is_a_security_group(rule: Resource, scope: Scope) -> str | None:
    """Behind the load balancer an edge begins at a security group, or in the VPC as a whole."""
    if _is_public(rule) or rule.get("referenced_security_group_id") or _is_of_the_vpc(rule, scope):
        return None
    return f"allows {_source(rule)}"


@of_stack
def egress_is_as_narrow_as_its_edge(rule: Resource, scope: Scope) -> str | None:
    """One port, with an ingress rule at its other end; to addresses, HTTPS only."""
    ports = _ports(rule)
    if isinstance(ports, Unread):
        return ports.problem
    if ports.low != ports.high:
        return f"opens {ports}"
    if not rule.get("referenced_security_group_id"):
        return None if ports == _HTTPS else f"opens {ports} to {_source(rule)}"
    there, here = (addresses_in(rule.get(name)) for name in ("referenced_security_group_id", "security_group_id"))
    group = scope.stack.resources.get(there[0]) if there else None
    for back in scope.pointing_at(group, _INGRESS, "security_group_id") if group else ():
        sources = addresses_in(back.get("referenced_security_group_id"))
        if _ports(back) == ports and (sources == here or _is_of_the_vpc(back, scope)):
            return None
    return f"no ingress rule of {there[0] if there else 'its other end'} accepts {ports}"


def _ports(rule: Resource) -> Ports | Unread:
    return read_ports(rule.values, "ip_protocol")


def _is_of_the_vpc(rule: Resource, scope: Scope) -> bool:
    """Whether a rule is about the VPC's block and nothing else."""
    block = rule.get("cidr_ipv4")
    if scope.environment is not None and block == scope.environment.network.cidr:
        return True
    target = scope.stack.target(block)
    return target is not None and target.type == "aws_vpc"


def _is_public(rule: Resource) -> bool:
    return bool({"0.0.0.0/0", "::/0"} & {rule.get("cidr_ipv4"), rule.get("cidr_ipv6")})


def _source(rule: Resource) -> str:
    return " and ".join(str(rule.get(name)) for name in _RANGES if rule.get(name)) or "an unknown source"


def _shown(ports: Ports | Unread) -> str:
    return ports.problem if isinstance(ports, Unread) else str(ports)
