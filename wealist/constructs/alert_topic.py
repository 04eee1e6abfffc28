"""A topic that people read by mail, and the key that nobody uses for anything else (ADR 0059).

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
    """A topic in one region, its key, who may publish, and who reads.

    Attributes:
        topic: the topic.
        policy: who may publish to it; RDS tries that when it is given the topic.
        publish: what a role needs to publish to it.
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
        """Makes the topic.

        Args:
            scope: construct that owns it.
            id_: construct id.
            config: the environment.
            name: of the topic: the environment's, as all of its names.
            emails: who reads what is published.
            publishers: services of AWS → what holds them to this account's resources.
            region: where it lies.
            provider: of that region; the stack's own, when None.
        """
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
                sid=_sid(service),
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
    """The key's policy: IAM decides for the account, and services encrypt what they publish to the one topic."""
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
    """`first.last@wealist.co.kr` → `to-first-last-wealist-co-kr`: the others stay subscribed when one leaves."""
    return re.sub(r"[^a-z0-9]+", "-", f"to-{email.lower()}")


def _sid(service: str) -> str:
    """`events.rds.amazonaws.com` → `EventsRdsPublishes`."""
    return "".join(part.title() for part in service.removesuffix(".amazonaws.com").split(".")) + "Publishes"
