"""What stands around the resources of a stack: its backend and providers, and what Terraform does with each.

cdk.tf.json ─┬─ terraform, provider ────── settings     the state is ours, and so is the account
             ├─ removed, check, … ──────── sections     nothing is read, made or destroyed beside the resources
             └─ resource, data, module ─ arguments    made once, by our provider, as it is written
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.stack import arguments, sections, settings


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """What the other guards would not see of a stack."""
    for name, stack in sorted(synthesis.stacks.items()):
        yield from settings.strange(stack, is_environment=name in synthesis.environments)
        yield from sections.strange(stack, synthesis.accepted)
        yield from arguments.strange(stack)
