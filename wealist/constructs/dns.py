"""Names and certificates (architecture, sections 3 and 4).

hosted zone (found, never made here) ─┬─ certificate ─ validation records ─ validated
                                      └─ alias records
"""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from wealist.spec.account import DOMAIN
from wealist.spec.environment import Endpoint

_VALIDATION_TTL_SECONDS = 300


class Zone(Construct):
    """The hosted zone of the account stack, by name, so that an environment can be planned alone.

    Attributes:
        zone_id: for records.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.zone_id = DataAwsRoute53Zone(self, "zone", name=DOMAIN, private_zone=False).zone_id


class Certificate(Construct):
    """A certificate for one name: the existing one of the settings, or one made and validated by DNS.

    Attributes:
        arn: of a certificate that is validated.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Endpoint, zone: Zone, provider: AwsProvider | None = None
    ) -> None:
        """Makes the certificate.

        Args:
            scope: construct that owns it.
            id_: construct id.
            config: the name it is for.
            zone: where it is validated.
            provider: of the region that will read it; the stack's own, when None.
        """
        super().__init__(scope, id_)
        self.arn = config.certificate_arn or self._made(config.domain, zone, provider)

    def _made(self, domain: str, zone: Zone, provider: AwsProvider | None) -> str:
        certificate = AcmCertificate(
            self,
            "certificate",
            domain_name=domain,
            validation_method="DNS",
            # A listener or distribution holds the old one until the new one is in place.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            provider=provider,
            tags={"Name": domain},
        )
        # One name, so one option. A set has no index, and for_each over it would hide the record's address.
        option = f"tolist({certificate.fqn}.domain_validation_options)[0]"
        record = Route53Record(
            self,
            "validation-record",
            zone_id=zone.zone_id,
            name=f"${{{option}.resource_record_name}}",
            type=f"${{{option}.resource_record_type}}",
            records=[f"${{{option}.resource_record_value}}"],
            ttl=_VALIDATION_TTL_SECONDS,
            # The record depends on the name and account alone: a certificate's successor validates with the same.
            allow_overwrite=True,
        )
        return AcmCertificateValidation(
            self,
            "validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            provider=provider,
        ).certificate_arn


class AliasRecords(Construct):
    """Points a name at an AWS resource: A, and AAAA where the resource answers on IPv6."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        domain: str,
        zone: Zone,
        target_name: str,
        target_zone_id: str,
        ipv6: bool,
        evaluate_target_health: bool,
    ) -> None:
        super().__init__(scope, id_)
        for record_type in ("A", "AAAA") if ipv6 else ("A",):
            Route53Record(
                self,
                record_type.lower(),
                zone_id=zone.zone_id,
                name=domain,
                type=record_type,
                alias=Route53RecordAlias(
                    name=target_name, zone_id=target_zone_id, evaluate_target_health=evaluate_target_health
                ),
            )
