"""Names in the hosted zone: each leads to what the same stack makes.

record ─┬─ alias ──► load balancer, distribution
        └─ records ► what ACM asks for, to validate a certificate

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html
"""

import re
from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said
from wealist.model.stack import Resource

_NAMES: Final = {"aws_lb": "dns_name", "aws_cloudfront_distribution": "domain_name"}
"""Type of what a name may lead to → the attribute that it leads to."""
_TYPES: Final = {"A", "AAAA"}
_VALIDATES: Final = re.compile(
    r"\$\{tolist\((?P<certificate>aws_acm_certificate\.[\w-]+)\.domain_validation_options\)\[0\]\.resource_record_(?P<what>\w+)\}"
)


def the_name_leads_to_us(record: Resource, scope: Scope) -> str | None:
    """Nobody else answers under our names, and nobody else is given a part of the zone."""
    if record.get("alias"):
        return _alias(record, scope)
    values = record.get("records") or []
    if len(values) != 1:
        return said("records", values or None)
    told = {"name": record.get("name"), "type": record.get("type"), "value": values[0]}
    found = {what: _VALIDATES.fullmatch(str(value)) for what, value in told.items()}
    certificates = {match["certificate"] for match in found.values() if match}
    if len(certificates) == 1 and all(match and match["what"] == what for what, match in found.items()):
        return None if certificates <= scope.stack.resources.keys() else f"{certificates} is not in this stack"
    return f"{told['type']} {told['name']} leads to {values[0]!r}"


def _alias(record: Resource, scope: Scope) -> str | None:
    name = record.block("alias").get("name")
    target = scope.stack.target(name)
    if record.get("records") or record.get("type") not in _TYPES or target is None:
        return f"{record.get('type')} {record.get('name')} leads to {name!r}"
    own = name == f"${{{target.address}.{_NAMES.get(target.type)}}}" and record.get("name") == _domain(target, scope)
    return None if own else f"{record.get('name')} leads to {name!r}"


def _domain(target: Resource, scope: Scope) -> str | None:
    if scope.environment is None:
        return None
    return scope.environment.api.domain if target.type == "aws_lb" else scope.environment.site.domain


RULES: Final = (
    Rule(
        "route53.target",
        ("aws_route53_record",),
        the_name_leads_to_us,
        "lead the site to its distribution, the API to its load balancer, and validate certificates of this stack",
    ),
)
