"""Database instances and parameter groups.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBInstance, DBParameterGroup
from moto.rds.responses import RDSResponse

from wealist.operations.emulator.corrections.replace import Correction, Replace


def instances_keep_performance_insights(replace: Replace) -> None:
    """An instance returns whether and how Performance Insights is on; moto forgets it.

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


def parameters_that_were_set_say_so(replace: Replace) -> None:
    """A parameter that somebody set has the source `user`; moto gives none, and Terraform then takes it for a default.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
    """
    update = DBParameterGroup.update_parameters

    def corrected(self: DBParameterGroup, new_parameters: Iterable[dict[str, Any]]) -> None:
        update(self, [{**parameter, "Source": "user"} for parameter in new_parameters])

    replace(DBParameterGroup, "update_parameters", corrected)


def a_forced_failover_moves_the_instance(replace: Replace) -> None:
    """A reboot with failover leaves the instance in its standby's zone; moto's never moves. Here that is a or c.

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


CORRECTIONS: tuple[Correction, ...] = (
    instances_keep_performance_insights,
    parameters_that_were_set_say_so,
    a_forced_failover_moves_the_instance,
)
