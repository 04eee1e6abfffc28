"""Section 3 of the architecture: the site's bucket, CloudFront before it, and the names in front of both."""

import json
from typing import Final

import pytest

from tests.synthesized import SITE_CERTIFICATE, Resource, Stack, address_of, attribute_of, otherwise, synthesized

SITE: Final = {"dev": "dev.wealist.co.kr", "prod": "wealist.co.kr"}
BUCKET: Final = {"dev": "wealist-frontend-dev", "prod": "wealist-frontend"}
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS's managed policy: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""AWS's managed policy: .../DeveloperGuide/using-managed-response-headers-policies.html"""


@pytest.fixture
def distribution(stack: Stack) -> Resource:
    return stack.only("aws_cloudfront_distribution")


@pytest.fixture
def bucket(name: str, stack: Stack) -> Resource:
    return stack.only("aws_s3_bucket", bucket=BUCKET[name])


# The bucket


def test_the_build_is_kept_without_versions(stack: Stack, bucket: Resource) -> None:
    (versioning,) = stack.pointing_at(bucket, "aws_s3_bucket_versioning", "bucket")
    assert versioning["versioning_configuration"] == {"status": "Disabled"}


def test_the_build_never_expires(stack: Stack, bucket: Resource) -> None:
    for lifecycle in stack.pointing_at(bucket, "aws_s3_bucket_lifecycle_configuration", "bucket"):
        assert [rule for rule in lifecycle["rule"] if "expiration" in rule] == []


def test_only_this_distribution_may_read_the_bucket(
    name: str, stack: Stack, bucket: Resource, distribution: Resource
) -> None:
    (policy,) = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    (statement,) = (each for each in policy.statements().values() if each["Effect"] == "Allow")
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert statement["Action"] == ["s3:GetObject"]
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET[name]}/*"]
    assert set(statement["Condition"]) == {"StringEquals"}
    assert set(statement["Condition"]["StringEquals"]) == {"AWS:SourceArn"}
    source = statement["Condition"]["StringEquals"]["AWS:SourceArn"]
    assert (address_of(source), attribute_of(source)) == (distribution.address, "arn")


# The distribution


def test_the_distribution_answers_under_the_sites_name(name: str, distribution: Resource) -> None:
    assert distribution["enabled"] is True
    assert distribution["aliases"] == [SITE[name]]


def test_the_root_of_the_site_is_its_index(distribution: Resource) -> None:
    assert distribution["default_root_object"] == "index.html"


def test_every_request_to_the_bucket_is_signed_by_the_origin_access_control(
    name: str, stack: Stack, distribution: Resource
) -> None:
    (origin,) = distribution["origin"]
    assert origin["domain_name"] == f"{BUCKET[name]}.s3.ap-northeast-2.amazonaws.com"
    assert not {"s3_origin_config", "custom_origin_config"} & set(origin)
    access = stack.at(address_of(origin["origin_access_control_id"]))
    assert access["origin_access_control_origin_type"] == "s3"
    assert access["signing_protocol"] == "sigv4"
    assert access["signing_behavior"] == "always"


def test_every_path_is_served_from_the_bucket(distribution: Resource) -> None:
    (origin,) = distribution["origin"]
    assert distribution["default_cache_behavior"]["target_origin_id"] == origin["origin_id"]
    assert "ordered_cache_behavior" not in distribution


def test_plain_http_is_sent_to_https(distribution: Resource) -> None:
    assert distribution["default_cache_behavior"]["viewer_protocol_policy"] == "redirect-to-https"


def test_answers_are_cached_by_the_managed_policy_and_compressed(distribution: Resource) -> None:
    behaviour = distribution["default_cache_behavior"]
    assert behaviour["cache_policy_id"] == CACHING_OPTIMIZED
    assert behaviour["compress"] is True
    # A cache policy and a TTL of its own exclude each other.
    assert not {"min_ttl", "default_ttl", "max_ttl", "forwarded_values"} & set(behaviour)


def test_the_site_is_read_only(distribution: Resource) -> None:
    assert set(distribution["default_cache_behavior"]["allowed_methods"]) <= {"GET", "HEAD", "OPTIONS"}


def test_answers_carry_security_headers(distribution: Resource) -> None:
    assert distribution["default_cache_behavior"]["response_headers_policy_id"] == SECURITY_HEADERS


def test_a_path_that_is_no_object_is_a_page_of_the_application(distribution: Resource) -> None:
    errors = {
        each["error_code"]: (each["response_code"], each["response_page_path"])
        for each in distribution["custom_error_response"]
    }
    assert errors == {403: (200, "/index.html"), 404: (200, "/index.html")}


def test_viewers_need_tls_1_2(distribution: Resource) -> None:
    viewer = distribution["viewer_certificate"]
    assert viewer["minimum_protocol_version"] == "TLSv1.2_2021"
    assert viewer["ssl_support_method"] == "sni-only"
    assert not viewer.get("cloudfront_default_certificate")


def test_the_distribution_waits_for_a_validated_certificate_of_us_east_1(
    name: str, stack: Stack, distribution: Resource
) -> None:
    validation = stack.at(address_of(distribution["viewer_certificate"]["acm_certificate_arn"]))
    certificate = stack.target(validation, "certificate_arn")
    assert validation.address.startswith("aws_acm_certificate_validation.")
    assert certificate["domain_name"] == SITE[name]
    assert {stack.region(validation), stack.region(certificate)} == {"us-east-1"}


# Names


def test_the_hosted_zone_is_found_and_not_made(stack: Stack) -> None:
    zone = stack.at(address_of(stack.all("aws_route53_record")[0]["zone_id"]))
    assert zone.address.startswith("data.")
    assert zone["name"] == "wealist.co.kr"
    assert zone["private_zone"] is False
    assert stack.all("aws_route53_zone") == []
    assert {record.refers_to("zone_id") for record in stack.all("aws_route53_record")} == {zone.address}


@pytest.mark.parametrize("record_type", ["A", "AAAA"])
def test_the_sites_name_leads_to_the_distribution(
    name: str, stack: Stack, distribution: Resource, record_type: str
) -> None:
    alias = stack.only("aws_route53_record", name=SITE[name], type=record_type)["alias"]
    assert {address_of(alias["name"]), address_of(alias["zone_id"])} == {distribution.address}
    assert (attribute_of(alias["name"]), attribute_of(alias["zone_id"])) == ("domain_name", "hosted_zone_id")
    # Route 53 cannot evaluate CloudFront's health, and refuses to try.
    assert alias["evaluate_target_health"] is False


def test_the_distribution_answers_on_ipv6_as_its_name_says(distribution: Resource) -> None:
    assert distribution["is_ipv6_enabled"] is True


def test_every_certificate_is_validated_by_its_own_record(stack: Stack) -> None:
    certificates = stack.all("aws_acm_certificate", validation_method="DNS")
    assert len(certificates) == len(stack.all("aws_acm_certificate")) == 2
    for certificate in certificates:
        (record,) = stack.pointing_at(certificate, "aws_route53_record", "records")
        assert {record.refers_to("name"), record.refers_to("type")} == {certificate.address}
        (validation,) = stack.pointing_at(certificate, "aws_acm_certificate_validation", "certificate_arn")
        assert validation.refers_to("validation_record_fqdns") == [record.address]


def test_a_certificate_is_replaced_before_the_old_one_goes(stack: Stack) -> None:
    for certificate in stack.all("aws_acm_certificate"):
        assert certificate["lifecycle"]["create_before_destroy"] is True


# Logs


def test_every_request_is_logged_to_the_access_log_bucket(stack: Stack, distribution: Resource) -> None:
    delivery = stack.only("aws_cloudwatch_log_delivery")
    source = stack.target(delivery, "delivery_source_name")
    assert source["log_type"] == "ACCESS_LOGS"
    assert source.refers_to("resource_arn") == distribution.address
    destination = stack.target(delivery, "delivery_destination_arn")
    (where,) = destination["delivery_destination_configuration"]
    bucket, _, prefix = where["destination_resource_arn"].removeprefix("arn:aws:s3:::").partition("/")
    logs = stack.only("aws_s3_bucket", bucket=bucket)
    (policy,) = stack.pointing_at(logs, "aws_s3_bucket_policy", "bucket")
    assert policy.address in destination["depends_on"]
    (allowed,) = (
        each
        for each in policy.statements().values()
        if each["Principal"] == {"Service": "delivery.logs.amazonaws.com"} and each["Effect"] == "Allow"
    )
    assert allowed["Action"] == ["s3:PutObject"]
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket}/{prefix}/*"]
    assert allowed["Condition"]["StringEquals"]["aws:SourceAccount"] == "290008131187"
    # CloudFront delivers from us-east-1, wherever the bucket is.
    source_arn = "arn:aws:logs:us-east-1:290008131187:delivery-source:*"
    assert allowed["Condition"]["ArnLike"] == {"aws:SourceArn": source_arn}


# Settings


def test_an_existing_certificate_is_used_and_none_is_made() -> None:
    stack = synthesized(otherwise("dev"))
    assert stack.only("aws_cloudfront_distribution")["viewer_certificate"]["acm_certificate_arn"] == SITE_CERTIFICATE
    assert SITE["dev"] not in {each["domain_name"] for each in stack.all("aws_acm_certificate")}
    assert "aws_acm_certificate.frontend" not in json.dumps(stack.document)
    assert len(stack.all("aws_acm_certificate_validation")) == len(stack.all("aws_acm_certificate")) == 1
