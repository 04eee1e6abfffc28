"""What an audit is about, at Terraform's addresses: the audit knows ARNs only.

state of each stack ─ the ARN of each resource ─► stack, address
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

UNMANAGED: Final = "unmanaged"
"""Stands for the stack of what no stack holds: the account itself, what AWS made, the instances of a group."""
_ANY_STREAM: Final = ":*"
"""The end of a log group's ARN, which some write and some do not."""


@dataclass(frozen=True)
class Addresses:
    """The places of what the stacks hold.

    Attributes:
        places: ARN → the name of the stack, and Terraform's address.
    """

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, arn: str) -> tuple[str, str]:
        """Return the stack and the address of an ARN; `UNMANAGED` and the ARN itself where no stack holds it."""
        return self.places.get(arn.removesuffix(_ANY_STREAM), (UNMANAGED, arn))


def addresses(states: Mapping[str, Mapping[str, Any]]) -> Addresses:
    """Index states.

    Args:
        states: Of each stack, as `terraform state pull` prints it.
    """
    return Addresses({arn: (stack, address) for stack, state in states.items() for arn, address in _arns(state)})


def _arns(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for resource in state["resources"]:
        if resource["mode"] == "managed":
            module = f"{resource['module']}." if resource.get("module") else ""
            for instance in resource["instances"]:
                if arn := instance["attributes"].get("arn"):
                    yield arn.removesuffix(_ANY_STREAM), f"{module}{resource['type']}.{resource['name']}"
