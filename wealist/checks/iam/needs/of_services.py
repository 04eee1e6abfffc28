"""What resource policies let in: AWS's services from this account's own resources, and what VPC endpoints pass."""

from collections.abc import Iterator
from typing import Final

from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION
from wealist.spec.environment import Environment

_EVERY_OBJECT: Final = "arn:aws:s3:::*"
_OWN_PRINCIPALS: Final = {"aws:PrincipalAccount": (ACCOUNT_ID,)}


def needs(config: Environment) -> Iterator[Need]:
    """The needs of an environment's resource policies."""
    names = config.names
    logs = f"arn:aws:s3:::{names.access_logs_bucket}/*"
    yield Need(
        who="logdelivery.elasticloadbalancing.amazonaws.com",
        why="the load balancer's access logs (ELB.5)",
        actions=actions("s3: PutObject"),
        on=(logs,),
        when={"aws:SourceArn": (f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:loadbalancer/*",)},
    )
    yield Need(
        who="delivery.logs.amazonaws.com",
        why="CloudFront's access logs (CloudFront.5, ADR 0012)",
        actions=actions("s3: PutObject"),
        on=(logs,),
        when={
            "aws:SourceAccount": (ACCOUNT_ID,),
            "aws:SourceArn": (f"arn:aws:logs:{CDN_CERTIFICATE_REGION}:{ACCOUNT_ID}:delivery-source:*",),
        },
    )
    yield Need(
        who="cloudfront.amazonaws.com",
        why="section 3: only this distribution reads the site (CloudFront.13)",
        actions=actions("s3: GetObject"),
        on=(f"arn:aws:s3:::{names.frontend_bucket}/*",),
        when={"aws:SourceArn": (f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/aws_cloudfront_distribution.*",)},
    )
    yield Need(
        who="the account",
        why="the key's policy hands over to IAM, or nobody could change it",
        actions=actions("kms: *"),
        on=("*",),
    )
    yield Need(
        who=f"logs.{REGION}.amazonaws.com",
        why="log groups are encrypted with the environment's key",
        actions=actions("kms: Encrypt Decrypt ReEncrypt* GenerateDataKey*"),
        on=("*",),
        when={"kms:EncryptionContext:aws:logs:arn": (f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:*",)},
    )
    yield from _endpoints()


def _endpoints() -> Iterator[Need]:
    for service in ("ssm", "ssmmessages", "ec2messages"):
        yield Need(
            who=f"{service} endpoint",
            why="section 2.3: Systems Manager without the NAT gateway, for this account's principals",
            actions=actions(f"{service}: *"),
            on=("*",),
            when=_OWN_PRINCIPALS,
        )
    yield Need(
        who="s3 endpoint",
        why="packages, CodeDeploy's agent and ECR's layers lie in AWS's own buckets, some read without credentials",
        actions=actions("s3: GetObject"),
        on=(_EVERY_OBJECT,),
    )
    yield Need(
        who="s3 endpoint",
        why="section 2.3: S3 without the NAT gateway, for this account's principals",
        actions=actions("s3: ListBucket GetObjectVersion PutObject DeleteObject"),
        on=(_EVERY_OBJECT,),
        when=_OWN_PRINCIPALS,
    )
