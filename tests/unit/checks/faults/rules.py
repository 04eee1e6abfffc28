"""Everything that the rules demand, softened: each rule must find its own faults."""

from typing import Final

from tests.unit.checks.faults.rules_compute import COMPUTE
from tests.unit.checks.faults.rules_data import DATA
from tests.unit.checks.faults.rules_edge import EDGE
from tests.unit.checks.faults.rules_identity import IDENTITY
from tests.unit.checks.faults.rules_network import NETWORK
from tests.unit.checks.faults.rules_values import VALUES

FAULTS: Final = [*NETWORK, *COMPUTE, *DATA, *EDGE, *IDENTITY, *VALUES]
