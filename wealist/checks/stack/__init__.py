"""Proof of the structure of a stack: backend, providers, meta-arguments, dependencies and files.

cdk.tf.json ─┬─ terraform, check, moved ── blocks       our state, account and provider
  │          ├─ resource, data, module ─── arguments    meta-arguments change nothing that other guards read
  │          └─ references, depends_on ─── dependencies instances start after everything that they need at boot
  └─ *.tf, modules/ beside it ──────────── files        Terraform loads only files that guards read
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.stack import arguments, blocks, dependencies, files


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report problems of the structure, which the other guards do not read."""
    for name, stack in sorted(synthesis.stacks.items()):
        yield from blocks.unexpected(stack, synthesis.accepted, is_environment=name in synthesis.environments)
        yield from arguments.unexpected(stack)
        yield from dependencies.unordered(stack)
        yield from files.modules(stack)
        yield from files.ambiguous(stack)
        yield from files.unexpected(stack, stack.path.parent)
