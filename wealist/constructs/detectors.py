"""Optional detectors of the account. Each costs some dollars a month (ADR 70).

GuardDuty                                            threats, in each named region
Config ─► wealist-config-<account> ─► Security Hub   changes of resources, checked against FSBP
Inspector ─► ECR                                     new vulnerabilities of images that were pushed earlier
"""

from collections.abc import Sequence
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.config_configuration_recorder import (
    ConfigConfigurationRecorder,
    ConfigConfigurationRecorderRecordingGroup,
)
from cdktf_cdktf_provider_aws.config_configuration_recorder_status import ConfigConfigurationRecorderStatus
from cdktf_cdktf_provider_aws.config_delivery_channel import ConfigDeliveryChannel
from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import (
    EcrRegistryScanningConfiguration,
    EcrRegistryScanningConfigurationRule,
    EcrRegistryScanningConfigurationRuleRepositoryFilter,
)
from cdktf_cdktf_provider_aws.guardduty_detector import GuarddutyDetector
from cdktf_cdktf_provider_aws.iam_service_linked_role import IamServiceLinkedRole
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.securityhub_account import SecurityhubAccount
from cdktf_cdktf_provider_aws.securityhub_standards_subscription import SecurityhubStandardsSubscription
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.spec.account import ACCOUNT_ID, CONFIG_BUCKET, PROJECT, REGION
from wealist.toolkit.policy import OWN_ACCOUNT, Statement

_FSBP: Final = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
_CONFIG: Final = {"Service": "config.amazonaws.com"}
_KEPT: Final = TerraformResourceLifecycle(prevent_destroy=True)


class ThreatDetectors(Construct):
    """GuardDuty in each of some regions."""

    def __init__(self, scope: Construct, id_: str, *, regions: Sequence[str], cdn_provider: AwsProvider | None) -> None:
        super().__init__(scope, id_)
        for region in regions:
            GuarddutyDetector(
                self,
                f"detector-{region}",
                enable=True,
                finding_publishing_frequency="FIFTEEN_MINUTES",
                provider=None if region == REGION else cdn_provider,
                lifecycle=_KEPT,
                tags={"Name": f"{PROJECT}-threats"},
            )


class ConfigRecorder(Construct):
    """AWS Config's record of every resource of the region, and of IAM.

    Attributes:
        status: The started recorder.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        arn = f"arn:aws:s3:::{CONFIG_BUCKET}"
        bucket = PrivateBucket(
            self,
            "records",
            name=CONFIG_BUCKET,
            may_be_destroyed=False,
            # https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
            statements=[
                Statement(
                    sid="ConfigLooks",
                    why="Config looks whether the bucket is there and its own before it writes (Config.1)",
                    principals=_CONFIG,
                    actions=["s3:GetBucketAcl", "s3:ListBucket"],
                    resources=[arn],
                    conditions=OWN_ACCOUNT,
                ),
                Statement(
                    sid="ConfigWrites",
                    why="Config writes down how resources change (Config.1)",
                    principals=_CONFIG,
                    actions=["s3:PutObject"],
                    resources=[f"{arn}/AWSLogs/{ACCOUNT_ID}/Config/*"],
                    conditions={
                        "StringEquals": {
                            "aws:SourceAccount": ACCOUNT_ID,
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        }
                    },
                ),
            ],
        )
        role = IamServiceLinkedRole(self, "role", aws_service_name="config.amazonaws.com")
        recorder = ConfigConfigurationRecorder(
            self,
            "recorder",
            name=f"{PROJECT}-config",
            role_arn=role.arn,
            recording_group=ConfigConfigurationRecorderRecordingGroup(
                all_supported=True, include_global_resource_types=True
            ),
        )
        channel = ConfigDeliveryChannel(
            self,
            "channel",
            name=f"{PROJECT}-config",
            s3_bucket_name=bucket.bucket.id,
            depends_on=[recorder, bucket.policy],
        )
        self.status = ConfigConfigurationRecorderStatus(
            self, "status", name=recorder.name, is_enabled=True, depends_on=[channel]
        )


class SecurityHub(Construct):
    """Checks the records of Config against AWS's Foundational Security Best Practices."""

    def __init__(self, scope: Construct, id_: str, *, recorder: ConfigRecorder) -> None:
        super().__init__(scope, id_)
        hub = SecurityhubAccount(
            self, "account", enable_default_standards=False, lifecycle=_KEPT, depends_on=[recorder.status]
        )
        SecurityhubStandardsSubscription(self, "fsbp", standards_arn=_FSBP, depends_on=[hub])


def scan_images_continuously(scope: Construct) -> None:
    """Let Inspector scan the images of every repository again whenever a vulnerability becomes known."""
    EcrRegistryScanningConfiguration(
        scope,
        "image-scans",
        scan_type="ENHANCED",
        rule=[
            EcrRegistryScanningConfigurationRule(
                scan_frequency="CONTINUOUS_SCAN",
                repository_filter=[
                    EcrRegistryScanningConfigurationRuleRepositoryFilter(filter="*", filter_type="WILDCARD")
                ],
            )
        ],
    )
