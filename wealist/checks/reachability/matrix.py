"""Who can open which connection to whom, as a table: sources down, targets across, ports in the cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part
from wealist.checks.reachability.paths import INTERNET
from wealist.checks.reachability.rules import Ports

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Matrix:
    """What one environment's network lets through.

    Attributes:
        name: The environment's.
        sources: Who opens connections.
        targets: Who accepts them.
        ports: (source, target) → the ports, in order; pairs without a connection are left out.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ports: Mapping[tuple[str, str], tuple[Ports, ...]]


def matrix_of(connections: Connections) -> Matrix:
    """The matrix of one VPC. Parts that nothing tells apart share a row and a column."""
    bundles: dict[tuple[Party, tuple[object, ...]], list[Part]] = {}
    for part in (INTERNET, connections.topology.rest, *connections.topology.parts):
        alike = (part.subnets, part.groups, part.public) if part.party is Party.ENDPOINTS else (part.address,)
        bundles.setdefault((part.party, alike), []).append(part)
    labels = {part.address: _label(parts) for parts in bundles.values() for part in parts}
    ports: dict[tuple[str, str], set[Ports]] = {}
    for each in connections.all:
        ports.setdefault((labels[each.source.address], labels[each.target.address]), set()).add(each.ports)
    parties = {labels[part.address]: party for (party, _), parts in bundles.items() for part in parts}
    return Matrix(
        connections.topology.stack.name,
        sources=tuple(label for label, party in parties.items() if party is not Party.S3),
        targets=(
            *(label for label, party in parties.items() if party not in {Party.INTERNET, Party.VPC}),
            labels[INTERNET.address],
        ),
        ports={ends: tuple(sorted(found)) for ends, found in ports.items()},
    )


def table(matrix: Matrix) -> "Table":
    """A matrix, to be printed."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  a synthesis proves without printing
    from rich.table import Table  # noqa: PLC0415  the same

    shown = Table(title=f"{matrix.name}: who can open connections to whom", box=SIMPLE_HEAD, padding=0, show_edge=False)
    # Words are never cut, as far as 80 columns go.
    shown.add_column("from ↓ to →", min_width=max(len(word) for source in matrix.sources for word in source.split()))
    for target in matrix.targets:
        shown.add_column(target, min_width=max(map(len, target.split())))
    for source in matrix.sources:
        cells = [_cell(matrix.ports.get((source, target), ())) for target in matrix.targets]
        shown.add_row(source, *cells)
    return shown


def _label(parts: list[Part]) -> str:
    """`3 endpoints` of several that are alike."""
    return parts[0].label if len(parts) == 1 else f"{len(parts)} endpoints"


def _cell(ports: tuple[Ports, ...]) -> str:
    """TCP, which nearly all is, goes without saying."""
    return " ".join(str(each).removeprefix("tcp ") for each in ports) or "-"
