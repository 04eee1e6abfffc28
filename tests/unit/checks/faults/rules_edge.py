"""What stands between the world and the system, and what settings destroy: each rule must notice its own."""

import json
from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, put

_CDN: Final = "aws_cloudfront_distribution.frontend_distribution"
_BEHAVIOR: Final = f"{_CDN}.default_cache_behavior"
_ZONE: Final = "${data.aws_route53_zone.dns_zone.zone_id}"
_LIFECYCLE: Final = "aws_s3_bucket_lifecycle_configuration.artifacts_app_resources_lifecycle.rule.0"
_LOGS: Final = "aws_s3_bucket_lifecycle_configuration.access_logs_logs_lifecycle.rule.0.expiration"
_LOAD_BALANCER: Final = {"name": "${aws_lb.load_balancer_alb.dns_name}", "zone_id": "x"}


def _record(name: str, **values: object) -> Edit:
    return add("aws_route53_record", zone_id=_ZONE, name=name, **values)


def _images(**selection: object) -> Edit:
    policy = {"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]}
    return put("aws_ecr_lifecycle_policy.artifacts_user_service_lifecycle.policy", to=json.dumps(policy))


EDGE: Final = [
    *faults(
        "cloudfront.origin",
        {
            "the site is of somebody's bucket": put(f"{_CDN}.origin.0.domain_name", to="x.s3.amazonaws.com"),
            "the site is of some server": put(
                f"{_CDN}.origin.0.custom_origin_config", to={"origin_protocol_policy": "http-only"}
            ),
            "the site has somebody to stand in": put(f"{_CDN}.origin_group", to=[{"origin_id": "x"}]),
        },
    ),
    *faults(
        "cloudfront.functions",
        {
            "a function at the edge answers": put(
                f"{_BEHAVIOR}.lambda_function_association",
                to=[
                    {"event_type": "viewer-request", "lambda_arn": "arn:aws:lambda:us-east-1:111111111111:function:x:1"}
                ],
            ),
            "a small function at the edge answers": put(
                f"{_BEHAVIOR}.function_association", to=[{"event_type": "viewer-request", "function_arn": "x"}]
            ),
        },
    ),
    *faults("cloudfront.methods", {"visitors write": put(f"{_BEHAVIOR}.allowed_methods", to=["GET", "HEAD", "PUT"])}),
    *faults(
        "cloudfront.aliases",
        {"the site answers for another name": put(f"{_CDN}.aliases", to=["wealist.co.kr", "example.com"])},
    ),
    *faults(
        "cloudfront.security_headers",
        {
            "browsers are told of CORS alone": put(
                f"{_BEHAVIOR}.response_headers_policy_id", to="60669652-455b-4ae9-85a4-c4c02393f86c"
            )
        },
    ),
    *faults(
        "CloudFront.7",
        {
            "the site has CloudFront's certificate, too": put(
                f"{_CDN}.viewer_certificate.cloudfront_default_certificate", to=True
            ),
            "the site has somebody's certificate": put(
                f"{_CDN}.viewer_certificate.acm_certificate_arn", to="arn:aws:acm:us-east-1:111111111111:certificate/x"
            ),
        },
    ),
    *faults(
        "route53.target",
        {
            "a name leads to a stranger": _record("www.wealist.co.kr", type="A", ttl=60, records=["203.0.113.9"]),
            "a part of the zone is given away": _record("x.wealist.co.kr", type="NS", records=["ns.example.com"]),
            "an alias leads to a stranger": _record(
                "x.wealist.co.kr", type="A", alias={"name": "x.cloudfront.net", "zone_id": "x"}
            ),
            "another name leads to the load balancer": _record("x.wealist.co.kr", type="A", alias=_LOAD_BALANCER),
            "the API's name leads to the site": put(
                "aws_route53_record.load_balancer_alias_a.alias.name", to=f"${{{_CDN}.domain_name}}"
            ),
            "a validation of somebody's certificate": put(
                "aws_route53_record.frontend_cdn_validation_record.records", to=["_x.acm-validations.aws."]
            ),
        },
    ),
    *faults(
        "vpc_endpoint.service",
        {
            "an endpoint of a stranger's service": put(
                "aws_vpc_endpoint.endpoints_ssm.service_name", to="com.amazonaws.vpce.ap-northeast-2.vpce-svc-0123"
            )
        },
    ),
    *faults(
        "route_table.propagation",
        {"a VPN tells the routes": put("aws_route_table.network_private_rt.propagating_vgws", to=["vgw-1"])},
    ),
    *faults("eip.association", {"an instance has the address": put("aws_eip.network_nat_eip.instance", to="i-1")}),
    *faults(
        "s3.expiration",
        {
            "files of the services expire": put(f"{_LIFECYCLE}.expiration", to=[{"days": 365}]),
            "files of the services expire on a day": put(f"{_LIFECYCLE}.expiration", to=[{"date": "2027-01-01"}]),
            "logs expire sooner": put(_LOGS, to=[{"days": 1}]),
            "old versions expire in a day": put(
                f"{_LIFECYCLE}.noncurrent_version_expiration", to=[{"noncurrent_days": 1}]
            ),
        },
    ),
    *faults(
        "ecr.kept_images",
        {
            "one image is kept": _images(tagStatus="any", countType="imageCountMoreThan", countNumber=1),
            "images go after a month": _images(tagStatus="any", countType="sinceImagePushed", countNumber=30),
        },
    ),
    *faults("kms.enabled", {"the key is off": put("aws_kms_key.encryption_key.is_enabled", to=False)}),
]
