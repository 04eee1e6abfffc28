"""VPC endpoints, by which private subnets reach AWS without the NAT gateway (architecture, sections 2.1 and 2.3).

private subnets ─┬─ interface endpoints ssm, ssmmessages, ec2messages  (private DNS, own security group)
                 └─ gateway endpoint s3, by the private route tables
"""

from typing import Final

from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs import Construct

from wealist.constructs.firewall import Group
from wealist.constructs.network import Network
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import EVERYBODY, Statement, document

_INTERFACES: Final = {"ssm": ["ssm:*"], "ssmmessages": ["ssmmessages:*"], "ec2messages": ["ec2messages:*"]}
"""Services that the agent of Systems Manager connects to → allowed actions.

https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
"""
_OWN_PRINCIPALS: Final = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT_ID}}


class VpcEndpoints(Construct):
    """The VPC's endpoints. Their policies allow only principals of this account, except reads of S3.

    Attributes:
        endpoints: All endpoints.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, network: Network, security_group: Group
    ) -> None:
        super().__init__(scope, id_)
        zones = config.network.endpoint_zones or network.private_subnets
        self.endpoints = [
            VpcEndpoint(
                self,
                service,
                vpc_id=network.vpc.id,
                service_name=f"com.amazonaws.{REGION}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=[network.private_subnets[zone].id for zone in zones],
                security_group_ids=[security_group.resource.id],
                private_dns_enabled=True,
                policy=document(
                    Statement(
                        sid="OwnAccount",
                        why="instances reach Systems Manager without the NAT gateway (section 2.3)",
                        principals=EVERYBODY,
                        actions=actions,
                        resources=["*"],
                        conditions=_OWN_PRINCIPALS,
                    )
                ),
                tags={"Name": config.names(f"{service}-endpoint")},
            )
            for service, actions in _INTERFACES.items()
        ]
        s3 = VpcEndpoint(
            self,
            "s3",
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{REGION}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in network.private_route_tables],
            # Packages, CodeDeploy's agent and ECR's image layers are in buckets of AWS and partly read without
            # credentials. Therefore reads are open, and only writes are limited to the account.
            policy=document(
                Statement(
                    sid="Read",
                    why="packages and image layers lie in AWS's own buckets, some read without credentials",
                    principals=EVERYBODY,
                    actions=["s3:GetObject"],
                    resources=["arn:aws:s3:::*"],
                ),
                Statement(
                    sid="OwnAccount",
                    why="instances reach S3 without the NAT gateway (section 2.3)",
                    principals=EVERYBODY,
                    actions=[
                        "s3:ListBucket",
                        "s3:GetObjectVersion",
                        "s3:PutObject",
                        "s3:AbortMultipartUpload",
                        "s3:DeleteObject",
                    ],
                    resources=["arn:aws:s3:::*"],
                    conditions=_OWN_PRINCIPALS,
                ),
            ),
            tags={"Name": config.names("s3-endpoint")},
        )
        self.endpoints.append(s3)
