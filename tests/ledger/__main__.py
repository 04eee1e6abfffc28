"""`python -m tests.ledger`: rewrites the ledger, and says what changed."""

import sys

from tests.ledger import addresses, committed, differences, write
from tests.synthesized import stacks

found = {name: addresses(stack.document) for name, stack in stacks().items()}
sys.stdout.writelines(f"{line}\n" for line in differences(committed(), found))
write(found)
