"""Database instances and parameter groups.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from collections.abc import Iterable
from typing import Any

from moto.rds.models import DBInstance, DBParameterGroup

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


CORRECTIONS: tuple[Correction, ...] = (instances_keep_performance_insights, parameters_that_were_set_say_so)
