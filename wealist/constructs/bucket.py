"""A private S3 bucket, the only kind in this project (S3.5, S3.8, S3.12, S3.13).

bucket ─ public access block ─ ownership ─ encryption ─ versioning ─ lifecycle ─ policy (TLS only + statements)
       └ object lock, if objects must not be deleted
"""

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from wealist.toolkit.policy import Statement, document, tls_only

_ABORT_MULTIPART_DAYS = 7
_OLD_VERSIONS_DAYS = 90


class PrivateBucket(Construct):
    """A bucket that only IAM policies and the given statements open, and only with TLS.

    Args:
        may_be_destroyed: True lets a destroy empty and delete it; False protects it.
        versioned: Keeps old versions for 90 days.
        expires_after_days: Deletes objects after so many days; None keeps them.
        locked_days: Nobody, not even the account's owner, can delete or replace an object for so many days. A lock
            can neither be added nor removed later; a shorter one applies to new objects.
        statements: Of the bucket policy, besides the one that requires TLS.

    Attributes:
        bucket: The bucket.
        arn: Literal ARN of the bucket, for policies.
        policy: Bucket policy. A resource whose creation makes AWS write to the bucket must depend on it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        may_be_destroyed: bool,
        versioned: bool = True,
        expires_after_days: int | None = None,
        locked_days: int | None = None,
        statements: Sequence[Statement] = (),
    ) -> None:
        super().__init__(scope, id_)
        self.arn = f"arn:aws:s3:::{name}"
        self.bucket = S3Bucket(
            self,
            "bucket",
            bucket=name,
            force_destroy=may_be_destroyed,
            object_lock_enabled=True if locked_days else None,
            lifecycle=None if may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": name},
        )
        public_access = S3BucketPublicAccessBlock(
            self,
            "public-access-block",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        self._encrypt()
        # "Disabled" is only possible before the first "Enabled"; afterwards, versioning can only be suspended.
        S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(
                status="Enabled" if versioned else "Disabled"
            ),
        )
        if locked_days:
            self._lock(locked_days)
        self._expire(versioned=versioned, after_days=expires_after_days)
        self.policy = S3BucketPolicy(
            self,
            "policy",
            bucket=self.bucket.id,
            policy=document(tls_only(self.arn), *statements),
            # S3 rejects two concurrent changes of a bucket's access.
            depends_on=[public_access],
        )

    def _encrypt(self) -> None:
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self.bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
        )

    def _lock(self, days: int) -> None:
        S3BucketObjectLockConfigurationA(
            self,
            "object-lock",
            bucket=self.bucket.id,
            rule=S3BucketObjectLockConfigurationRuleA(
                default_retention=S3BucketObjectLockConfigurationRuleDefaultRetentionA(mode="COMPLIANCE", days=days)
            ),
        )

    def _expire(self, *, versioned: bool, after_days: int | None) -> None:
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="clean-up",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=_ABORT_MULTIPART_DAYS
                        )
                    ],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=after_days)] if after_days else None,
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=_OLD_VERSIONS_DAYS
                        )
                    ]
                    if versioned
                    else None,
                )
            ],
        )
