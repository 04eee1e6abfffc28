"""CloudFront.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html
"""

from collections.abc import Mapping
from typing import Any, Final

from wealist.checks.hardening.rule import Rule, Scope, plain, said, unlike
from wealist.model.stack import Resource
from wealist.spec.account import REGION
from wealist.spec.environment import Environment

_TLS: Final = {"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html"""
_HTTPS: Final = {"redirect-to-https", "https-only"}
_SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html#managed-response-headers-policies-security"""
_READS: Final = {"GET", "HEAD", "OPTIONS"}
_RUNS_CODE: Final = ("lambda_function_association", "function_association")


def origins_know_who_reads(distribution: Resource, scope: Scope) -> str | None:
    """S3 answers signed requests only, and every request is signed."""
    origins = distribution.blocks("origin")
    if not origins:
        return said("origin", None)
    for origin in origins:
        control = scope.stack.target(origin.get("origin_access_control_id"))
        if control is None:
            return said("origin_access_control_id", origin.get("origin_access_control_id"))
        signing = (control.get("signing_behavior"), control.get("signing_protocol"))
        if signing != ("always", "sigv4"):
            return f"{control.address} signs {signing[0]}, by {signing[1]}"
    return None


def the_origin_is_the_own_bucket(distribution: Resource, scope: Scope) -> str | None:
    """The site is the React build, and nothing of anybody else's is served under its name."""
    for origin in distribution.blocks("origin"):
        if (other := sorted(set(origin) - _OF_AN_ORIGIN)) and any(origin[each] for each in other):
            return said(f"origin.{other[0]}", origin[other[0]])
        if scope.environment and origin.get("domain_name") != _bucket_domain(scope.environment):
            return said("origin.domain_name", origin.get("domain_name"))
    groups = distribution.get("origin_group")
    return said("origin_group", groups) if groups else None


def _bucket_domain(environment: Environment) -> str:
    return f"{environment.names.frontend_bucket}.s3.{REGION}.amazonaws.com"


def no_code_stands_between(distribution: Resource, _: Scope) -> str | None:
    """A function at the edge sees every request, and answers as it likes."""
    for behavior in _behaviors(distribution):
        for name in _RUNS_CODE:
            if behavior.get(name):
                return said(name, behavior[name])
    return None


def the_site_is_only_read(distribution: Resource, _: Scope) -> str | None:
    """Nobody writes into the bucket through it."""
    methods = {method for each in _behaviors(distribution) for method in each.get("allowed_methods") or []}
    return said("allowed_methods", sorted(methods)) if methods - _READS else None


def the_names_are_the_described_ones(distribution: Resource, scope: Scope) -> str | None:
    """It answers for the site alone."""
    return unlike(distribution, "aliases", accepts=([scope.environment.site.domain],)) if scope.environment else None


def tls_is_modern(distribution: Resource, _: Scope) -> str | None:
    """TLS 1.2 at the least, of a certificate of ours."""
    found = distribution.block("viewer_certificate").get("minimum_protocol_version")
    return None if found in _TLS else said("minimum_protocol_version", found)


def the_certificate_is_ours(distribution: Resource, scope: Scope) -> str | None:
    """CloudFront's own certificate answers for its own names only."""
    certificate = distribution.block("viewer_certificate")
    if plain(certificate.get("cloudfront_default_certificate")) is True:
        return "cloudfront_default_certificate is true"
    found = certificate.get("acm_certificate_arn")
    described = scope.environment.site.certificate_arn if scope.environment else None
    target = scope.stack.target(found)
    ours = found == described if described else target and target.type == "aws_acm_certificate_validation"
    return None if ours else said("acm_certificate_arn", found)


def the_root_is_a_page(distribution: Resource, _: Scope) -> str | None:
    """The root never lists what is in the bucket."""
    found = distribution.get("default_root_object")
    return None if found else said("default_root_object", found)


def requests_are_logged(distribution: Resource, scope: Scope) -> str | None:
    """Each request leaves a line, by a log delivery that has a destination."""
    for source in scope.pointing_at(distribution, "aws_cloudwatch_log_delivery_source", "resource_arn"):
        for delivery in scope.pointing_at(source, "aws_cloudwatch_log_delivery", "delivery_source_name"):
            if source.get("log_type") == "ACCESS_LOGS" and scope.stack.target(delivery.get("delivery_destination_arn")):
                return None
    return None if distribution.block("logging_config").get("bucket") else "no access log is delivered anywhere"


def browsers_are_told_to_be_careful(distribution: Resource, _: Scope) -> str | None:
    """HSTS and its like, on every answer."""
    found = [each.get("response_headers_policy_id") for each in _behaviors(distribution)]
    wrong = [each for each in found if each != _SECURITY_HEADERS]
    return said("response_headers_policy_id", wrong[0]) if wrong else None


def visitors_get_https(distribution: Resource, _: Scope) -> str | None:
    """Plain HTTP only says where HTTPS is."""
    found = [each.get("viewer_protocol_policy") for each in _behaviors(distribution)]
    wrong = [each for each in found if each not in _HTTPS]
    return said("viewer_protocol_policy", wrong[0]) if wrong else None


def _behaviors(distribution: Resource) -> list[Mapping[str, Any]]:
    return [distribution.block("default_cache_behavior"), *distribution.blocks("ordered_cache_behavior")]


_OF_AN_ORIGIN: Final = {"domain_name", "origin_access_control_id", "origin_id"}
_DISTRIBUTION: Final = ("aws_cloudfront_distribution",)
RULES: Final = (
    Rule("CloudFront.13", _DISTRIBUTION, origins_know_who_reads, "give each origin an access control: always, sigv4"),
    Rule("CloudFront.15", _DISTRIBUTION, tls_is_modern, "set minimum_protocol_version to TLSv1.2_2021"),
    Rule(
        "CloudFront.7",
        _DISTRIBUTION,
        the_certificate_is_ours,
        "give the validated acm_certificate_arn, or that of the settings",
    ),
    Rule("CloudFront.1", _DISTRIBUTION, the_root_is_a_page, "set default_root_object to index.html"),
    Rule("CloudFront.5", _DISTRIBUTION, requests_are_logged, "deliver ACCESS_LOGS to the bucket of access logs"),
    Rule(
        "cloudfront.security_headers",
        _DISTRIBUTION,
        browsers_are_told_to_be_careful,
        f"give each cache behavior AWS's SecurityHeadersPolicy, {_SECURITY_HEADERS}",
    ),
    Rule(
        "cloudfront.origin", _DISTRIBUTION, the_origin_is_the_own_bucket, "serve the environment's bucket, by S3 alone"
    ),
    Rule("cloudfront.functions", _DISTRIBUTION, no_code_stands_between, "take the function away"),
    Rule("cloudfront.methods", _DISTRIBUTION, the_site_is_only_read, "allow GET, HEAD and OPTIONS"),
    Rule("cloudfront.aliases", _DISTRIBUTION, the_names_are_the_described_ones, "answer for the site's domain alone"),
    Rule("CloudFront.3", _DISTRIBUTION, visitors_get_https, "set viewer_protocol_policy to redirect-to-https"),
)
