"""What is assumed of a month where the code does not say it: hours, traffic, requests, logs.

Usage is that of a whole stack: two NAT gateways share the gigabytes of one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError, unknown_name

HOURS_PER_MONTH: Final = 730.0
"""As AWS's own calculator counts."""


def _usage(default: float, what: str) -> float:
    assumed: float = field(default=default, metadata={"what": what})
    return assumed


@dataclass(frozen=True)
class Assumptions:
    """A month of one stack. Small traffic, as of a service that begins; `--set NAME=VALUE` changes one."""

    hours: float = _usage(HOURS_PER_MONTH, "hours of a month that everything runs")
    nat_gb: float = _usage(50, "GB through the NAT gateways, to and from the internet")
    endpoint_gb: float = _usage(10, "GB through the interface endpoints")
    zones_gb: float = _usage(50, "GB between zones, in each direction")
    internet_gb: float = _usage(50, "GB from the load balancer to the internet")
    lcus: float = _usage(1, "load balancer capacity units, on average")
    cdn_gb: float = _usage(50, "GB from CloudFront to viewers in South Korea")
    cdn_requests: float = _usage(1_000_000, "HTTPS requests to CloudFront")
    dns_queries: float = _usage(1_000_000, "DNS queries that no alias answers")
    bucket_gb: float = _usage(20, "GB in all buckets")
    bucket_writes: float = _usage(100_000, "requests that write to or list buckets")
    bucket_reads: float = _usage(1_000_000, "requests that read from buckets")
    image_gb: float = _usage(5, "GB of images in ECR")
    log_gb: float = _usage(5, "GB that all log groups take in")
    flow_log_gb: float = _usage(5, "GB of flow logs, on top of them")
    kms_requests: float = _usage(100_000, "requests to KMS")
    backup_gb: float = _usage(50, "GB of backups in vaults")
    trail_events: float = _usage(100_000, "calls on objects that the trail records")
    emails: float = _usage(100, "mails of alerts")
    metrics_of_instance: float = _usage(7, "metrics of an instance with detailed monitoring")

    def with_settings(self, settings: Iterable[str]) -> "Assumptions":
        """Return these assumptions with others in place.

        Args:
            settings: `nat_gb=200`, each.

        Raises:
            OperatorError: there is no such assumption, or the value is no number that can be counted.
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
                f"--set {setting}: {value!r} is no number from 0 on",
                remedy=f"write --set {name}={getattr(self, name):g}, or another number",
                exit_code=BAD_INPUT,
            )
        return name, number

    def stated(self) -> Iterator[tuple[str, float, str]]:
        """Yield each assumption: its name, its value, and what it is."""
        for each in fields(self):
            yield each.name, getattr(self, each.name), each.metadata["what"]
