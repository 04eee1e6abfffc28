from typing import Any

from tests.integration.corrections import client
from wealist.emulator.corrections import cloudfront
from wealist.emulator.corrections.replace import Replace

OAC = "E1OAC"


def distribution(**viewer_certificate: object) -> dict[str, Any]:
    """Create a distribution and return the configuration that CloudFront keeps of it."""
    cdn = client("cloudfront")
    config = {
        "CallerReference": "test",
        "Comment": "",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {"Id": "site", "DomainName": "site.s3.ap-northeast-2.amazonaws.com", "OriginAccessControlId": OAC}
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
        "ViewerCertificate": viewer_certificate or {"CloudFrontDefaultCertificate": True},
    }
    created = cdn.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    kept: dict[str, Any] = cdn.get_distribution_config(Id=created)["DistributionConfig"]
    return kept


ACM = {"ACMCertificateArn": "arn:aws:acm:us-east-1:1:certificate/c", "SSLSupportMethod": "sni-only"}


def test_moto_alone_drops_the_access_control_of_an_origin() -> None:
    assert "OriginAccessControlId" not in distribution()["Origins"]["Items"][0]


def test_an_origin_keeps_its_access_control(replace: Replace) -> None:
    cloudfront.origins_keep_their_access_control(replace)
    assert distribution()["Origins"]["Items"][0]["OriginAccessControlId"] == OAC


def test_moto_alone_forwards_values_beside_a_cache_policy() -> None:
    assert distribution()["DefaultCacheBehavior"].keys() >= {"ForwardedValues", "MinTTL"}


def test_a_behaviour_with_a_cache_policy_forwards_no_values(replace: Replace) -> None:
    cloudfront.a_cache_policy_forwards_no_values(replace)
    behaviour = distribution()["DefaultCacheBehavior"]
    assert not {"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"} & behaviour.keys()


def test_moto_alone_returns_the_default_certificate_beside_a_custom_one() -> None:
    assert distribution(**ACM)["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True


def test_a_custom_certificate_is_not_the_default_one(replace: Replace) -> None:
    cloudfront.a_certificate_is_not_the_default_one(replace)
    assert distribution(**ACM)["ViewerCertificate"]["CloudFrontDefaultCertificate"] is False
