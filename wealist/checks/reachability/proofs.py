"""The claims in words, and for people: each proven, or refuted by its findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wealist.checks.finding import Finding

if TYPE_CHECKING:
    from rich.table import Table

CLAIMS: Final[Mapping[str, str]] = {
    "reachability.internet": "the internet reaches the load balancer alone, on 80 and 443",
    "reachability.load_balancer": "the load balancer reaches the instances alone, on the ports of its routes",
    "reachability.data_tier": "the instances alone reach PostgreSQL and Redis, on their ports",
    "reachability.outward": "the data tier opens nothing outward",
    "reachability.endpoints": "Systems Manager's and S3's traffic stays on the VPC's endpoints",
    "reachability.edges": "every edge of section 8 exists, and no other",
    "reachability.tiers": "subnets are the described ones; instances, stores and endpoints are in private ones",
    "reachability.public_address": "the load balancer and the NAT gateways alone have public addresses",
    "reachability.forwarding": "HTTPS alone is forwarded, each described route to its own fleet, and nothing else",
    "reachability.internal": "the internet reaches no metrics and nothing of Actuator, unless a letter is encoded",
    "reachability.understood": "whatever carries network meaning is read",
}
"""Control → what it claims."""


@dataclass(frozen=True)
class Proof:
    """One claim on one environment.

    Attributes:
        control: Its id.
        claim: What it says.
        refuted_by: The findings that refute it; none is a proof.
    """

    control: str
    claim: str
    refuted_by: tuple[Finding, ...]


def proofs(found: Iterable[Finding], name: str) -> list[Proof]:
    """Every claim on an environment, by what was found.

    Args:
        found: Everything that was found.
        name: The environment's.
    """
    here = [finding for finding in found if finding.stack == name]
    return [
        Proof(control, claim, tuple(finding for finding in here if finding.control == control))
        for control, claim in CLAIMS.items()
    ]


def proof_table(name: str, proven: Iterable[Proof]) -> "Table":
    """The claims, to be printed."""
    from rich.markup import escape  # noqa: PLC0415  a synthesis proves without printing
    from rich.table import Table  # noqa: PLC0415  the same

    shown = Table("claim", "", title=f"{name}: claims on the network", show_header=False, box=None)
    for proof in proven:
        ways = "\n".join(f"{finding.address} {finding.problem}" for finding in proof.refuted_by)
        verdict = f"[red]refuted[/]: {escape(ways)}" if proof.refuted_by else "[green]proven[/]"
        shown.add_row(proof.claim, verdict)
    return shown
