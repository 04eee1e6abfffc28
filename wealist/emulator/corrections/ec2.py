"""Security group rules, launch templates, and the key of volumes."""

from threading import Lock
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import parse_user_data
from moto.kms.models import kms_backends

from wealist.emulator.corrections.replace import Correction, Replace


def rules_between_groups_keep_their_description(replace: Replace) -> None:
    """A rule returns its description whatever it lets in; moto knows those of address ranges only.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
    """

    def description(self: SecurityGroupRule) -> str | None:
        return self.ip_range.get("Description") or (self.source_group or {}).get("Description")

    replace(SecurityGroupRule, "description", property(description))


def a_launch_template_keeps_its_own_tags_out_of_its_data(replace: Replace) -> None:
    """The tags of a launch template are its own; moto also returns them among those of the instances it launches.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
    """
    create = LaunchTemplateVersion.__init__

    def corrected(
        self: LaunchTemplateVersion, template: LaunchTemplate, number: int, data: dict[str, Any], description: str
    ) -> None:
        launched = [tags for tags in data.get("TagSpecifications", []) if tags["ResourceType"] != "launch-template"]
        rest = {key: value for key, value in data.items() if key != "TagSpecifications"}
        create(self, template, number, rest | ({"TagSpecifications": launched} if launched else {}), description)

    replace(LaunchTemplateVersion, "__init__", corrected)


def every_version_of_a_launch_template_launches_instances(replace: Replace) -> None:
    """Instances start with the user data of any version; moto reads that of the first one only, and fails on others.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
    """

    def user_data(self: LaunchTemplateVersion) -> Base64EncodedString | None:
        written = self.data.get("UserData")
        return written if written is None or isinstance(written, Base64EncodedString) else parse_user_data(written)

    replace(LaunchTemplateVersion, "user_data", property(user_data))


def the_key_of_volumes_is_managed_by_aws(replace: Replace) -> None:
    """`aws/ebs` is a key that AWS manages, one in a region; moto calls it the customer's, and may make two at once.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    create, making = EBSBackend._create_default_encryption_key, Lock()  # noqa: SLF001  moto offers no other place

    def corrected(self: EC2Backend) -> str:
        with making:
            arn = create(self)
        kms_backends[self.account_id][self.region_name].describe_key(arn).key_manager = "AWS"
        return arn

    replace(EBSBackend, "_create_default_encryption_key", corrected)


CORRECTIONS: tuple[Correction, ...] = (
    rules_between_groups_keep_their_description,
    a_launch_template_keeps_its_own_tags_out_of_its_data,
    every_version_of_a_launch_template_launches_instances,
    the_key_of_volumes_is_managed_by_aws,
)
