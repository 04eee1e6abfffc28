"""Refuse to plan or apply a stack on a state that is not its own.

terraform state pull ─► managed resources ─ minus what stack and inventory know ─► none, or a refusal

Terraform destroys what a state holds and the configuration does not. The first plan of a stack on the state of another
system therefore destroys that system.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from wealist.checks import accepted
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError
from wealist.model.stack import holdings, without_index
from wealist.operations.terraform import Terraform, unreadable_state
from wealist.spec.account import SHARED_STACKS

_MOST_SHOWN: Final = 8


def refuse_foreign_state(stack: str, terraform: Terraform) -> None:
    """Refuse a state that holds what neither the stack nor the inventory knows.

    An empty state passes, and so does one that does not exist yet.

    Args:
        stack: The stack's name.
        terraform: Terraform in the stack's folder, initialized.

    Raises:
        OperatorError: the state cannot be read, has no lineage, or holds unknown resources; with exit code 2.
    """
    state = _pull(stack, terraform)
    held = list(resources(state))
    if held and not state.get("lineage"):
        raise OperatorError(
            f"the state of {stack} has no lineage, so Terraform cannot tell it from another state",
            remedy="restore the last version that Terraform wrote (README, Recovery), and run this again",
            exit_code=BAD_INPUT,
        )
    document = json.loads((terraform.workdir / "cdk.tf.json").read_text(encoding="utf-8"))
    if foreign := unknown(held, document, in_inventory(stack)):
        raise OperatorError(
            f"the state of {stack} holds {len(foreign)} resources that neither the stack nor the inventory knows, and "
            f"an apply would destroy them: {_listed(foreign)}",
            remedy="apply nothing. Where another system made them, give this stack a state of its own; where this "
            f"stack did, add a line `{stack} ADDRESS` for each to inventory/removed.txt (README, Recovery)",
            exit_code=BAD_INPUT,
        )


def in_inventory(stack: str) -> Callable[[str], bool]:
    """Return whether an address is or was one of a stack's own, by the committed inventory."""
    return partial(accepted.load(accepted.FOLDER, SHARED_STACKS).knows, stack)


def resources(state: Mapping[str, Any]) -> Iterator[str]:
    """The address of every managed resource in a state of format 4, without the keys of `count` and `for_each`.

    Data sources are left out: an apply destroys nothing with them.
    """
    for resource in state["resources"]:
        if resource["mode"] == "managed" and resource["instances"]:
            module = f"{resource['module']}." if resource.get("module") else ""
            yield without_index(f"{module}{resource['type']}.{resource['name']}")


def unknown(held: Iterable[str], document: Mapping[str, Any], committed: Callable[[str], bool]) -> list[str]:
    """The addresses that a stack does not know; all of a module is known where its call is.

    Args:
        held: Addresses of resources in the state.
        document: The stack's `cdk.tf.json`.
        committed: Whether the inventory knows an address.
    """
    own = holdings(document).keys() | set(_left(document))
    return [address for address in held if not any(part in own or committed(part) for part in _with_modules(address))]


def _pull(stack: str, terraform: Terraform) -> dict[str, Any]:
    try:
        return terraform.state()
    except ToolFailedError:
        raise unreadable_state(stack) from None


def _left(document: Mapping[str, Any]) -> Iterator[str]:
    """What blocks name that take an address out of the state: `moved` and `removed`."""
    for section in ("moved", "removed"):
        blocks = document.get(section, [])
        for block in blocks if isinstance(blocks, list) else [blocks]:
            yield without_index(str(block.get("from")))


def _with_modules(address: str) -> Iterator[str]:
    """An address and the modules that it lies in: `module.a.aws_vpc.b` → `module.a`, `module.a.aws_vpc.b`."""
    words = address.split(".")
    yield from (".".join(words[:end]) for end in range(2, len(words) + 1, 2))


def _listed(addresses: Iterable[str]) -> str:
    """What is unknown in one line, the resources of a module counted."""
    found = Counter(".".join(address.split(".")[:-2]) or address for address in addresses)
    listed = [f"{each} ({number})" if each.startswith("module.") else each for each, number in sorted(found.items())]
    more = [f"and {len(listed) - _MOST_SHOWN} more"] if len(listed) > _MOST_SHOWN else []
    return ", ".join([*listed[:_MOST_SHOWN], *more])
