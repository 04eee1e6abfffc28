"""Who asked for which object of the buckets that hold states, plans and records (S3.9).

states, plans, records ─ S3 ─► wealist-access-logs-<account>/<bucket>/   (expires)

The state bucket is made before this one, by the `bootstrap` stack, so that its logging is set here.
"""

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.spec.account import ACCOUNT_ID, ACCOUNT_LOGS_BUCKET, PROJECT
from wealist.toolkit.policy import Statement


class BucketLogs(Construct):
    """The bucket of the logs."""

    def __init__(self, scope: Construct, id_: str, *, days: int) -> None:
        """Makes it.

        Args:
            scope: the account stack.
            id_: construct id.
            days: how long logs are kept.
        """
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

    def keep(self, id_: str, *, name: str, made: S3Bucket | None = None) -> None:
        """Keeps the access logs of a bucket.

        Args:
            id_: construct id.
            name: the bucket's.
            made: the bucket, where this stack makes it.
        """
        S3BucketLoggingA(
            self,
            id_,
            bucket=made.id if made else name,
            target_bucket=self._bucket.bucket.id,
            target_prefix=f"{name}/",
            # S3 tries whether it may write.
            depends_on=[self._bucket.policy],
        )
