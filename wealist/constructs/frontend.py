"""The React site (architecture, section 3).

alias A, AAAA → CloudFront (certificate in us-east-1) ─ origin access control → bucket wealist-frontend
                 └─ access logs → bucket, by CloudWatch's log delivery
"""

from typing import Final

from cdktf_cdktf_provider_aws.cloudfront_distribution import (
    CloudfrontDistribution,
    CloudfrontDistributionCustomErrorResponse,
    CloudfrontDistributionDefaultCacheBehavior,
    CloudfrontDistributionOrigin,
    CloudfrontDistributionRestrictions,
    CloudfrontDistributionRestrictionsGeoRestriction,
    CloudfrontDistributionViewerCertificate,
)
from cdktf_cdktf_provider_aws.cloudfront_origin_access_control import CloudfrontOriginAccessControl
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery import (
    CloudwatchLogDelivery,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_destination import (
    CloudwatchLogDeliveryDestination,
    CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_source import CloudwatchLogDeliverySource
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.dns import AliasRecords, Certificate, Zone
from wealist.constructs.logs import AccessLogs
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Statement

_CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
_SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html"""
_INDEX: Final = "index.html"
_ERROR_CACHING_SECONDS: Final = 10


class Frontend(Construct):
    """The site's bucket, distribution, certificate and DNS records.

    Args:
        cdn_provider: Provider of us-east-1, for CloudFront's certificate and log delivery.

    Attributes:
        bucket: Bucket of the React build.
        distribution: CloudFront distribution that serves it.
        certificate: Certificate of the distribution.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        zone: Zone,
        access_logs: AccessLogs,
        cdn_provider: AwsProvider,
    ) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.certificate = Certificate(self, "cdn", config=config.site, zone=zone, provider=cdn_provider)
        self.distribution = self._distribution(config, self.certificate)
        self.bucket = PrivateBucket(
            self,
            "site",
            name=names.frontend_bucket,
            may_be_destroyed=config.may_be_destroyed,
            # As in the document: a build can be repeated from its commit.
            versioned=False,
            statements=[
                # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
                Statement(
                    sid="OnlyThisDistributionReads",
                    why="the site is read through CloudFront alone (section 3, CloudFront.13)",
                    principals={"Service": "cloudfront.amazonaws.com"},
                    actions=["s3:GetObject"],
                    resources=[f"arn:aws:s3:::{names.frontend_bucket}/*"],
                    conditions={"StringEquals": {"AWS:SourceArn": self.distribution.arn}},
                )
            ],
        )
        self._log(config, access_logs, cdn_provider)
        AliasRecords(
            self,
            "alias",
            domain=config.site.domain,
            zone=zone,
            target_name=self.distribution.domain_name,
            target_zone_id=self.distribution.hosted_zone_id,
            ipv6=True,
            # Route 53 cannot evaluate the health of a distribution.
            evaluate_target_health=False,
        )

    def _distribution(self, config: Environment, certificate: Certificate) -> CloudfrontDistribution:
        names = config.names
        access = CloudfrontOriginAccessControl(
            self,
            "oac",
            name=names("frontend-oac"),
            description="CloudFront signs every request to the site's bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        )
        origin = "site"
        return CloudfrontDistribution(
            self,
            "distribution",
            comment=names("frontend"),
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            aliases=[config.site.domain],
            default_root_object=_INDEX,
            price_class="PriceClass_200",
            origin=[
                CloudfrontDistributionOrigin(
                    origin_id=origin,
                    # The literal name: the bucket's policy refers to the distribution, so a reference would be a cycle.
                    domain_name=f"{names.frontend_bucket}.s3.{REGION}.amazonaws.com",
                    origin_access_control_id=access.id,
                )
            ],
            default_cache_behavior=CloudfrontDistributionDefaultCacheBehavior(
                target_origin_id=origin,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=["GET", "HEAD", "OPTIONS"],
                cached_methods=["GET", "HEAD"],
                compress=True,
                cache_policy_id=_CACHING_OPTIMIZED,
                response_headers_policy_id=_SECURITY_HEADERS,
            ),
            # React Router handles paths that are not objects.
            custom_error_response=[
                CloudfrontDistributionCustomErrorResponse(
                    error_code=code,
                    response_code=200,
                    response_page_path=f"/{_INDEX}",
                    error_caching_min_ttl=_ERROR_CACHING_SECONDS,
                )
                for code in (403, 404)
            ],
            restrictions=CloudfrontDistributionRestrictions(
                geo_restriction=CloudfrontDistributionRestrictionsGeoRestriction(restriction_type="none")
            ),
            viewer_certificate=CloudfrontDistributionViewerCertificate(
                acm_certificate_arn=certificate.arn,
                ssl_support_method="sni-only",
                minimum_protocol_version="TLSv1.2_2021",
            ),
            tags={"Name": names("frontend")},
        )

    def _log(self, config: Environment, access_logs: AccessLogs, cdn_provider: AwsProvider) -> None:
        """Add standard logging v2. Unlike the legacy kind, it needs no bucket with ACLs (ADR 0012)."""
        source = CloudwatchLogDeliverySource(
            self,
            "log-source",
            name=config.names("cloudfront"),
            log_type="ACCESS_LOGS",
            resource_arn=self.distribution.arn,
            provider=cdn_provider,
        )
        destination = CloudwatchLogDeliveryDestination(
            self,
            "log-destination",
            name=config.names("cloudfront-s3"),
            output_format="json",
            delivery_destination_configuration=[
                CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration(
                    destination_resource_arn=f"{access_logs.bucket.arn}/{access_logs.cloudfront_prefix}"
                )
            ],
            provider=cdn_provider,
            depends_on=[access_logs.bucket.policy],
        )
        CloudwatchLogDelivery(
            self,
            "log-delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            provider=cdn_provider,
        )
