"""What the monitoring instance keeps, and what it runs with (architecture, section 4; ADR 0026 and 0027).

    EBS volume (encrypted gp3, in the instance's zone) ← attached by the instance itself at its start
    one S3 object for each file of the monitoring instance → bucket of scripts ← read at its start

The volume outlives every instance: Prometheus' metrics, Grafana's database and its admin password lie on it.
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
    """The volume.

    Attributes:
        volume: it; nothing here attaches it, for the instance that it belongs to is not known before it runs.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, subnet: Subnet, encryption: Encryption
    ) -> None:
        """Makes the volume.

        Args:
            scope: the stack.
            id_: construct id.
            config: the environment.
            subnet: of the instance: a volume attaches inside its own zone only.
            encryption: its key.
        """
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
    """The files, too long together for user data: Compose, Prometheus with its alerts, Grafana with its dashboard.

    User data holds the checksum of each, so that a plan shows a changed file as text, and the instance is replaced.

    Attributes:
        objects: all of them, as one resource with an instance for each file.
    """

    def __init__(self, scope: Construct, id_: str, *, bucket: PrivateBucket, fleet: Fleet) -> None:
        """Makes the objects.

        Args:
            scope: the stack.
            id_: construct id.
            bucket: of scripts, which the instances may read.
            fleet: of monitoring.
        """
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
