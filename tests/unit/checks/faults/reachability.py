"""Everything that could make the network reach too much, too little, or more than can be read."""

from typing import Final

from tests.unit.checks.faults import (
    reachability_edges,
    reachability_forwarding,
    reachability_hidden,
    reachability_internal,
)

FAULTS: Final = [
    *reachability_edges.FAULTS,
    *reachability_forwarding.FAULTS,
    *reachability_hidden.FAULTS,
    *reachability_internal.FAULTS,
]
