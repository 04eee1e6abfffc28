"""Everything that the hardening table asks for, softened: each rule must notice its own."""

from typing import Final

from tests.unit.checks.faults.hardening_compute import COMPUTE
from tests.unit.checks.faults.hardening_data import DATA
from tests.unit.checks.faults.hardening_edge import EDGE
from tests.unit.checks.faults.hardening_identity import IDENTITY
from tests.unit.checks.faults.hardening_network import NETWORK

FAULTS: Final = [*NETWORK, *COMPUTE, *DATA, *EDGE, *IDENTITY]
