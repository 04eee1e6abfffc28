"""The data volume and the files of the monitoring instance (architecture, section 4; ADR 0026 and 0027).

    EBS volume (encrypted gp3, in the instance's zone) ← the instance attaches it at its start
    one S3 object for each file → bucket of scripts    ← the instance reads them at its start

The volume outlives the instance. It holds Prometheus' metrics, Grafana's database and its admin password.
"""

from cdktf import TerraformIterator, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.ebs_volume import EbsVolume
from cdktf_cdktf_provider_aws.s3_object import S3Object
from cdktf_cdktf_provider_aws.subnet import Subnet
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.encryption import Encryption
from wealist.constructs.fleet import Fleet
from wealist.spec.environment import Environment
from wealist.spec.naming import MONITORING_FILES


class MonitoringData(Construct):
    """The data volume.

    Args:
        subnet: Subnet of the instance. A volume can be attached in its own zone only.

    Attributes:
        volume: The volume. Terraform does not attach it: Auto Scaling creates the instance.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, subnet: Subnet, encryption: Encryption
    ) -> None:
        super().__init__(scope, id_)
        self.volume = EbsVolume(
            self,
            "volume",
            availability_zone=subnet.availability_zone,
            type="gp3",
            size=config.monitoring.data_volume_gib,
            encrypted=True,
            kms_key_id=encryption.key.arn,
            final_snapshot=not config.may_be_destroyed,
            tags={"Name": config.names.monitoring_data_volume},
            lifecycle=None if config.may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
        )


class MonitoringFiles(Construct):
    """Files of Compose, Prometheus and Grafana, which together exceed the limit of user data.

    User data contains their checksums, so that a plan shows a changed file as text and replaces the instance.

    Attributes:
        objects: One resource, with an instance for each file.
    """

    def __init__(self, scope: Construct, id_: str, *, bucket: PrivateBucket, fleet: Fleet) -> None:
        super().__init__(scope, id_)
        file = TerraformIterator.from_map(Token.as_any_map(fleet.bootstrap.output("files")))
        self.objects = S3Object(
            self,
            "file",
            for_each=file,
            bucket=bucket.bucket.id,
            key=f"{MONITORING_FILES}{file.key}",
            content=Token.as_string(file.value),
            content_type="text/plain",
        )
