"""Names and certificates (architecture, sections 3 and 4).

hosted zone (of the account stack) ─┬─ certificate ─ validation records ─ validated
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
    """The hosted zone of the account stack. Looked up by name, so that an environment can be planned alone.

    Attributes:
        zone_id: Id of the zone.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.zone_id = DataAwsRoute53Zone(self, "zone", name=DOMAIN, private_zone=False).zone_id


class Certificate(Construct):
    """A certificate for one name: the existing one of the settings, or a new one validated by DNS.

    Args:
        provider: Provider of the certificate's region; None for the stack's default.

    Attributes:
        arn: ARN of the validated certificate.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Endpoint, zone: Zone, provider: AwsProvider | None = None
    ) -> None:
        super().__init__(scope, id_)
        self.arn = config.certificate_arn or self._create(config.domain, zone, provider)

    def _create(self, domain: str, zone: Zone, provider: AwsProvider | None) -> str:
        certificate = AcmCertificate(
            self,
            "certificate",
            domain_name=domain,
            validation_method="DNS",
            # A certificate in use by a listener or distribution cannot be deleted.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            provider=provider,
            tags={"Name": domain},
        )
        # One name has one option. `for_each` over the set would make the record's address depend on its values.
        option = f"tolist({certificate.fqn}.domain_validation_options)[0]"
        record = Route53Record(
            self,
            "validation-record",
            zone_id=zone.zone_id,
            name=f"${{{option}.resource_record_name}}",
            type=f"${{{option}.resource_record_type}}",
            records=[f"${{{option}.resource_record_value}}"],
            ttl=_VALIDATION_TTL_SECONDS,
            # A new certificate for the same name validates with the same record.
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
    """Alias records of a name for an AWS resource: A, and AAAA if the resource answers on IPv6."""

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
