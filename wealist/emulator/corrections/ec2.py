"""Security group rules, launch templates, the key of volumes, and the deletion of VPCs, NAT gateways and instances."""

from threading import Lock
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPC
from moto.ec2.utils import parse_user_data
from moto.kms.models import kms_backends

from wealist.emulator.corrections.replace import Correction, Replace


def rules_between_groups_keep_their_description(replace: Replace) -> None:
    """A rule returns its description; moto returns it only for rules with address ranges.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
    """

    def description(self: SecurityGroupRule) -> str | None:
        return self.ip_range.get("Description") or (self.source_group or {}).get("Description")

    replace(SecurityGroupRule, "description", property(description))


def a_launch_template_keeps_its_own_tags_out_of_its_data(replace: Replace) -> None:
    """The tags of a launch template are separate from those of its instances; moto mixes them.

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
    """Instances start with the user data of any version of a launch template; moto fails on all but the first.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
    """

    def user_data(self: LaunchTemplateVersion) -> Base64EncodedString | None:
        written = self.data.get("UserData")
        return written if written is None or isinstance(written, Base64EncodedString) else parse_user_data(written)

    replace(LaunchTemplateVersion, "user_data", property(user_data))


def the_default_ebs_key_is_aws_managed(replace: Replace) -> None:
    """`aws/ebs` is one AWS managed key in each region; moto returns a customer key, and may create two at once.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    create, lock = EBSBackend._create_default_encryption_key, Lock()  # noqa: SLF001  moto has no public hook

    def corrected(self: EC2Backend) -> str:
        with lock:
            arn = create(self)
        kms_backends[self.account_id][self.region_name].describe_key(arn).key_manager = "AWS"
        return arn

    replace(EBSBackend, "_create_default_encryption_key", corrected)


def deleting_a_vpc_deletes_its_network_acl(replace: Replace) -> None:
    """Deleting a VPC deletes its default network ACL; moto keeps it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
    """
    delete = EC2Backend.delete_vpc

    def corrected(self: EC2Backend, vpc_id: str) -> VPC:
        deleted = delete(self, vpc_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return deleted

    replace(EC2Backend, "delete_vpc", corrected)


def deleting_a_nat_gateway_deletes_its_interface(replace: Replace) -> None:
    """Deleting a NAT gateway deletes its network interface; moto keeps it.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
    """
    delete = EC2Backend.delete_nat_gateway

    def corrected(self: EC2Backend, nat_gateway_id: str) -> NatGateway:
        deleted = delete(self, nat_gateway_id)
        self.enis.pop(deleted._eni.id, None)  # noqa: SLF001 -- moto has no public hook
        return deleted

    replace(EC2Backend, "delete_nat_gateway", corrected)


def deleting_a_nat_gateway_releases_its_address(replace: Replace) -> None:
    """Deleting a NAT gateway disassociates its Elastic IP address; moto keeps the association.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
    """
    delete = EC2Backend.delete_nat_gateway

    def corrected(self: EC2Backend, nat_gateway_id: str) -> NatGateway:
        deleted = delete(self, nat_gateway_id)
        for address in deleted.address_set:
            if association := address.pop("associationId", None):
                self.disassociate_address(association_id=association)
        return deleted

    replace(EC2Backend, "delete_nat_gateway", corrected)


def terminating_an_instance_deletes_its_interface(replace: Replace) -> None:
    """Terminating an instance deletes its primary network interface by default; moto keeps it.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/modify-network-interface-attributes.html
    """
    terminate = Instance.terminate

    def corrected(self: Instance) -> InstanceState:
        self.nics[0].delete_on_termination = True
        return terminate(self)

    replace(Instance, "terminate", corrected)


CORRECTIONS: tuple[Correction, ...] = (
    rules_between_groups_keep_their_description,
    a_launch_template_keeps_its_own_tags_out_of_its_data,
    every_version_of_a_launch_template_launches_instances,
    the_default_ebs_key_is_aws_managed,
    deleting_a_vpc_deletes_its_network_acl,
    deleting_a_nat_gateway_deletes_its_interface,
    deleting_a_nat_gateway_releases_its_address,
    terminating_an_instance_deletes_its_interface,
)
