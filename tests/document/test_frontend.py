"""Section 3 of the architecture: the site's name, CloudFront and its bucket."""

from typing import Final

import pytest

from tests.synthesized import Resource, Stack, address_of, attribute_of

SITE: Final = {"dev": "dev.wealist.co.kr", "prod": "wealist.co.kr"}
BUCKET: Final = {"dev": "wealist-frontend-dev", "prod": "wealist-frontend"}
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS's managed policy: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""


@pytest.fixture
def distribution(stack: Stack) -> Resource:
    return stack.only("aws_cloudfront_distribution")


@pytest.fixture
def bucket(name: str, stack: Stack) -> Resource:
    return stack.only("aws_s3_bucket", bucket=BUCKET[name])


def test_the_sites_name_is_an_alias_of_the_distribution(name: str, stack: Stack, distribution: Resource) -> None:
    """The document also gives this name to the load balancer; the API has its own name instead."""
    alias = stack.only("aws_route53_record", name=SITE[name], type="A")["alias"]
    assert (address_of(alias["name"]), attribute_of(alias["name"])) == (distribution.address, "domain_name")
    assert distribution["aliases"] == [SITE[name]]


def test_the_certificate_is_for_the_sites_name_in_us_east_1(name: str, stack: Stack, distribution: Resource) -> None:
    validation = stack.at(address_of(distribution["viewer_certificate"]["acm_certificate_arn"]))
    certificate = stack.target(validation, "certificate_arn")
    assert (certificate["domain_name"], stack.region(certificate)) == (SITE[name], "us-east-1")


def test_visitors_need_https_with_tls_1_2(distribution: Resource) -> None:
    assert distribution["viewer_certificate"]["minimum_protocol_version"] == "TLSv1.2_2021"
    assert distribution["default_cache_behavior"]["viewer_protocol_policy"] == "redirect-to-https"


def test_the_cache_policy_is_managed_caching_optimized(distribution: Resource) -> None:
    assert distribution["default_cache_behavior"]["cache_policy_id"] == CACHING_OPTIMIZED


def test_missing_paths_return_the_application(distribution: Resource) -> None:
    errors = {
        each["error_code"]: (each["response_code"], each["response_page_path"])
        for each in distribution["custom_error_response"]
    }
    assert errors == {403: (200, "/index.html"), 404: (200, "/index.html")}


def test_the_origin_access_control_signs_requests_with_sigv4(name: str, stack: Stack, distribution: Resource) -> None:
    (origin,) = distribution["origin"]
    assert origin["domain_name"] == f"{BUCKET[name]}.s3.ap-northeast-2.amazonaws.com"
    access = stack.at(address_of(origin["origin_access_control_id"]))
    assert (access["signing_protocol"], access["signing_behavior"]) == ("sigv4", "always")


def test_the_bucket_is_unversioned_encrypted_with_aes_256_and_never_public(stack: Stack, bucket: Resource) -> None:
    (versioning,) = stack.pointing_at(bucket, "aws_s3_bucket_versioning", "bucket")
    assert versioning["versioning_configuration"]["status"] == "Disabled"
    (encryption,) = stack.pointing_at(bucket, "aws_s3_bucket_server_side_encryption_configuration", "bucket")
    assert encryption["rule"][0]["apply_server_side_encryption_by_default"]["sse_algorithm"] == "AES256"
    (block,) = stack.pointing_at(bucket, "aws_s3_bucket_public_access_block", "bucket")
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [block[switch] for switch in switches] == [True] * 4


def test_only_the_distribution_reads_the_bucket(stack: Stack, bucket: Resource, distribution: Resource) -> None:
    (policy,) = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    (allowed,) = (each for each in policy.statements().values() if each["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == ["s3:GetObject"]
    assert allowed["Condition"] == {"StringEquals": {"AWS:SourceArn": f"${{{distribution.address}.arn}}"}}
