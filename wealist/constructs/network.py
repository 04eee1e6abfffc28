"""The VPC and its routes (architecture, section 2).

    VPC ─ internet gateway ─ public route table ──┬─ public subnet a ─ NAT gateway (EIP)
     │                                            ├─ public subnet c
     │                                            └─ public subnet d
     ├─ private route table → NAT gateway ────────── private subnets a, c, d
     ├─ default security group, emptied
     └─ default network ACL: everything but remote shells (ADR 72)

With a NAT gateway in each zone, each zone also has its own private route table.
"""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.default_network_acl import (
    DefaultNetworkAcl,
    DefaultNetworkAclEgress,
    DefaultNetworkAclIngress,
)
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs import Construct

from wealist.spec.account import REGION
from wealist.spec.environment import Environment

ANYWHERE = "0.0.0.0/0"
_REMOTE_SHELLS = (22, 3389)
"""SSH and RDP, which are closed: operators use Session Manager."""


class Network(Construct):
    """The VPC of one environment.

    Attributes:
        vpc: The VPC.
        public_subnets: Zone letter → subnet, in the order of the subnets' numbers; likewise `private_subnets`.
        private_route_tables: One, or one for each zone.
        internet_access: Routes and associations by which the private subnets reach the internet.
        nat_gateways: Zone letter → NAT gateway; one, or one for each zone.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment) -> None:
        super().__init__(scope, id_)
        names = self._names = config.names
        self.vpc = Vpc(
            self,
            "vpc",
            cidr_block=config.network.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": names("vpc")},
        )
        # Without rules, it allows no traffic even if a resource uses it by mistake (EC2.2).
        DefaultSecurityGroup(self, "default-security-group", vpc_id=self.vpc.id, tags={"Name": names("default-unused")})

        self._close_remote_shells()
        internet_gateway = InternetGateway(self, "igw", vpc_id=self.vpc.id, tags={"Name": names("igw")})
        self.public_subnets = self._subnets("public", config.network.subnets.public)
        self.private_subnets = self._subnets("private", config.network.subnets.private)

        public, self._public_associations = self._route_table("public-rt", self.public_subnets, names("public-rt"))
        self._public_route = Route(
            self,
            "public-default-route",
            route_table_id=public.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=internet_gateway.id,
        )
        self.nat_gateways: dict[str, NatGateway] = {}
        self.internet_access: list[Route | RouteTableAssociation] = []
        if config.network.nat == "single":
            gateway = config.network.nat_zone or next(iter(self.public_subnets))
            self.private_route_tables = [self._private_route_table(tuple(self.private_subnets), gateway_zone=gateway)]
        else:
            self.private_route_tables = [
                self._private_route_table((zone,), gateway_zone=zone, suffix=f"-{zone}")
                for zone in self.private_subnets
            ]

    def _close_remote_shells(self) -> None:
        """Deny SSH and RDP by the default network ACL (EC2.21). Security groups limit everything else (ADR 72)."""
        DefaultNetworkAcl(
            self,
            "default-acl",
            default_network_acl_id=self.vpc.default_network_acl_id,
            ingress=[
                *(
                    DefaultNetworkAclIngress(
                        rule_no=100 + number,
                        action="deny",
                        protocol="tcp",
                        cidr_block=ANYWHERE,
                        from_port=port,
                        to_port=port,
                    )
                    for number, port in enumerate(_REMOTE_SHELLS)
                ),
                DefaultNetworkAclIngress(
                    rule_no=200, action="allow", protocol="-1", cidr_block=ANYWHERE, from_port=0, to_port=0
                ),
            ],
            egress=[
                DefaultNetworkAclEgress(
                    rule_no=200, action="allow", protocol="-1", cidr_block=ANYWHERE, from_port=0, to_port=0
                )
            ],
            # AWS associates each new subnet with it.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["subnet_ids"]),
            tags={"Name": self._names("default-acl")},
        )

    def _subnets(self, kind: str, blocks: Mapping[str, str]) -> dict[str, Subnet]:
        return {
            zone: Subnet(
                self,
                f"{kind}-subnet-{zone}",
                vpc_id=self.vpc.id,
                cidr_block=cidr,
                availability_zone=f"{REGION}{zone}",
                # The load balancer and the NAT gateway have their own public addresses.
                map_public_ip_on_launch=False,
                tags={"Name": self._names(f"{kind}-subnet-{number}"), "Tier": kind},
            )
            for number, (zone, cidr) in enumerate(blocks.items(), start=1)
        }

    def _route_table(
        self, id_: str, subnets: Mapping[str, Subnet], name: str
    ) -> tuple[RouteTable, dict[str, RouteTableAssociation]]:
        """Create a route table, and associate it with the subnet of each zone."""
        table = RouteTable(self, id_, vpc_id=self.vpc.id, tags={"Name": name})
        return table, {
            zone: RouteTableAssociation(self, f"{id_}-association-{zone}", subnet_id=subnet.id, route_table_id=table.id)
            for zone, subnet in subnets.items()
        }

    def _private_route_table(self, zones: tuple[str, ...], *, gateway_zone: str, suffix: str = "") -> RouteTable:
        """Create a private route table for some zones, with its own NAT gateway."""
        address = Eip(self, f"nat-eip{suffix}", domain="vpc", tags={"Name": self._names(f"nat-eip{suffix}")})
        nat = NatGateway(
            self,
            f"nat{suffix}",
            allocation_id=address.id,
            subnet_id=self.public_subnets[gateway_zone].id,
            tags={"Name": self._names(f"nat{suffix}")},
            # A NAT gateway needs the route of its subnet to the internet gateway.
            depends_on=[self._public_route, self._public_associations[gateway_zone]],
        )
        self.nat_gateways[gateway_zone] = nat
        table, associations = self._route_table(
            f"private-rt{suffix}",
            {zone: self.private_subnets[zone] for zone in zones},
            self._names(f"private-rt{suffix}"),
        )
        route = Route(
            self,
            f"private-default-route{suffix}",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=nat.id,
        )
        self.internet_access += [route, *associations.values()]
        return table
