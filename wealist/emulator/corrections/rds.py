"""Database instances, parameter groups and event subscriptions.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from base64 import b32encode
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBInstance, DBParameterGroup, RDSBackend
from moto.rds.responses import RDSResponse

from wealist.emulator.corrections.replace import Correction, Replace


def every_instance_has_its_own_resource_id(replace: Replace) -> None:
    """The resource id of an instance is unique in its region and never changes; moto gives all instances the same one.

    Terraform finds an instance by it, and fails where it finds two.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
    """
    create = DBInstance.__init__
    create_replica = RDSBackend.create_db_instance_read_replica

    def corrected(self: DBInstance, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 -- moto's own settings
        create(self, *arguments, **settings)
        self.dbi_resource_id = _resource_id()

    def corrected_replica(self: RDSBackend, *arguments: Any, **settings: Any) -> DBInstance:  # noqa: ANN401 -- the same
        replica = create_replica(self, *arguments, **settings)  # a copy of its primary, not created as above
        replica.dbi_resource_id = _resource_id()
        return replica

    replace(DBInstance, "__init__", corrected)
    replace(RDSBackend, "create_db_instance_read_replica", corrected_replica)


def _resource_id() -> str:
    """Return an id in the format of RDS: `db-` and 26 letters and digits."""
    return f"db-{b32encode(uuid4().bytes).decode().rstrip('=')}"


def instances_keep_performance_insights(replace: Replace) -> None:
    """An instance returns its settings of Performance Insights; moto drops it.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    """
    create = DBInstance.__init__

    def corrected(self: DBInstance, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 -- moto's own settings
        create(self, *arguments, **settings)
        vars(self).update(
            performance_insights_enabled=settings.get("enable_performance_insights", False),
            performance_insights_kms_key_id=settings.get("performance_insights_kms_key_id"),
            performance_insights_retention_period=settings.get("performance_insights_retention_period"),
        )

    replace(DBInstance, "__init__", corrected)


def modified_parameters_have_the_source_user(replace: Replace) -> None:
    """A modified parameter has the source `user`; moto returns none, so Terraform takes it for a default.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
    """
    update = DBParameterGroup.update_parameters

    def corrected(self: DBParameterGroup, new_parameters: Iterable[dict[str, Any]]) -> None:
        update(self, [{**parameter, "Source": "user"} for parameter in new_parameters])

    replace(DBParameterGroup, "update_parameters", corrected)


def a_forced_failover_moves_the_instance(replace: Replace) -> None:
    """A reboot with failover moves the instance to its standby's zone, here a or c; moto keeps it in its zone.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html
    """
    reboot = RDSResponse.reboot_db_instance

    def corrected(self: RDSResponse) -> ActionResult:
        if self.params.get("ForceFailover"):
            (instance,) = self.backend.describe_db_instances(self.params["DBInstanceIdentifier"])
            if not instance.multi_az:
                raise InvalidParameterCombination(
                    "ForceFailover cannot be specified since the instance is not configured for MultiAZ."
                )
            zone = instance.availability_zone
            instance.availability_zone = zone[:-1] + ("a" if zone.endswith("c") else "c")
        return reboot(self)

    replace(RDSResponse, "reboot_db_instance", corrected)


def unknown_orderable_options_are_refused(replace: Replace) -> None:
    """Orderable options exist for every engine; moto has those of two engines and returns none for the others.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
    """
    describe = RDSResponse.describe_orderable_db_instance_options

    def corrected(self: RDSResponse) -> ActionResult:
        if (engine := self.params["Engine"]) not in {"aurora-postgresql", "neptune"}:
            raise NotImplementedError(f"orderable options of {engine}")
        return describe(self)

    replace(RDSResponse, "describe_orderable_db_instance_options", corrected)


def event_subscriptions_can_be_modified(replace: Replace) -> None:
    """Topic, categories and sources of a subscription can be modified; moto has no such calls.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyEventSubscription.html
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddSourceIdentifierToSubscription.html
    """

    def changing(change: str) -> None:
        def action(self: RDSResponse) -> ActionResult:
            (subscription,) = self.backend.describe_event_subscriptions(self.params["SubscriptionName"])
            _change_subscription(subscription, change, self.params)
            return ActionResult({"EventSubscription": subscription})

        replace(RDSResponse, change, action)

    for name in (
        "modify_event_subscription",
        "add_source_identifier_to_subscription",
        "remove_source_identifier_from_subscription",
    ):
        changing(name)


def _change_subscription(subscription: Any, change: str, asked: Any) -> None:  # noqa: ANN401 -- moto's own
    source = asked.get("SourceIdentifier")
    if change.startswith("add_"):
        subscription.source_ids = [*subscription.source_ids, source]
    elif change.startswith("remove_"):
        subscription.source_ids = [each for each in subscription.source_ids if each != source]
    else:
        subscription.sns_topic_arn = asked.get("SnsTopicArn", subscription.sns_topic_arn)
        subscription.source_type = asked.get("SourceType", subscription.source_type)
        subscription.event_categories = asked.get("EventCategories", subscription.event_categories)
        subscription.enabled = asked.get("Enabled", subscription.enabled)


CORRECTIONS: tuple[Correction, ...] = (
    every_instance_has_its_own_resource_id,
    instances_keep_performance_insights,
    modified_parameters_have_the_source_user,
    a_forced_failover_moves_the_instance,
    unknown_orderable_options_are_refused,
    event_subscriptions_can_be_modified,
)
