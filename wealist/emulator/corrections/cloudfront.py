"""CloudFront distributions.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
"""

from typing import Any

from moto.cloudfront.models import DefaultCacheBehaviour, Origin, ViewerCertificate

from wealist.emulator.corrections.replace import Correction, Replace


def origins_keep_their_access_control(replace: Replace) -> None:
    """An origin returns the id of its origin access control; moto drops it.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html
    """
    create = Origin.__init__

    def corrected(self: Origin, origin: dict[str, Any]) -> None:
        create(self, origin)
        vars(self)["origin_access_control_id"] = origin.get("OriginAccessControlId", "")

    replace(Origin, "__init__", corrected)


def a_cache_policy_forwards_no_values(replace: Replace) -> None:
    """A behaviour with a cache policy has no `ForwardedValues` and no TTLs, and AWS rejects both; moto adds them.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DefaultCacheBehavior.html
    """
    create = DefaultCacheBehaviour.__init__

    def corrected(self: DefaultCacheBehaviour, config: dict[str, Any]) -> None:
        create(self, config)
        if self.cache_policy_id:
            for legacy in ("forwarded_values", "min_ttl", "default_ttl", "max_ttl"):
                del vars(self)[legacy]

    replace(DefaultCacheBehaviour, "__init__", corrected)


def a_certificate_is_not_the_default_one(replace: Replace) -> None:
    """A distribution with a custom certificate does not use the default one; moto returns that it does.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    """
    create = ViewerCertificate.__init__

    def corrected(self: ViewerCertificate, config: dict[str, Any]) -> None:
        create(self, config)
        if self.acm_certificate_arn or self.iam_certificate_id:
            self.cloud_front_default_certificate = False

    replace(ViewerCertificate, "__init__", corrected)


CORRECTIONS: tuple[Correction, ...] = (
    origins_keep_their_access_control,
    a_cache_policy_forwards_no_values,
    a_certificate_is_not_the_default_one,
)
