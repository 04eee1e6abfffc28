"""The baseline of the account: defaults, records and detectors that apply to all of its resources (ADR 70).

    account ─┬─ EBS, S3, EC2, IAM               encrypted, private and closed by default
             ├─ default VPC                     its security group and network ACL, emptied
             ├─ trail.py                        the record of every call, and of requests for objects
             ├─ Access Analyzer, detectors.py   external access, threats, vulnerabilities
             └─ budget, contact                 recipients of mails from AWS

Each part has a setting in wealist/spec/baseline.py, which also names its cost.
"""

from typing import Final

from cdktf import Fn, TerraformIterator, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.accessanalyzer_analyzer import AccessanalyzerAnalyzer
from cdktf_cdktf_provider_aws.account_alternate_contact import AccountAlternateContact
from cdktf_cdktf_provider_aws.budgets_budget import BudgetsBudget, BudgetsBudgetNotification
from cdktf_cdktf_provider_aws.data_aws_network_acls import DataAwsNetworkAcls, DataAwsNetworkAclsFilter
from cdktf_cdktf_provider_aws.data_aws_vpcs import DataAwsVpcs, DataAwsVpcsFilter
from cdktf_cdktf_provider_aws.default_network_acl import DefaultNetworkAcl
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.ebs_encryption_by_default import EbsEncryptionByDefault
from cdktf_cdktf_provider_aws.ebs_snapshot_block_public_access import EbsSnapshotBlockPublicAccess
from cdktf_cdktf_provider_aws.ec2_image_block_public_access import Ec2ImageBlockPublicAccess
from cdktf_cdktf_provider_aws.ec2_instance_metadata_defaults import Ec2InstanceMetadataDefaults
from cdktf_cdktf_provider_aws.ec2_serial_console_access import Ec2SerialConsoleAccess
from cdktf_cdktf_provider_aws.iam_account_password_policy import IamAccountPasswordPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_account_public_access_block import S3AccountPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from constructs import Construct

from wealist.constructs.detectors import ConfigRecorder, SecurityHub, ThreatDetectors, scan_images_continuously
from wealist.constructs.trail import BucketLogs, Trail
from wealist.spec import baseline as spec
from wealist.spec.account import PROJECT, STATE_BUCKET, TRAIL_BUCKET

_LEAST_CHARACTERS: Final = 14
_REMEMBERED_PASSWORDS: Final = 24
"""https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html (IAM.15, IAM.16)"""


class Baseline(Construct):
    """The parts that the settings turn on.

    Args:
        cdn_provider: Provider of us-east-1; None if no setting needs one.

    Attributes:
        bucket_logs: Access logs of buckets; None if a setting turns them off.
    """

    def __init__(self, scope: Construct, id_: str, *, config: spec.Baseline, cdn_provider: AwsProvider | None) -> None:
        super().__init__(scope, id_)
        self._set_defaults(config)
        self.bucket_logs = (
            BucketLogs(self, "bucket-logs", days=config.access_log_days) if config.access_log_days else None
        )
        if config.trail_days is not None:
            trail = Trail(self, "trail", days=config.trail_days)
            self._log("records", TRAIL_BUCKET, trail.bucket.bucket)
        self._log("states", STATE_BUCKET)
        if config.guard_duty_regions:
            ThreatDetectors(self, "guard-duty", regions=config.guard_duty_regions, cdn_provider=cdn_provider)
        if config.config:
            recorder = ConfigRecorder(self, "config")
            if config.security_hub:
                SecurityHub(self, "security-hub", recorder=recorder)
        if config.scan_images_continuously:
            scan_images_continuously(self)
        if config.budget:
            self._budget(config.budget)
        if config.security_contact:
            self._contact(config.security_contact)

    def _log(self, id_: str, name: str, bucket: S3Bucket | None = None) -> None:
        if self.bucket_logs:
            self.bucket_logs.log(id_, name=name, bucket=bucket)

    def _set_defaults(self, config: spec.Baseline) -> None:
        if config.encrypt_volumes:
            EbsEncryptionByDefault(self, "ebs-encryption", enabled=True)
        if config.block_public_buckets:
            self._block_public_buckets()
        if config.require_imdsv2:
            Ec2InstanceMetadataDefaults(self, "metadata", http_tokens="required")
        if config.block_public_snapshots:
            EbsSnapshotBlockPublicAccess(self, "snapshots", state="block-all-sharing")
        if config.block_public_images:
            Ec2ImageBlockPublicAccess(self, "images", state="block-new-sharing")
        if config.close_serial_console:
            Ec2SerialConsoleAccess(self, "serial-console", enabled=False)
        if config.strong_passwords:
            self._strong_passwords()
        if config.find_external_access:
            self._find_external_access()
        if config.empty_default_network:
            self._empty_default_network()

    def _block_public_buckets(self) -> None:
        S3AccountPublicAccessBlock(
            self,
            "public-access-block",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )

    def _strong_passwords(self) -> None:
        """The account has no IAM users; the policy applies to any that is created later."""
        IamAccountPasswordPolicy(
            self,
            "passwords",
            minimum_password_length=_LEAST_CHARACTERS,
            password_reuse_prevention=_REMEMBERED_PASSWORDS,
            require_lowercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            require_uppercase_characters=True,
            allow_users_to_change_password=True,
            max_password_age=90,
        )

    def _find_external_access(self) -> None:
        AccessanalyzerAnalyzer(
            self,
            "external-access",
            analyzer_name=f"{PROJECT}-external-access",
            type="ACCOUNT",
            tags={"Name": f"{PROJECT}-external-access"},
        )

    def _empty_default_network(self) -> None:
        """Look the VPC up by data source: `aws_default_vpc` would create one in a region that has none."""
        vpcs = DataAwsVpcs(self, "default-vpcs", filter=[DataAwsVpcsFilter(name="is-default", values=["true"])])
        vpc = TerraformIterator.from_list(vpcs.ids)
        DefaultSecurityGroup(
            self, "default-group", for_each=vpc, vpc_id=Token.as_string(vpc.value), tags={"Name": "default-unused"}
        )
        acls = DataAwsNetworkAcls(
            self,
            "default-acls",
            filter=[
                DataAwsNetworkAclsFilter(name="default", values=["true"]),
                # AWS rejects a filter without values. Without a default VPC, "vpc-none" is its only value.
                DataAwsNetworkAclsFilter(name="vpc-id", values=Token.as_list(Fn.concat([vpcs.ids, ["vpc-none"]]))),
            ],
        )
        acl = TerraformIterator.from_list(acls.ids)
        DefaultNetworkAcl(
            self,
            "default-acl",
            for_each=acl,
            default_network_acl_id=Token.as_string(acl.value),
            # AWS associates the default VPC's subnets with it.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["subnet_ids"]),
            tags={"Name": "default-unused"},
        )

    def _budget(self, budget: spec.Budget) -> None:
        """AWS sends the mails of a budget itself, so its addresses need not confirm a subscription."""
        BudgetsBudget(
            self,
            "budget",
            name=f"{PROJECT}-monthly-costs",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(budget.monthly_usd),
            limit_unit="USD",
            notification=[
                BudgetsBudgetNotification(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=100,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=list(budget.emails),
                )
                for kind in ("ACTUAL", "FORECASTED")
            ],
            tags={"Name": f"{PROJECT}-monthly-costs"},
        )

    def _contact(self, contact: spec.SecurityContact) -> None:
        AccountAlternateContact(
            self,
            "security-contact",
            alternate_contact_type="SECURITY",
            name=contact.name,
            title=contact.title,
            email_address=contact.email,
            phone_number=contact.phone,
        )
