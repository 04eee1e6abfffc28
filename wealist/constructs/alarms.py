"""CloudWatch alarms: `alarms.toml` holds their metrics and limits; `Alarms.add` creates one for a resource.

row of alarms.toml ─ dimensions of one resource ─► alarm wealist-<env>-<row>[-<which>] ─► topic
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from wealist.spec.environment import Environment

_PATH: Final = Path(__file__).with_name("alarms.toml")
_COMPARISONS: Final = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}
_RUNBOOK: Final = "docs/monitoring.md says what to do."


@cache
def rows() -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of `alarms.toml`, by kind of alarm."""
    return tomllib.loads(_PATH.read_text(encoding="utf-8"))


class Alarms(Construct):
    """The alarms of one region.

    Args:
        topic: Receives a message when an alarm begins and when it ends. It must be in the region of the alarms.
        provider: Provider of that region; None for the stack's default.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, topic: SnsTopic, provider: AwsProvider | None = None
    ) -> None:
        super().__init__(scope, id_)
        self._names = config.names
        self._topic = topic
        self._provider = provider

    def add(
        self,
        kind: str,
        dimensions: Mapping[str, str],
        *,
        which: str = "",
        above: float | None = None,
        below: float | None = None,
    ) -> None:
        """Add one alarm.

        Args:
            kind: A row of `alarms.toml`.
            dimensions: Dimensions of the metrics, which select the resource.
            which: Ending of the alarm's name, if several resources have an alarm of this kind.
            above: Upper limit, if the row has none.
            below: Lower limit, if the row has none.
        """
        row = rows()[kind]
        limits = {"above": row.get("above", above), "below": row.get("below", below)}
        ((comparison, limit),) = ((name, value) for name, value in limits.items() if value is not None)
        name = f"{kind}-{which}".rstrip("-")
        CloudwatchMetricAlarm(
            self,
            name,
            alarm_name=self._names(name),
            alarm_description=f"{row['meaning']} {_RUNBOOK}",
            comparison_operator=_COMPARISONS[comparison],
            threshold=limit,
            evaluation_periods=row["periods"],
            treat_missing_data=row.get("missing", "notBreaching"),
            alarm_actions=[self._topic.arn],
            ok_actions=[self._topic.arn],
            provider=self._provider,
            tags={"Name": self._names(name)},
            **(_computed(row, dimensions) if "expression" in row else _measured(row, dimensions)),
        )


def _measured(row: Mapping[str, Any], dimensions: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of an alarm on one metric."""
    statistic = "extended_statistic" if row["statistic"].startswith("p") else "statistic"
    return {
        "namespace": row["namespace"],
        "metric_name": row["metric"],
        "dimensions": dimensions,
        "period": row["period"],
        statistic: row["statistic"],
    }


def _computed(row: Mapping[str, Any], dimensions: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of an alarm on an expression of several metrics."""
    metrics = [
        CloudwatchMetricAlarmMetricQuery(
            id=id_,
            metric=CloudwatchMetricAlarmMetricQueryMetric(
                namespace=row["namespace"],
                metric_name=metric,
                dimensions=dimensions,
                period=row["period"],
                stat=row["statistic"],
            ),
        )
        for id_, metric in row["metrics"].items()
    ]
    value = CloudwatchMetricAlarmMetricQuery(
        id="value", expression=row["expression"], label=row["meaning"], return_data=True
    )
    return {"metric_query": [value, *metrics]}
