"""Records of calls in the account, and of requests to the buckets of states, plans and records (ADR 70).

CloudTrail, all regions ─ key ─► wealist-cloudtrail-<account>   (locked, expires)
   ├─ calls that change or read settings, parameters, secrets and keys
   └─ reads and writes of the objects in the buckets of states and plans
states, plans, records ─ S3 ─► wealist-access-logs-<account>/<bucket>/   (expires; S3.9)
"""

from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudtrail import (
    Cloudtrail,
    CloudtrailEventSelector,
    CloudtrailEventSelectorDataResource,
)
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.encryption import DELETION_WINDOW_DAYS, account_by_iam
from wealist.spec.account import (
    ACCOUNT_ID,
    ACCOUNT_LOGS_BUCKET,
    PLANS_BUCKET,
    PROJECT,
    REGION,
    STATE_BUCKET,
    TRAIL,
    TRAIL_BUCKET,
)
from wealist.toolkit.policy import Conditions, Statement, document

_SERVICE: Final = {"Service": "cloudtrail.amazonaws.com"}
_ARN: Final = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT_ID}:trail/{TRAIL}"
_ONLY_TRAIL: Final[Conditions] = {"StringEquals": {"aws:SourceArn": _ARN}}
_BUCKET: Final = f"arn:aws:s3:::{TRAIL_BUCKET}"
_WATCHED: Final = (STATE_BUCKET, PLANS_BUCKET)
"""Buckets whose objects hold secrets."""


class Trail(Construct):
    """The trail, its key and its bucket. Its records cannot be changed or deleted until they expire.

    Args:
        days: Days that records are kept, and locked.

    Attributes:
        bucket: The bucket.
    """

    def __init__(self, scope: Construct, id_: str, *, days: int) -> None:
        super().__init__(scope, id_)
        self.bucket = PrivateBucket(
            self,
            "records",
            name=TRAIL_BUCKET,
            may_be_destroyed=False,
            expires_after_days=days,
            locked_days=days,
            statements=_bucket_statements(),
        )
        key = KmsKey(
            self,
            "key",
            description="Encrypts the record of every call in the account",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=document(*_key_statements()),
            tags={"Name": TRAIL},
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        Cloudtrail(
            self,
            "trail",
            name=TRAIL,
            s3_bucket_name=self.bucket.bucket.id,
            kms_key_id=key.arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            event_selector=[
                CloudtrailEventSelector(
                    read_write_type="All",
                    include_management_events=True,
                    data_resource=[
                        CloudtrailEventSelectorDataResource(
                            type="AWS::S3::Object", values=[f"arn:aws:s3:::{name}/" for name in _WATCHED]
                        )
                    ],
                )
            ],
            tags={"Name": TRAIL},
            # CloudTrail writes a test object as soon as the trail names the bucket.
            depends_on=[self.bucket.policy],
        )


class BucketLogs(Construct):
    """Access logs of the account's buckets, in a bucket of their own.

    Args:
        days: Days that logs are kept.
    """

    def __init__(self, scope: Construct, id_: str, *, days: int) -> None:
        super().__init__(scope, id_)
        self._bucket = PrivateBucket(
            self,
            "logs",
            name=ACCOUNT_LOGS_BUCKET,
            may_be_destroyed=False,
            expires_after_days=days,
            statements=[
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
                Statement(
                    sid="S3Writes",
                    why="S3 keeps the access logs of the account's own buckets here (S3.9)",
                    principals={"Service": "logging.s3.amazonaws.com"},
                    actions=["s3:PutObject"],
                    resources=[f"arn:aws:s3:::{ACCOUNT_LOGS_BUCKET}/{PROJECT}-*"],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
                        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{PROJECT}-*"},
                    },
                )
            ],
        )

    def log(self, id_: str, *, name: str, bucket: S3Bucket | None = None) -> None:
        """Log the requests to a bucket.

        Args:
            id_: Construct id.
            name: Name of the bucket.
            bucket: The bucket, if this stack creates it. The `bootstrap` stack creates the bucket of states, before
                this one exists.
        """
        S3BucketLoggingA(
            self,
            id_,
            bucket=bucket.id if bucket else name,
            target_bucket=self._bucket.bucket.id,
            target_prefix=f"{name}/",
            # S3 checks whether it may write to the target bucket.
            depends_on=[self._bucket.policy],
        )


def _bucket_statements() -> list[Statement]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html."""
    return [
        Statement(
            sid="CloudTrailLooks",
            why="CloudTrail looks whose the bucket is before it writes (CloudTrail.1)",
            principals=_SERVICE,
            actions=["s3:GetBucketAcl"],
            resources=[_BUCKET],
            conditions=_ONLY_TRAIL,
        ),
        Statement(
            sid="CloudTrailWrites",
            why="the account's own trail keeps its records here (CloudTrail.1)",
            principals=_SERVICE,
            actions=["s3:PutObject"],
            resources=[f"{_BUCKET}/AWSLogs/{ACCOUNT_ID}/*"],
            conditions={"StringEquals": {"aws:SourceArn": _ARN, "s3:x-amz-acl": "bucket-owner-full-control"}},
        ),
    ]


def _key_statements() -> list[Statement]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html."""
    return [
        account_by_iam(),
        Statement(
            sid="CloudTrailEncrypts",
            why="CloudTrail encrypts each file of records with the key (CloudTrail.2)",
            principals=_SERVICE,
            actions=["kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceArn": _ARN, "kms:EncryptionContext:aws:cloudtrail:arn": _ARN}},
        ),
        Statement(
            sid="CloudTrailLooks",
            why="CloudTrail looks whether the key is of a kind that it can use (CloudTrail.2)",
            principals=_SERVICE,
            actions=["kms:DescribeKey"],
            resources=["*"],
            conditions=_ONLY_TRAIL,
        ),
    ]
