"""The VPC, its subnets and its endpoints.

https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
"""

from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said, several, statements, unlike
from wealist.checks.hardening.security_groups import HTTPS, comes_from_the_vpc, ports
from wealist.checks.reachability.endpoints import SYSTEMS_MANAGER, service_name
from wealist.model.stack import Resource, addresses_in

_SERVICES: Final = tuple(map(service_name, (*SYSTEMS_MANAGER, "s3")))


def no_address_is_public_by_itself(subnet: Resource, _: Scope) -> str | None:
    """What starts in a subnet gets no public address unasked."""
    return unlike(subnet, "map_public_ip_on_launch", accepts=(None, False))


def traffic_is_logged(vpc: Resource, scope: Scope) -> str | None:
    """A flow log of all traffic, kept for a time that somebody chose."""
    logs = scope.pointing_at(vpc, "aws_flow_log", "vpc_id")
    if not logs:
        return "no aws_flow_log is of this VPC"
    kept = [log for log in logs if log.get("traffic_type") == "ALL" and _is_kept(log, scope)]
    return None if kept else f"{logs[0].address} is not of ALL traffic, or into nothing of this stack with a retention"


def _is_kept(log: Resource, scope: Scope) -> bool:
    group = scope.stack.target(log.get("log_destination"))
    return group is not None and (group.type == "aws_s3_bucket" or bool(group.get("retention_in_days")))


def default_security_group_is_empty(vpc: Resource, scope: Scope) -> str | None:
    """What forgets its security group reaches nothing."""
    groups = scope.pointing_at(vpc, "aws_default_security_group", "vpc_id")
    if not groups:
        return "its default security group is not taken over (aws_default_security_group)"
    rules = [name for name in ("ingress", "egress") if groups[0].get(name)]
    return f"{groups[0].address} has {' and '.join(rules)}" if rules else None


def names_resolve_to_the_endpoint(endpoint: Resource, _: Scope) -> str | None:
    """Calls to AWS take the endpoint without knowing of it."""
    return unlike(endpoint, "private_dns_enabled", accepts=(True,))


def only_the_vpc_reaches_the_endpoint(endpoint: Resource, scope: Scope) -> str | None:
    """HTTPS from the VPC's block, and nothing else."""
    groups = addresses_in(endpoint.get("security_group_ids"))
    if not groups:
        return said("security_group_ids", endpoint.get("security_group_ids"))
    ingress = "aws_vpc_security_group_ingress_rule"
    for address in groups:
        group = scope.stack.resources.get(address)
        rules = scope.pointing_at(group, ingress, "security_group_id") if group else []
        if not rules:
            return f"{address} lets nothing in"
        wrong = [rule.address for rule in rules if ports(rule) != HTTPS or not comes_from_the_vpc(rule, scope)]
        if wrong:
            return f"{wrong[0]} is not of 443 from the VPC's block"
    return None


def the_endpoint_has_a_policy(endpoint: Resource, _: Scope) -> str | None:
    """It is no way around IAM: without one, AWS allows everything to everybody."""
    found = statements(endpoint)
    if found is None:
        return said("policy", endpoint.get("policy"))
    wide = [each.get("Sid") for each in found if each.get("Effect") == "Allow" and "*" in several(each.get("Action"))]
    return f"statement {wide[0]!r} allows every action" if wide else None


def the_endpoint_is_of_aws(endpoint: Resource, _: Scope) -> str | None:
    """One of anybody's service (`com.amazonaws.vpce.…`) is a way to their VPC."""
    return unlike(endpoint, "service_name", accepts=_SERVICES)


def routes_are_written(table: Resource, _: Scope) -> str | None:
    """No gateway of somebody's network tells this one its routes."""
    return unlike(table, "propagating_vgws", accepts=(None, []))


def the_address_is_of_nothing_else(address: Resource, _: Scope) -> str | None:
    """What has it is told by what refers to it: a NAT gateway."""
    wrong = [name for name in _OF_A_MACHINE if address.get(name)]
    return said(wrong[0], address.get(wrong[0])) if wrong else None


def _is_interface(endpoint: Resource, _: Scope) -> bool:
    return str(endpoint.get("vpc_endpoint_type")) != "Gateway"


_OF_A_MACHINE: Final = ("instance", "network_interface", "associate_with_private_ip")
_ENDPOINT: Final = ("aws_vpc_endpoint",)
RULES: Final = (
    Rule("EC2.15", ("aws_subnet",), no_address_is_public_by_itself, "set map_public_ip_on_launch to false"),
    Rule("EC2.6", ("aws_vpc",), traffic_is_logged, "add an aws_flow_log of ALL traffic into a group with a retention"),
    Rule("EC2.2", ("aws_vpc",), default_security_group_is_empty, "add aws_default_security_group without any rule"),
    Rule(
        "vpc_endpoint.private_dns",
        _ENDPOINT,
        names_resolve_to_the_endpoint,
        "set private_dns_enabled to true",
        _is_interface,
    ),
    Rule(
        "vpc_endpoint.security_group",
        _ENDPOINT,
        only_the_vpc_reaches_the_endpoint,
        "give it a security group that allows 443 from the VPC's block only",
        _is_interface,
    ),
    Rule("vpc_endpoint.service", _ENDPOINT, the_endpoint_is_of_aws, "name a service of section 2.3"),
    Rule("route_table.propagation", ("aws_route_table",), routes_are_written, "take propagating_vgws away"),
    Rule("eip.association", ("aws_eip",), the_address_is_of_nothing_else, "leave it to a NAT gateway"),
    Rule("vpc_endpoint.policy", _ENDPOINT, the_endpoint_has_a_policy, "give it a policy that names its actions"),
)
