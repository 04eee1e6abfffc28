"""Refuse to plan or apply a stack with a state that holds resources of another stack or system.

terraform state pull ─► managed resources ─ without those in the stack or inventory ─► none, or an error

Terraform destroys resources that are in the state and not in the configuration. The first plan of a stack with the
state of another system would therefore destroy that system.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.checks import accepted
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError
from wealist.model.stack import holdings, without_index
from wealist.operations.terraform import Terraform, unreadable_state
from wealist.spec.account import SHARED_STACKS

_MOST_SHOWN: Final = 8


def refuse_foreign_state(stack: str, terraform: Terraform) -> None:
    """Refuse a state with resources that are in neither the stack nor the inventory.

    An empty state and a missing one are accepted.

    Args:
        stack: The stack.
        terraform: Terraform in the stack's folder, initialized.

    Raises:
        OperatorError: The state is not readable, has no lineage, or holds unknown resources; exit code 2.
    """
    try:
        state = terraform.state()
    except ToolFailedError:
        raise unreadable_state(stack) from None
    held = list(managed_resources(state))
    if held and not state.get("lineage"):
        raise OperatorError(
            f"the state of {stack} has no lineage, so Terraform cannot distinguish it from another state",
            remedy="restore the last version that Terraform wrote (README, Recovery), and run this again",
            exit_code=BAD_INPUT,
        )
    document = json.loads((terraform.workdir / "cdk.tf.json").read_text(encoding="utf-8"))
    if foreign := unknown_addresses(stack, held, document):
        raise OperatorError(
            f"the state of {stack} holds {len(foreign)} resources that are in neither the stack nor the inventory, and "
            f"an apply would destroy them: {_summary(foreign)}",
            remedy="do not apply. If another system created them, give this stack its own state; if this stack did, "
            f"add a line `{stack} ADDRESS` for each to inventory/removed.txt (README, Recovery)",
            exit_code=BAD_INPUT,
        )


def managed_resources(state: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over the addresses of the managed resources in a state of format 4, without instance keys."""
    for resource in state["resources"]:
        if resource["mode"] == "managed" and resource["instances"]:
            module = f"{resource['module']}." if resource.get("module") else ""
            yield without_index(f"{module}{resource['type']}.{resource['name']}")


def unknown_addresses(stack: str, held: Iterable[str], document: Mapping[str, Any]) -> list[str]:
    """Return the addresses that neither a stack nor its committed inventory has.

    A module in the stack covers all resources in the module. The inventory is read only if the stack lacks an address.

    Args:
        stack: The stack.
        held: The addresses in the state.
        document: The stack's `cdk.tf.json`.
    """
    own = holdings(document).keys() | set(_moved_or_removed(document))
    unknown = [address for address in held if own.isdisjoint(_with_modules(address))]
    if not unknown:
        return []
    knows = accepted.load(accepted.FOLDER, SHARED_STACKS).knows
    return [address for address in unknown if not any(knows(stack, part) for part in _with_modules(address))]


def _moved_or_removed(document: Mapping[str, Any]) -> Iterator[str]:
    """Iterate over the addresses in `from` of the blocks `moved` and `removed`."""
    for section in ("moved", "removed"):
        blocks = document.get(section, [])
        for block in blocks if isinstance(blocks, list) else [blocks]:
            yield without_index(str(block.get("from")))


def _with_modules(address: str) -> Iterator[str]:
    """Iterate over an address and its modules: `module.a.aws_vpc.b` → `module.a`, `module.a.aws_vpc.b`."""
    words = address.split(".")
    yield from (".".join(words[:end]) for end in range(2, len(words) + 1, 2))


def _summary(addresses: Iterable[str]) -> str:
    """Return addresses as one line: the resources of a module as a count, and at most `_MOST_SHOWN` entries."""
    found = Counter(".".join(address.split(".")[:-2]) or address for address in addresses)
    listed = [f"{each} ({number})" if each.startswith("module.") else each for each, number in sorted(found.items())]
    more = [f"and {len(listed) - _MOST_SHOWN} more"] if len(listed) > _MOST_SHOWN else []
    return ", ".join([*listed[:_MOST_SHOWN], *more])
