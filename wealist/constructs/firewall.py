"""The five security groups and the connections between them (architecture, section 8).

    internet ─80,443→ alb ─8080,8000,3001→ ec2 ─5432→ rds
                                            ├─6379→ redis
                                            ├─443→ vpc-endpoints ←443─ VPC CIDR
                                            └─443→ internet, by NAT

The environment stack declares each connection as a sentence. A connection is one rule resource at each end.
"""

from collections.abc import Sequence

from cdktf import Fn, Op, TerraformStack, Token
from cdktf_cdktf_provider_aws.data_aws_vpc_security_group_rules import (
    DataAwsVpcSecurityGroupRules,
    DataAwsVpcSecurityGroupRulesFilter,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from wealist.constructs.network import ANYWHERE, Network
from wealist.spec.environment import Environment


class Group:
    """A security group, and its short name in construct ids and descriptions."""

    def __init__(self, name: str, resource: SecurityGroup) -> None:
        self.name = name
        self.resource = resource


class Firewall(Construct):
    """The security groups. They allow no traffic until a connection is declared.

    Attributes:
        alb: Security group of the load balancer; likewise `ec2`, `rds`, `redis` and `vpc_endpoints`.
        rules: Both ends of every connection so far.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, network: Network) -> None:
        super().__init__(scope, id_)
        self._names = config.names
        self._network = network
        self._groups: list[SecurityGroup] = []
        self.rules: list[VpcSecurityGroupEgressRule | VpcSecurityGroupIngressRule] = []
        self.alb = self._group("alb", "Load balancer: HTTP and HTTPS from the internet")
        self.ec2 = self._group("ec2", "Backend and monitoring instances")
        self.rds = self._group("rds", "PostgreSQL: from the instances only")
        self.redis = self._group("redis", "Redis: from the instances only")
        self.vpc_endpoints = self._group("vpc-endpoints", "Interface endpoints: HTTPS from inside the VPC")

    def _group(self, name: str, description: str) -> Group:
        resource = SecurityGroup(
            self,
            f"{name}-sg",
            name=self._names(f"{name}-sg"),
            description=description,
            vpc_id=self._network.vpc.id,
            tags={"Name": self._names(f"{name}-sg")},
        )
        self._groups.append(resource)
        return Group(name, resource)

    def allow(self, source: Group, *, to: Group, on: Sequence[int], purpose: str) -> None:
        """Allow TCP connections from one group to another.

        Args:
            source: Opens the connections.
            to: Accepts them.
            on: TCP ports.
            purpose: Beginning of the rules' descriptions.
        """
        for port in on:
            id_ = f"{source.name}-to-{to.name}-{port}"
            self._egress(id_, source, port, f"{purpose}, to {to.name}", to)
            self._ingress(id_, to, port, f"{purpose}, from {source.name}", source)

    def allow_internet(self, *, to: Group, on: Sequence[int], purpose: str) -> None:
        """Allow TCP connections from any address to a group."""
        for port in on:
            self._ingress(f"internet-to-{to.name}-{port}", to, port, f"{purpose}, from the internet", ANYWHERE)

    def allow_to_internet(self, source: Group, *, on: Sequence[int], purpose: str) -> None:
        """Allow TCP connections from a group to any address."""
        for port in on:
            self._egress(f"{source.name}-to-internet-{port}", source, port, f"{purpose}, to the internet", ANYWHERE)

    def allow_vpc(self, *, to: Group, on: Sequence[int], purpose: str) -> None:
        """Allow TCP connections from any address of the VPC to a group."""
        for port in on:
            block = self._network.vpc.cidr_block
            self._ingress(f"vpc-to-{to.name}-{port}", to, port, f"{purpose}, from the VPC", block)

    def allow_to(self, source: Group, *, to: Group, on: Sequence[int], purpose: str) -> None:
        """Allow TCP connections from a group to one that accepts the whole VPC already."""
        for port in on:
            self._egress(f"{source.name}-to-{to.name}-{port}", source, port, f"{purpose}, to {to.name}", to)

    def check_rules(self) -> None:
        """Add a Terraform check that reports rules which are not in the code. Call it after the last connection.

        A rule that was added by hand belongs to no resource, so no plan would show it otherwise.
        https://developer.hashicorp.com/terraform/language/checks
        """
        groups = DataAwsVpcSecurityGroupRulesFilter(name="group-id", values=[group.id for group in self._groups])
        found = DataAwsVpcSecurityGroupRules(self, "rules", filter=[groups])
        others = Fn.setsubtract(found.ids, [rule.id for rule in self.rules])
        message = (
            "The security groups have rules that are not in the code. Remove what this plan does not destroy, or draw "
            f"its edge: {Fn.join(', ', Token.as_list(others))}"
        )
        # Not `== 0`: cdktf writes a zero as `undefined`.
        check = {"assert": {"condition": Op.lt(Fn.length_of(others), 1), "error_message": message}}
        TerraformStack.of(self).add_override("check.firewall_rules", check)

    def _egress(self, id_: str, owner: Group, port: int, description: str, peer: Group | str) -> None:
        self._rule(VpcSecurityGroupEgressRule, f"{id_}-egress", owner, port, description, peer)

    def _ingress(self, id_: str, owner: Group, port: int, description: str, peer: Group | str) -> None:
        self._rule(VpcSecurityGroupIngressRule, f"{id_}-ingress", owner, port, description, peer)

    def _rule(
        self,
        direction: type[VpcSecurityGroupEgressRule | VpcSecurityGroupIngressRule],
        id_: str,
        owner: Group,
        port: int,
        description: str,
        peer: Group | str,
    ) -> None:
        """Add one rule of a group; `peer` is another group or a CIDR block."""
        rule = direction(
            self,
            id_,
            security_group_id=owner.resource.id,
            referenced_security_group_id=peer.resource.id if isinstance(peer, Group) else None,
            cidr_ipv4=None if isinstance(peer, Group) else peer,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
        )
        self.rules.append(rule)
