"""What needs more than a comparison of CloudFront and names.

record ─┬─ alias ──► load balancer, distribution
        └─ records ► what ACM demands to validate a certificate

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html
"""

import re
from typing import Final

from wealist.checks.rules.rule import Scope, described, of_stack
from wealist.model.stack import Resource
from wealist.spec.account import REGION

_TARGETS: Final = {"aws_lb": "dns_name", "aws_cloudfront_distribution": "domain_name"}
"""Type of what a name may lead to → the attribute that it leads to."""
_VALIDATES: Final = re.compile(
    r"\$\{tolist\((?P<certificate>aws_acm_certificate\.[\w-]+)\.domain_validation_options\)\[0\]\.resource_record_(?P<what>\w+)\}"
)


@of_stack
def origin_is_the_sites_bucket(distribution: Resource, scope: Scope) -> str | None:
    """Every origin is the bucket of the environment's site."""
    if scope.environment is None:
        return None
    site = f"{scope.environment.names.frontend_bucket}.s3.{REGION}.amazonaws.com"
    wrong = [each.get("domain_name") for each in distribution.blocks("origin") if each.get("domain_name") != site]
    return described("origin.domain_name", wrong[0]) if wrong else None


@of_stack
def names_are_the_sites(distribution: Resource, scope: Scope) -> str | None:
    """The distribution answers for the site's domain, and for no other name."""
    if scope.environment is None or distribution.get("aliases") == [scope.environment.site.domain]:
        return None
    return described("aliases", distribution.get("aliases"))


@of_stack
def certificate_is_the_described_one(distribution: Resource, scope: Scope) -> str | None:
    """The certificate is that of the settings, or where they have none, one that this stack validates."""
    arn = distribution.block("viewer_certificate").get("acm_certificate_arn")
    configured = scope.environment.site.certificate_arn if scope.environment else None
    target = scope.stack.target(arn)
    right = arn == configured if configured else target and target.type == "aws_acm_certificate_validation"
    return None if right else described("acm_certificate_arn", arn)


@of_stack
def access_logs_are_delivered(distribution: Resource, scope: Scope) -> str | None:
    """A log delivery takes the access logs to a destination of this stack."""
    for source in scope.pointing_at(distribution, "aws_cloudwatch_log_delivery_source", "resource_arn"):
        for delivery in scope.pointing_at(source, "aws_cloudwatch_log_delivery", "delivery_source_name"):
            if source.get("log_type") == "ACCESS_LOGS" and scope.stack.target(delivery.get("delivery_destination_arn")):
                return None
    return "no access log is delivered anywhere"


@of_stack
def name_leads_into_this_stack(record: Resource, scope: Scope) -> str | None:
    """The name leads to the load balancer or distribution that answers for it, or validates a certificate."""
    if record.get("alias"):
        return _alias(record, scope)
    values = record.get("records") or []
    shown = f"{record.get('type')} {record.get('name')} leads to {', '.join(map(repr, values)) or 'nothing'}"
    if len(values) != 1:
        return shown
    parts = {"name": record.get("name"), "type": record.get("type"), "value": values[0]}
    matches = {what: _VALIDATES.fullmatch(str(value)) for what, value in parts.items()}
    certificates = {match["certificate"] for match in matches.values() if match}
    if len(certificates) != 1 or not all(match and match["what"] == what for what, match in matches.items()):
        return shown
    return None if certificates <= scope.stack.resources.keys() else f"{certificates.pop()} is not in this stack"


def _alias(record: Resource, scope: Scope) -> str | None:
    name = record.block("alias").get("name")
    target = scope.stack.target(name)
    if (
        target is not None
        and not record.get("records")
        and name == f"${{{target.address}.{_TARGETS.get(target.type)}}}"
        and record.get("name") == _domain(target, scope)
    ):
        return None
    return f"{record.get('type')} {record.get('name')} leads to {name!r}"


def _domain(target: Resource, scope: Scope) -> str | None:
    if scope.environment is None:
        return None
    return scope.environment.api.domain if target.type == "aws_lb" else scope.environment.site.domain
