"""An S3 bucket as every bucket here must be (S3.5, S3.8, S3.12, S3.13).

bucket ─ public access block ─ ownership ─ encryption ─ versioning ─ lifecycle ─ policy (TLS only + statements)
       └ object lock, of a bucket whose objects nobody may delete
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
    """A bucket that nobody reaches but by IAM or a statement given here, and never without TLS.

    Attributes:
        bucket: the bucket.
        arn: its ARN, literal, for policies.
        policy: depend on it where AWS checks the policy when something else is made.
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
        """Makes the bucket.

        Args:
            scope: construct that owns it.
            id_: construct id.
            name: of the bucket.
            may_be_destroyed: whether a destroy empties it first; otherwise it cannot be destroyed.
            versioned: old versions are kept for 90 days.
            expires_after_days: objects are deleted then; never, when None.
            locked_days: until then nobody deletes or replaces an object, the account's owner included. A bucket cannot
                get or lose its lock later, but it may be shorter for new objects.
            statements: of the bucket policy, besides the one that asks for TLS.
        """
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
        # "Disabled" is what a bucket is that never was versioned; a versioned one can only be suspended.
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
            # S3 refuses one of two calls that change a bucket's access at the same time.
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
