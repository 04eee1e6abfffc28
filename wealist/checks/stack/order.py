"""Instances start when all that they need at boot is there, and go before any of it does.

group of instances ─┬─ subnets ──── associations, routes, NAT gateway and its own way out
                    ├─ VPC ──────── endpoints
                    ├─ template ─── security groups ── rules, of the interface endpoints' groups too
                    │           └── profile ── role ── policies ── log groups that they name
                    └─ parameters

Terraform creates in parallel what names no other: an instance would boot without a way out or without rights, fail, and
be replaced. A destroy would cut off instances that still run. The same holds for whatever runs as a role: AWS tries the
rights of CodeDeploy's when it creates a deployment group.

https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
"""

from collections.abc import Iterable, Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.model import types
from wealist.model.network import RULE_TYPES
from wealist.model.order import predecessors
from wealist.model.stack import Resource, StackJson
from wealist.model.values import several

CONTROL: Final = "stack.order"
_INSTANCES: Final = "aws_autoscaling_group"
_PROFILE: Final = "aws_iam_instance_profile"
_RIGHTS: Final = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_AT_BOOT: Final = "its instances need it when they boot"


def unordered(stack: StackJson) -> Iterator[Finding]:
    """Find what may be created too early, and destroyed too late."""
    for group in stack.all(_INSTANCES):
        yield from _missing(stack, group, _needs(stack, group), _AT_BOOT)
    for resource in stack.resources.values():
        if resource.type != _PROFILE:
            for role in _roles_of(stack, resource):
                yield from _missing(stack, resource, _rights(stack, role), f"{role.address} has its rights by it")


def _missing(stack: StackJson, resource: Resource, needed: Iterable[Resource], why: str) -> Iterator[Finding]:
    before = predecessors(stack, resource.address)
    for address in sorted({each.address for each in needed} - before):
        problem = f"does not wait for {address}: {why}"
        yield Finding(stack.name, resource.address, CONTROL, problem, "list it in depends_on")


def _needs(stack: StackJson, group: Resource) -> Iterator[Resource]:
    yield from _ways_out(stack, _targets(stack, group.get("vpc_zone_identifier")))
    yield from stack.all("aws_ssm_parameter", "aws_vpc_endpoint")
    template = stack.target(group.block("launch_template").get("id"))
    if template is None:
        return
    yield from _rules(stack, _groups(stack, template, *stack.all("aws_vpc_endpoint")), _groups(stack, template))
    profile = stack.target(template.block("iam_instance_profile").get("arn"))
    role = stack.target(profile.get("role")) if profile else None
    rights = list(_rights(stack, role)) if role else []
    yield from rights
    yield from _logs(stack, rights)


def _ways_out(stack: StackJson, subnets: set[str]) -> Iterator[Resource]:
    """The associations and routes of some subnets, and those of the NAT gateways that these lead to."""
    associations = _naming(stack, "aws_route_table_association", "subnet_id", subnets)
    tables = {table for each in associations for table in _targets(stack, each.get("route_table_id"))}
    routes = _naming(stack, "aws_route", "route_table_id", tables)
    gateways = {gateway for each in routes for gateway in _targets(stack, each.get("nat_gateway_id"))}
    yield from (*associations, *routes, *(stack.resources[gateway] for gateway in gateways))
    beyond = {subnet for each in gateways for subnet in _targets(stack, stack.resources[each].get("subnet_id"))}
    if beyond - subnets:
        yield from _ways_out(stack, beyond - subnets)


def _rules(stack: StackJson, owners: set[str], instances: set[str]) -> Iterator[Resource]:
    """The rules of some groups, and those of others that let the instances in or out."""
    for kind in RULE_TYPES:
        yield from _naming(stack, kind, "security_group_id", owners)
        yield from _naming(stack, kind, "referenced_security_group_id", instances)


def _groups(stack: StackJson, *resources: Resource) -> set[str]:
    """The security groups that some resources wear, by the arguments that types.toml calls groups."""
    return {
        address
        for resource in resources
        if (row := types.row(resource.type))
        for path, part in (row.network or {}).items()
        if part == "group"
        for value in resource.at(path)
        for address in _targets(stack, value)
    }


def _roles_of(stack: StackJson, resource: Resource) -> Iterator[Resource]:
    """The roles of the stack that a service gets by a resource, to run as them."""
    row = types.row(resource.type)
    for path, taker in (row.roles if row else {}).items():
        if "." in taker.to:
            for value in resource.at(path):
                if (role := stack.target(value)) and role.type == "aws_iam_role":
                    yield role


def _rights(stack: StackJson, role: Resource) -> Iterator[Resource]:
    for kind in _RIGHTS:
        yield from _naming(stack, kind, "role", {role.address})


def _logs(stack: StackJson, rights: Iterable[Resource]) -> Iterator[Resource]:
    """The log groups that some rights name: Docker starts no container whose log group is missing.

    https://docs.docker.com/engine/logging/drivers/awslogs/#awslogs-group
    """
    policies = [stack.target(each.get("policy_arn")) or each for each in rights]
    texts = [str(each.get("policy")) for each in policies]
    for group in stack.all("aws_cloudwatch_log_group"):
        if any(f":log-group:{group.get('name')}:" in text for text in texts):
            yield group


def _naming(stack: StackJson, kind: str, argument: str, addresses: set[str]) -> list[Resource]:
    """The resources of a type with an argument that refers to one of some addresses."""
    return [each for each in stack.all(kind) if _targets(stack, each.get(argument)) & addresses]


def _targets(stack: StackJson, value: object) -> set[str]:
    """The addresses of the resources that a value, or each element of it, refers to."""
    targets = (stack.target(each) for each in several(value))
    return {target.address for target in targets if target and target.address in stack.resources}
