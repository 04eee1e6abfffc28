"""The environment's KMS key, which encrypts parameters, logs, the database, Redis and the data of monitoring.

KMS key (rotated) ─ alias wealist-<env>
"""

from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from wealist.spec.account import ACCOUNT_ID, PROJECT, REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Statement, document

DELETION_WINDOW_DAYS: Final = 30
"""Days until AWS deletes a key. Nothing that it encrypted can be read afterwards."""


def account_by_iam() -> Statement:
    """Return the first statement of every key's policy, which lets IAM policies give rights to the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return Statement(
        sid="AccountByIam",
        why="IAM decides who of the account uses the key; without it nobody could change the key",
        principals={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
        actions=["kms:*"],
        resources=["*"],
    )


class Encryption(Construct):
    """The key and its alias.

    Attributes:
        key: The key.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment) -> None:
        super().__init__(scope, id_)
        names = config.names
        self.key = KmsKey(
            self,
            "key",
            description=f"Encrypts the {names.environment} environment of {PROJECT}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=document(
                account_by_iam(),
                # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html, without
                # kms:DescribeKey: that call has no encryption context, so the condition would never match.
                Statement(
                    sid="LogGroups",
                    why="CloudWatch encrypts the environment's log groups with the key",
                    principals={"Service": f"logs.{REGION}.amazonaws.com"},
                    actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
                    resources=["*"],
                    conditions={
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": [
                                f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/{PROJECT}/{names.environment}/*",
                                f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/aws/rds/instance/{names('rds')}/*",
                            ]
                        }
                    },
                ),
            ),
            tags={"Name": names("key")},
            lifecycle=None if config.may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
        )
        KmsAlias(self, "alias", name=f"alias/{names.environment_prefix}", target_key_id=self.key.id)
