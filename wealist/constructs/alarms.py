"""Alarms on what AWS measures: `alarms.toml` says of what, and this when they are made.

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
    """Kind of alarm → its row of `alarms.toml`."""
    return tomllib.loads(_PATH.read_text(encoding="utf-8"))


class Alarms(Construct):
    """The alarms of one region."""

    def __init__(
        self, scope: Construct, id_: str, *, config: Environment, topic: SnsTopic, provider: AwsProvider | None = None
    ) -> None:
        """Makes no alarm yet.

        Args:
            scope: construct that owns them.
            id_: construct id.
            config: the environment.
            topic: told when an alarm begins and when it ends; an alarm's actions lie in its own region.
            provider: of the region; the stack's own, when None.
        """
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
        """Adds one alarm.

        Args:
            kind: a row of `alarms.toml`.
            dimensions: which resource's metrics.
            which: of several resources, in the alarm's name.
            above: the limit, where the row has none.
            below: likewise.
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
    """The arguments of an alarm on one metric."""
    statistic = "extended_statistic" if row["statistic"].startswith("p") else "statistic"
    return {
        "namespace": row["namespace"],
        "metric_name": row["metric"],
        "dimensions": dimensions,
        "period": row["period"],
        statistic: row["statistic"],
    }


def _computed(row: Mapping[str, Any], dimensions: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of an alarm on an expression of several metrics."""
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
