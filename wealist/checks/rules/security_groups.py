"""Security groups, each rule by itself; what they add up to is proven by reachability.

https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
"""

from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said
from wealist.model.stack import Resource, addresses_in
from wealist.spec.services import HTTP_PORT, HTTPS_PORT

Ports = tuple[object, object, object]
"""Protocol, first and last port."""
HTTP: Final[Ports] = ("tcp", HTTP_PORT, HTTP_PORT)
HTTPS: Final[Ports] = ("tcp", HTTPS_PORT, HTTPS_PORT)
_INGRESS: Final = "aws_vpc_security_group_ingress_rule"
_EGRESS: Final = "aws_vpc_security_group_egress_rule"
_BLOCKS: Final = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id")
_DEFAULT_DESCRIPTION: Final = "Managed by Terraform"


def ports(rule: Resource) -> Ports:
    """What a rule is about."""
    return rule.get("ip_protocol"), rule.get("from_port"), rule.get("to_port")


def comes_from_the_vpc(rule: Resource, scope: Scope) -> bool:
    """Whether a rule is about the VPC's block and nothing else."""
    block = rule.get("cidr_ipv4")
    if scope.environment is not None and block == scope.environment.network.cidr:
        return True
    target = scope.stack.target(block)
    return target is not None and target.type == "aws_vpc"


def no_rule_is_inline(group: Resource, _: Scope) -> str | None:
    """Inline rules and rule resources undo each other."""
    found = [name for name in ("ingress", "egress") if group.get(name) is not None]
    return f"it has inline {' and '.join(found)} rules" if found else None


def the_rule_is_of_the_one_kind(rule: Resource, _: Scope) -> str | None:
    """The old rule resource holds several sources, and undoes what the others make."""
    return f"{rule.type} mixes with rules of one edge each"


def it_says_what_it_is_for(resource: Resource, _: Scope) -> str | None:
    """A rule that nobody can explain is never taken away."""
    found = resource.get("description")
    return None if found and found != _DEFAULT_DESCRIPTION else said("description", found)


def the_internet_reaches_web_ports_of_the_load_balancer(rule: Resource, scope: Scope) -> str | None:
    """Who is not in the VPC reaches a load balancer, by HTTP and HTTPS."""
    if ports(rule) not in {HTTP, HTTPS}:
        return f"{_source(rule)} reaches {_said(ports(rule))}"
    group = scope.stack.target(rule.get("security_group_id"))
    balancers = scope.pointing_at(group, "aws_lb", "security_groups") if group else []
    if not balancers or any(balancer.get("internal") is True for balancer in balancers):
        return f"{_source(rule)} reaches {group.address if group else 'an unknown group'}, no public load balancer's"
    return None


def it_names_a_security_group(rule: Resource, scope: Scope) -> str | None:
    """Behind the load balancer an edge begins at a group, not at addresses that anything may get."""
    if rule.get("referenced_security_group_id") or comes_from_the_vpc(rule, scope):
        return None
    return f"it allows {_source(rule)}"


def it_opens_no_more_than_its_edge(rule: Resource, scope: Scope) -> str | None:
    """One edge, whose other end lets it in; the internet by HTTPS only."""
    protocol, first, last = ports(rule)
    if protocol in {"-1", "all"} or first is None or first != last:
        return f"it opens {_said(ports(rule))}"
    if not rule.get("referenced_security_group_id"):
        return None if ports(rule) == HTTPS else f"it opens {_said(ports(rule))} to {_source(rule)}"
    there, here = (addresses_in(rule.get(name)) for name in ("referenced_security_group_id", "security_group_id"))
    group = scope.stack.resources.get(there[0]) if there else None
    for back in scope.pointing_at(group, _INGRESS, "security_group_id") if group else ():
        sources = addresses_in(back.get("referenced_security_group_id"))
        if ports(back) == ports(rule) and (sources == here or comes_from_the_vpc(back, scope)):
            return None
    return f"nothing lets {_said(ports(rule))} into {there[0] if there else 'its end'}"


def _source(rule: Resource) -> str:
    return " and ".join(str(rule.get(name)) for name in _BLOCKS if rule.get(name)) or "nobody that can be told"


def _said(found: Ports) -> str:
    protocol, first, last = found
    return f"{protocol} {first}" if first == last else f"{protocol} {first} to {last}"


def _is_public(rule: Resource, _: Scope) -> bool:
    return bool({"0.0.0.0/0", "::/0"} & {rule.get("cidr_ipv4"), rule.get("cidr_ipv6")})


def _is_not_public(rule: Resource, scope: Scope) -> bool:
    return not _is_public(rule, scope)


RULES: Final = (
    Rule(
        "EC2.18",
        (_INGRESS,),
        the_internet_reaches_web_ports_of_the_load_balancer,
        "let the internet reach only 80 and 443 of the load balancer",
        _is_public,
    ),
    Rule(
        "security_group.references",
        (_INGRESS,),
        it_names_a_security_group,
        "refer to the group that calls (referenced_security_group_id)",
        _is_not_public,
    ),
    Rule(
        "security_group.egress",
        (_EGRESS,),
        it_opens_no_more_than_its_edge,
        "give each edge a rule with its one port, whose other end lets it in",
    ),
    Rule(
        "security_group.rule_resources",
        ("aws_security_group", "aws_default_security_group"),
        no_rule_is_inline,
        "give each edge an aws_vpc_security_group_ingress_rule and an egress one",
    ),
    Rule(
        "security_group.rule_resources",
        ("aws_security_group_rule",),
        the_rule_is_of_the_one_kind,
        "give each edge an aws_vpc_security_group_ingress_rule and an egress one",
    ),
    Rule(
        "security_group.description",
        (_INGRESS, _EGRESS, "aws_security_group"),
        it_says_what_it_is_for,
        "say in description what it is for",
    ),
)
