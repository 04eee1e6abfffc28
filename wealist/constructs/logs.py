"""Logs: of the VPC's traffic, the services, operators' sessions, the load balancer and CloudFront.

VPC ─ flow log (role) → log group /wealist/<env>/vpc-flow-logs   (the environment's key, retention)
containers ─ Docker (instances' role) → log group /wealist/<env>/<service>   (the same)
start-session --document-name wealist-<env>-session ─ agent (instances' role) → log group /wealist/<env>/sessions
load balancer, CloudFront → access-log bucket                     (expires)
"""

import json
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.ssm_document import SsmDocument
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.encryption import Encryption
from wealist.constructs.identity_policies import flow_log_statements
from wealist.constructs.network import Network
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, CDN_CERTIFICATE_REGION, REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import OWN_ACCOUNT, Statement, assumed_by_service, document, explain

_ALB_PREFIX = "alb"
_CLOUDFRONT_PREFIX = "cloudfront"
_IDLE_MINUTES: Final = "15"
_SESSION_MINUTES: Final = "240"


def _log_group(
    scope: Construct, id_: str, name: str, config: Environment, encryption: Encryption
) -> CloudwatchLogGroup:
    """Create a log group with the environment's retention and key."""
    return CloudwatchLogGroup(
        scope,
        id_,
        name=name,
        retention_in_days=config.log_retention_days,
        kms_key_id=encryption.key.arn,
        lifecycle=None if config.may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
    )


class ServiceLogs(Construct):
    """One log group for each service, so that its log outlives the instance (ADR 0059).

    Attributes:
        groups: The log groups. Docker starts no container whose group is missing.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self.groups = [
            _log_group(self, service.name, config.names.log_group(service), config, encryption)
            for service in config.services
        ]


class FlowLogs(Construct):
    """The flow log of the VPC: all traffic (EC2.6)."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        network: Network,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        names = config.names
        group = _log_group(self, "log-group", names.flow_log_group, config, encryption)
        role = IamRole(
            self,
            "role",
            name=names("flow-logs-role"),
            assume_role_policy=assumed_by_service("vpc-flow-logs.amazonaws.com", OWN_ACCOUNT),
            permissions_boundary=BOUNDARY_ARN,
        )
        statements = flow_log_statements(config)
        policy = IamRolePolicy(
            self,
            "policy",
            name=names("flow-logs-policy"),
            role=role.id,
            policy=document(*statements),
        )
        explain(policy, statements)
        FlowLog(
            self,
            "flow-log",
            vpc_id=network.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": names("flow-log")},
            depends_on=[policy],
        )


class Sessions(Construct):
    """The document of Session Manager that operators start shells with, and the log of these sessions (ADR 74).

    Sessions are encrypted with the environment's key.

    Attributes:
        group: The log group. The agent looks for it when it starts.
        write: Rights of the instances' role to write to it.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.group = _log_group(self, "log-group", names.session_log_group, config, encryption)
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
        content = {
            "schemaVersion": "1.0",
            "description": f"A shell on an instance of {names.environment_prefix}, written down",
            "sessionType": "Standard_Stream",
            "inputs": {
                "cloudWatchLogGroupName": self.group.name,
                "cloudWatchEncryptionEnabled": True,
                "cloudWatchStreamingEnabled": True,
                "kmsKeyId": encryption.key.arn,
                "idleSessionTimeout": _IDLE_MINUTES,
                "maxSessionDuration": _SESSION_MINUTES,
                "runAsEnabled": False,
            },
        }
        SsmDocument(
            self,
            "document",
            name=names("session"),
            document_type="Session",
            document_format="JSON",
            content=json.dumps(content),
            tags={"Name": names("session")},
        )
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{names.session_log_group}:*"
        self.write = [
            Statement(
                sid="WriteSessions",
                why="the agent writes down what operators do on the instance (ADR 74)",
                actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                resources=[arn],
            ),
            Statement(
                sid="FindSessionsGroup",
                why="the agent looks whether the group is encrypted; the call lists groups, and has no resource",
                actions=["logs:DescribeLogGroups"],
                resources=["*"],
            ),
        ]


class AccessLogs(Construct):
    """The bucket of the access logs of the load balancer and CloudFront (ELB.5, CloudFront.5).

    Attributes:
        bucket: The bucket.
        alb_prefix: Prefix of the keys that the load balancer may write; likewise `cloudfront_prefix`.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.alb_prefix = _ALB_PREFIX
        self.cloudfront_prefix = _CLOUDFRONT_PREFIX
        arn = f"arn:aws:s3:::{names.access_logs_bucket}"
        self.bucket = PrivateBucket(
            self,
            "logs",
            name=names.access_logs_bucket,
            may_be_destroyed=config.may_be_destroyed,
            expires_after_days=config.log_retention_days,
            statements=[
                # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
                Statement(
                    sid="LoadBalancerWrites",
                    why="the load balancer keeps its access logs here (ELB.5)",
                    principals={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                    actions=["s3:PutObject"],
                    resources=[f"{arn}/{_ALB_PREFIX}/AWSLogs/{ACCOUNT_ID}/*"],
                    conditions={
                        "ArnLike": {
                            "aws:SourceArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:loadbalancer/*"
                        }
                    },
                ),
                # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
                Statement(
                    sid="CloudFrontWrites",
                    why="CloudFront keeps its access logs here (CloudFront.5, ADR 0012)",
                    principals={"Service": "delivery.logs.amazonaws.com"},
                    actions=["s3:PutObject"],
                    resources=[f"{arn}/{_CLOUDFRONT_PREFIX}/*"],
                    conditions={
                        "StringEquals": {
                            "aws:SourceAccount": ACCOUNT_ID,
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        },
                        "ArnLike": {
                            "aws:SourceArn": f"arn:aws:logs:{CDN_CERTIFICATE_REGION}:{ACCOUNT_ID}:delivery-source:*"
                        },
                    },
                ),
            ],
        )
