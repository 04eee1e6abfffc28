"""An SNS topic with e-mail subscriptions, encrypted with a key of its own (ADR 0059).

services of AWS, Alertmanager ─► topic (encrypted with a key of its own) ─► e-mail
"""

import re
from collections.abc import Mapping, Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from wealist.constructs.encryption import DELETION_WINDOW_DAYS, account_by_iam
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Conditions, Statement, document, explain


class AlertTopic(Construct):
    """A topic in one region: its key, publishers and subscribers.

    Args:
        publishers: AWS service → conditions that limit it to resources of this account.
        provider: Provider of that region; None for the stack's default.

    Attributes:
        topic: The topic.
        policy: Policy of the topic. RDS checks it when an event subscription is created.
        publish: Rights of a role to publish to the topic.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        name: str,
        emails: Sequence[str],
        publishers: Mapping[str, Conditions],
        region: str = REGION,
        provider: AwsProvider | None = None,
    ) -> None:
        super().__init__(scope, id_)
        arn = f"arn:aws:sns:{region}:{ACCOUNT_ID}:{name}"
        key = KmsKey(
            self,
            "key",
            description=f"Encrypts the alerts of {config.names.environment_prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=document(*_key_statements(arn, publishers)),
            provider=provider,
            tags={"Name": name},
            lifecycle=None if config.may_be_destroyed else TerraformResourceLifecycle(prevent_destroy=True),
        )
        self.topic = SnsTopic(
            self, "topic", name=name, kms_master_key_id=key.arn, provider=provider, tags={"Name": name}
        )
        statements = [
            Statement(
                sid=_publisher_sid(service),
                why="the alerts of the environment come from here (ADR 0059)",
                principals={"Service": service},
                actions=["sns:Publish"],
                resources=[arn],
                conditions=conditions,
            )
            for service, conditions in publishers.items()
        ]
        self.policy = SnsTopicPolicy(
            self, "policy", arn=self.topic.arn, policy=document(*statements), provider=provider
        )
        explain(self.policy, statements)
        for email in emails:
            SnsTopicSubscription(
                self, _address_id(email), topic_arn=self.topic.arn, protocol="email", endpoint=email, provider=provider
            )
        self.publish = [
            Statement(
                sid="TellAlerts",
                why="Alertmanager tells what Prometheus found (ADR 0059)",
                actions=["sns:Publish"],
                resources=[arn],
            ),
            Statement(
                sid="EncryptAlerts",
                why="SNS encrypts a message as whoever publishes it",
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                resources=[key.arn],
            ),
        ]


def _key_statements(topic_arn: str, publishers: Mapping[str, Conditions]) -> list[Statement]:
    """Return the key's policy: IAM decides for the account, and publishers encrypt messages to this topic only."""
    return [
        account_by_iam(),
        # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html
        Statement(
            sid="PublishersEncrypt",
            why="AWS refuses a message whose publisher may not use the topic's key",
            principals={"Service": list(publishers)},
            actions=["kms:GenerateDataKey*", "kms:Decrypt"],
            resources=["*"],
            conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}},
        ),
    ]


def _address_id(email: str) -> str:
    """Return the construct id of an address: `first.last@wealist.co.kr` → `to-first-last-wealist-co-kr`.

    It does not depend on the position, so removing one address leaves the other subscriptions unchanged.
    """
    return re.sub(r"[^a-z0-9]+", "-", f"to-{email.lower()}")


def _publisher_sid(service: str) -> str:
    """`events.rds.amazonaws.com` → `EventsRdsPublishes`."""
    return "".join(part.title() for part in service.removesuffix(".amazonaws.com").split(".")) + "Publishes"
