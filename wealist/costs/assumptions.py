"""Assumed monthly usage that the code does not determine: hours, traffic, requests, logs.

Usage applies to a whole stack: two NAT gateways together transfer the same gigabytes as one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError, unknown_name

HOURS_PER_MONTH: Final = 730.0
"""Hours that the AWS Pricing Calculator assumes."""


def _usage(default: float, what: str) -> float:
    assumed: float = field(default=default, metadata={"what": what})
    return assumed


@dataclass(frozen=True)
class Assumptions:
    """Monthly usage of one stack. The defaults suit a service with little traffic; `--set NAME=VALUE` changes one."""

    hours: float = _usage(HOURS_PER_MONTH, "hours a month in which all resources run")
    nat_gb: float = _usage(50, "GB through the NAT gateways, to and from the internet")
    endpoint_gb: float = _usage(10, "GB through the interface endpoints")
    zones_gb: float = _usage(50, "GB between zones, in each direction")
    internet_gb: float = _usage(50, "GB from the load balancer to the internet")
    lcus: float = _usage(1, "load balancer capacity units, on average")
    cdn_gb: float = _usage(50, "GB from CloudFront to viewers in South Korea")
    cdn_requests: float = _usage(1_000_000, "HTTPS requests to CloudFront")
    dns_queries: float = _usage(1_000_000, "DNS queries, except for alias records")
    bucket_gb: float = _usage(20, "GB in all buckets")
    bucket_writes: float = _usage(100_000, "PUT, COPY, POST and LIST requests to buckets")
    bucket_reads: float = _usage(1_000_000, "GET requests to buckets")
    image_gb: float = _usage(5, "GB of images in ECR")
    log_gb: float = _usage(5, "GB ingested by all log groups")
    flow_log_gb: float = _usage(5, "GB ingested by flow logs, in addition")
    kms_requests: float = _usage(100_000, "requests to KMS")
    backup_gb: float = _usage(50, "GB of backups in vaults")
    trail_events: float = _usage(100_000, "CloudTrail data events")
    emails: float = _usage(100, "email notifications")
    metrics_of_instance: float = _usage(7, "metrics of an instance with detailed monitoring")

    def with_settings(self, settings: Iterable[str]) -> "Assumptions":
        """Return these assumptions with some values replaced.

        Args:
            settings: Texts such as `nat_gb=200`.

        Raises:
            OperatorError: An assumption is unknown, or a value is not a finite number of at least 0.
        """
        return replace(self, **dict(self._setting(each) for each in settings))

    def _setting(self, setting: str) -> tuple[str, float]:
        name, _, value = setting.partition("=")
        known = [each.name for each in fields(self)]
        if name not in known:
            raise unknown_name("assumption", name, known)
        try:
            number = float(value)
        except ValueError:
            number = -1
        if not 0 <= number < float("inf"):
            raise OperatorError(
                f"--set {setting}: {value!r} is not a number of at least 0",
                remedy=f"write --set {name}={getattr(self, name):g}, or another number",
                exit_code=BAD_INPUT,
            )
        return name, number

    def stated(self) -> Iterator[tuple[str, float, str]]:
        """Yield name, value and description of each assumption."""
        for each in fields(self):
            yield each.name, getattr(self, each.name), each.metadata["what"]
