"""`python -m wealist ledger`: what was synthesized becomes what is committed."""

from wealist import project
from wealist.model.stack import read
from wealist.operations.ledger import begin, committed, differences, taken, write
from wealist.spec.environments import names


def rewrite() -> list[str]:
    """Synthesizes, and rewrites the ledger.

    Returns:
        What changed, one line for each address.

    Raises:
        OperatorError: something stateful would leave it without an acknowledgement; nothing is written.
        ToolFailedError: the synthesis failed.
    """
    begin(names())
    project.synthesize()
    paths = (project.stack_folder(name) / "cdk.tf.json" for name in project.stack_names())
    now = {stack.name: taken(stack.document) for stack in map(read, paths)}
    before = committed()
    write(before, now)
    return differences(before, now)
