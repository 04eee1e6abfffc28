"""What goes with a VPC, a NAT gateway or an instance when it is deleted; moto leaves it behind.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
"""

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.vpcs import VPC

from wealist.emulator.corrections.replace import Correction, Replace


def a_vpcs_default_network_acl_goes_with_it(replace: Replace) -> None:
    """The default network ACL of a VPC is deleted with it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
    """
    delete = EC2Backend.delete_vpc

    def corrected(self: EC2Backend, vpc_id: str) -> VPC:
        deleted = delete(self, vpc_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return deleted

    replace(EC2Backend, "delete_vpc", corrected)


def a_nat_gateways_interface_goes_with_it(replace: Replace) -> None:
    """The network interface of a NAT gateway is deleted with it.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
    """
    delete = EC2Backend.delete_nat_gateway

    def corrected(self: EC2Backend, nat_gateway_id: str) -> NatGateway:
        deleted = delete(self, nat_gateway_id)
        self.enis.pop(deleted._eni.id, None)  # noqa: SLF001 -- moto has no public hook
        return deleted

    replace(EC2Backend, "delete_nat_gateway", corrected)


def a_nat_gateway_lets_its_address_go(replace: Replace) -> None:
    """Deleting a NAT gateway disassociates its Elastic IP address, which another gateway may then have.

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


def an_instances_primary_interface_goes_with_it(replace: Replace) -> None:
    """The primary network interface of an instance is deleted with it unless set otherwise, which nobody does here.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/modify-network-interface-attributes.html
    """
    terminate = Instance.terminate

    def corrected(self: Instance) -> InstanceState:
        self.nics[0].delete_on_termination = True
        return terminate(self)

    replace(Instance, "terminate", corrected)


CORRECTIONS: tuple[Correction, ...] = (
    a_vpcs_default_network_acl_goes_with_it,
    a_nat_gateways_interface_goes_with_it,
    a_nat_gateway_lets_its_address_go,
    an_instances_primary_interface_goes_with_it,
)
