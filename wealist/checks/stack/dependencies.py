"""Instances start after everything that they need at boot, and stop before any of it is destroyed.

Auto Scaling group ─┬─ subnets ──── route table associations, routes, NAT gateway and its own route to the internet
                    ├─ VPC ──────── endpoints
                    ├─ template ─── security groups ── rules, including those of the interface endpoints' groups
                    │           └── profile ── role ── policies ── log groups that they name
                    └─ parameters

Terraform creates resources in parallel unless one refers to the other. An instance that boots without a route or
without permissions fails and is replaced. A destroy in the wrong order cuts off running instances. The same holds for
every resource with a role: AWS checks the permissions of CodeDeploy's role when it creates a deployment group.

https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.model import types
from wealist.model.network import RULE_TYPES
from wealist.model.stack import PLACE, Resource, StackJson
from wealist.model.values import as_list

CONTROL: Final = "stack.order"
_INSTANCES: Final = "aws_autoscaling_group"
_PROFILE: Final = "aws_iam_instance_profile"
_POLICY_TYPES: Final = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_EXPRESSION: Final = re.compile(r"(?<!\$)\$\{([^}]*)\}")
_ADDRESS: Final = re.compile(rf"(?<![\w.-]){PLACE}")
_AT_BOOT: Final = "its instances need it when they boot"


def unordered(stack: StackJson) -> Iterator[Finding]:
    """Report resources that Terraform may create before what they need."""
    for group in stack.all(_INSTANCES):
        yield from _missing(stack, group, _needed_at_boot(stack, group), _AT_BOOT)
    for resource in stack.resources.values():
        if resource.type != _PROFILE:
            for role in _roles_of(stack, resource):
                yield from _missing(stack, resource, _policies(stack, role), f"{role.address} has its rights by it")


def predecessors(stack: StackJson, address: str) -> frozenset[str]:
    """Return the addresses that Terraform creates before a resource: its references and `depends_on`, transitively.

    Resources inside a module are not included: a reference to an output waits only for what the output needs.
    """
    known = {**stack.resources, **stack.data, **stack.modules}
    found: set[str] = set()
    pending = [address]
    while pending:
        for each in _referenced_addresses(known[pending.pop()]):
            if each in known and each not in found:
                found.add(each)
                pending.append(each)
    return frozenset(found)


def _referenced_addresses(resource: Resource) -> Iterator[str]:
    yield from resource.get("depends_on") or ()
    for _, text in resource.strings:
        for expression in _EXPRESSION.findall(text) if "${" in text else ():
            yield from _ADDRESS.findall(expression)


def _missing(stack: StackJson, resource: Resource, needed: Iterable[Resource], why: str) -> Iterator[Finding]:
    before = predecessors(stack, resource.address)
    for address in sorted({each.address for each in needed} - before):
        problem = f"does not wait for {address}: {why}"
        yield Finding(stack.name, resource.address, CONTROL, problem, "list it in depends_on")


def _needed_at_boot(stack: StackJson, group: Resource) -> Iterator[Resource]:
    yield from _internet_routes(stack, _targets(stack, group.get("vpc_zone_identifier")))
    yield from stack.all("aws_ssm_parameter", "aws_vpc_endpoint")
    template = stack.target(group.block("launch_template").get("id"))
    if template is None:
        return
    yield from _rules(stack, _groups(stack, template, *stack.all("aws_vpc_endpoint")), _groups(stack, template))
    profile = stack.target(template.block("iam_instance_profile").get("arn"))
    role = stack.target(profile.get("role")) if profile else None
    policies = list(_policies(stack, role)) if role else []
    yield from policies
    yield from _log_groups(stack, policies)


def _internet_routes(stack: StackJson, subnets: set[str]) -> Iterator[Resource]:
    """Yield the route table associations and routes of subnets, their NAT gateways, and the routes of these."""
    associations = _naming(stack, "aws_route_table_association", "subnet_id", subnets)
    tables = {table for each in associations for table in _targets(stack, each.get("route_table_id"))}
    routes = _naming(stack, "aws_route", "route_table_id", tables)
    gateways = {gateway for each in routes for gateway in _targets(stack, each.get("nat_gateway_id"))}
    yield from (*associations, *routes, *(stack.resources[gateway] for gateway in gateways))
    beyond = {subnet for each in gateways for subnet in _targets(stack, stack.resources[each].get("subnet_id"))}
    if beyond - subnets:
        yield from _internet_routes(stack, beyond - subnets)


def _rules(stack: StackJson, owners: set[str], instances: set[str]) -> Iterator[Resource]:
    """Yield the rules of the owners' security groups, and rules of other groups that refer to the instances' groups."""
    for kind in RULE_TYPES:
        yield from _naming(stack, kind, "security_group_id", owners)
        yield from _naming(stack, kind, "referenced_security_group_id", instances)


def _groups(stack: StackJson, *resources: Resource) -> set[str]:
    """Return the security groups attached to resources, by the arguments that types.toml marks as `group`."""
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
    """Yield the roles of the stack that a resource passes to a service."""
    row = types.row(resource.type)
    for path, passed in (row.roles if row else {}).items():
        if "." in passed.to:
            for value in resource.at(path):
                if (role := stack.target(value)) and role.type == "aws_iam_role":
                    yield role


def _policies(stack: StackJson, role: Resource) -> Iterator[Resource]:
    for kind in _POLICY_TYPES:
        yield from _naming(stack, kind, "role", {role.address})


def _log_groups(stack: StackJson, policies: Iterable[Resource]) -> Iterator[Resource]:
    """Yield the log groups that policies name: Docker starts no container whose log group is missing.

    https://docs.docker.com/engine/logging/drivers/awslogs/#awslogs-group
    """
    documents = [stack.target(each.get("policy_arn")) or each for each in policies]
    texts = [str(each.get("policy")) for each in documents]
    for group in stack.all("aws_cloudwatch_log_group"):
        if any(f":log-group:{group.get('name')}:" in text for text in texts):
            yield group


def _naming(stack: StackJson, kind: str, argument: str, addresses: set[str]) -> list[Resource]:
    """Return the resources of a type whose argument refers to one of the addresses."""
    return [each for each in stack.all(kind) if _targets(stack, each.get(argument)) & addresses]


def _targets(stack: StackJson, value: object) -> set[str]:
    """Return the addresses of the resources that a value, or the elements of a list, refer to."""
    targets = (stack.target(each) for each in as_list(value))
    return {target.address for target in targets if target and target.address in stack.resources}
