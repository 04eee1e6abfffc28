"""The claims in words, and for people: each proven, or refuted by its findings."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from wealist.checks.finding import Finding

if TYPE_CHECKING:
    from rich.table import Table

CLAIMS: Final[Mapping[str, str]] = {
    "reachability.internet": "the internet reaches only the load balancer, on 80 and 443",
    "reachability.load_balancer": "the load balancer reaches only the instances, on the ports of its target groups",
    "reachability.data_tier": "only the instances reach PostgreSQL and Redis, on their ports",
    "reachability.outward": "the data tier opens no connections",
    "reachability.endpoints": "Systems Manager's and S3's traffic stays on the VPC's endpoints",
    "reachability.edges": "every edge is open at both ends and has a way; what listens is reached",
    "reachability.tiers": "the described subnets are there; only the load balancer and NAT gateways are in public ones",
    "reachability.public_address": "only the load balancer and the NAT gateways have public addresses",
    "reachability.forwarding": "each described route is forwarded to its own fleet, and nothing else is",
    "reachability.internal": "the internet reaches no metrics and nothing of Actuator, unless a letter is encoded",
    "reachability.coverage": "whatever concerns the network is read; no way leads to another network",
}
"""Control → what it claims."""


def claims_table(name: str, findings: Iterable[Finding]) -> "Table":
    """Every claim on an environment, proven or refuted by the findings of all guards, to be printed."""
    from rich.markup import escape  # noqa: PLC0415  a synthesis proves without printing
    from rich.table import Table  # noqa: PLC0415  the same

    refuted: dict[str, list[str]] = {}
    for finding in findings:
        if finding.stack == name:
            refuted.setdefault(finding.control, []).append(escape(f"{finding.address} {finding.problem}"))
    shown = Table("claim", "", title=f"{name}: claims on the network", show_header=False, box=None)
    for control, claim in CLAIMS.items():
        problems = refuted.get(control)
        shown.add_row(claim, "[red]refuted[/]: " + "\n".join(problems) if problems else "[green]proven[/]")
    return shown
