"""CloudFront.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html
"""

from collections.abc import Mapping
from typing import Any, Final

from wealist.operations.guardrails.hardening.rule import Rule, Scope, said
from wealist.operations.guardrails.stack_json import Resource

_TLS: Final = {"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html"""
_HTTPS: Final = {"redirect-to-https", "https-only"}


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


def tls_is_modern(distribution: Resource, _: Scope) -> str | None:
    """TLS 1.2 at the least, of a certificate of ours."""
    found = distribution.block("viewer_certificate").get("minimum_protocol_version")
    return None if found in _TLS else said("minimum_protocol_version", found)


def the_certificate_is_ours(distribution: Resource, _: Scope) -> str | None:
    """CloudFront's own certificate answers for its own names only."""
    found = distribution.block("viewer_certificate").get("acm_certificate_arn")
    return None if found else said("acm_certificate_arn", found)


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
    lacking = [each for each in _behaviors(distribution) if not each.get("response_headers_policy_id")]
    return said("response_headers_policy_id", None) if lacking else None


def visitors_get_https(distribution: Resource, _: Scope) -> str | None:
    """Plain HTTP only says where HTTPS is."""
    found = [each.get("viewer_protocol_policy") for each in _behaviors(distribution)]
    wrong = [each for each in found if each not in _HTTPS]
    return said("viewer_protocol_policy", wrong[0]) if wrong else None


def _behaviors(distribution: Resource) -> list[Mapping[str, Any]]:
    return [distribution.block("default_cache_behavior"), *distribution.blocks("ordered_cache_behavior")]


_DISTRIBUTION: Final = ("aws_cloudfront_distribution",)
RULES: Final = (
    Rule("CloudFront.13", _DISTRIBUTION, origins_know_who_reads, "give each origin an access control: always, sigv4"),
    Rule("CloudFront.15", _DISTRIBUTION, tls_is_modern, "set minimum_protocol_version to TLSv1.2_2021"),
    Rule("CloudFront.7", _DISTRIBUTION, the_certificate_is_ours, "give acm_certificate_arn"),
    Rule("CloudFront.1", _DISTRIBUTION, the_root_is_a_page, "set default_root_object to index.html"),
    Rule("CloudFront.5", _DISTRIBUTION, requests_are_logged, "deliver ACCESS_LOGS to the bucket of access logs"),
    Rule(
        "cloudfront.security_headers",
        _DISTRIBUTION,
        browsers_are_told_to_be_careful,
        "give each cache behavior a response_headers_policy_id",
    ),
    Rule("CloudFront.3", _DISTRIBUTION, visitors_get_https, "set viewer_protocol_policy to redirect-to-https"),
)
