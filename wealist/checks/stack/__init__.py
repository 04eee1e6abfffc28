"""What stands around the resources of a stack: its backend and providers, and what Terraform does with each.

cdk.tf.json ─┬─ terraform, moved, … ────── blocks       the state and the account are ours, and nothing else is done
  │          ├─ check ──────────────────── watched      every plan compares the rules of all security groups
  │          ├─ resource, data, module ─── arguments    made once, by our provider, as it is written
  │          └─ references, depends_on ─── dependencies instances start after everything that they need at boot
  └─ *.tf, modules/ beside it ──────────── files        Terraform loads nothing that no guard reads
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.stack import arguments, blocks, dependencies, files, watched


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Return what is wrong around the resources of a stack, which the other guards do not see."""
    for name, stack in sorted(synthesis.stacks.items()):
        yield from blocks.unexpected(stack, synthesis.accepted, is_environment=name in synthesis.environments)
        yield from arguments.unexpected(stack)
        yield from watched.unwatched(stack)
        yield from dependencies.unordered(stack)
        yield from files.modules(stack)
        yield from files.ambiguous(stack)
        yield from files.unexpected(stack, stack.path.parent)
