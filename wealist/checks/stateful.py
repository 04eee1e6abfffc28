"""Proof that stateful resources are protected, and leave the code only with a release.

stateful resource ─┬─ prevent_destroy      Terraform rejects its destruction
                   ├─ deletion protection  AWS rejects its destruction, or keeps a backup
                   └─ inventory            it leaves only with an entry of inventory/released.toml
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.accepted import (
    HOW_TO_RELEASE,
    STATEFUL_MODULES,
    Accepted,
    is_protected,
    is_stateful_module,
    stateful,
)
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules.rule import describe_value
from wealist.model import types
from wealist.model.stack import Resource, StackJson
from wealist.model.type_row import Type

PREVENT_DESTROY: Final = "stateful.prevent_destroy"
DELETION_PROTECTION: Final = "stateful.deletion_protection"
REMOVED: Final = "stateful.removed"
RELEASE: Final = "stateful.release"

_RELEASE_IT: Final = f"bring it back, or {HOW_TO_RELEASE}"


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report stateful resources that are not protected, or were removed without a release."""
    for name, stack in sorted(synthesis.stacks.items()):
        environment = synthesis.environments.get(name)
        if environment is None or not environment.may_be_destroyed:
            yield from _unprotected(stack, synthesis.accepted)
        yield from _unneeded_releases(stack, synthesis.accepted)
    for name in sorted(synthesis.accepted.holdings):
        environment = synthesis.environments.get(name)
        whole_stack = name not in synthesis.stacks or (environment is not None and environment.may_be_destroyed)
        yield from _removed(name, synthesis.stacks.get(name), synthesis.accepted, whole_stack=whole_stack)


def _unprotected(stack: StackJson, accepted: Accepted) -> Iterator[Finding]:
    for address, resource in stack.resources.items():
        row = types.row(resource.type)
        data = row.data_of(resource.values) if row else None  # `types.row` reports a type without a row
        if row is None or data is None or accepted.is_released(stack.name, address):
            continue
        if not is_protected(resource.values):
            problem = f"it {data}, and has no lifecycle.prevent_destroy"
            yield Finding(stack.name, address, PREVENT_DESTROY, problem, "set lifecycle.prevent_destroy to true")
        yield from _without_protection(stack.name, resource, row)


def _without_protection(stack: str, resource: Resource, row: Type) -> Iterator[Finding]:
    for protection in row.protect:
        value = resource.get(protection.path)
        if not protection.is_met(value):
            problem = describe_value(protection.path, value)
            yield Finding(stack, resource.address, DELETION_PROTECTION, problem, protection.advice)


def _removed(name: str, stack: StackJson | None, accepted: Accepted, *, whole_stack: bool) -> Iterator[Finding]:
    for address in sorted(stateful(accepted.holdings[name])):
        if accepted.is_released(name, address, whole_stack=whole_stack):
            continue
        kind = address.partition(".")[0]
        resource = None if stack is None else stack.resources.get(address) or stack.modules.get(address)
        if resource is None:
            yield Finding(name, address, REMOVED, f"it {_data_of(kind)}, and is no longer in the code", _RELEASE_IT)
        elif kind == "module" and not is_stateful_module(resource.values):
            modules = ", ".join(sorted(STATEFUL_MODULES))
            problem = f"it calls {resource.get('source')!r}, which is not a stateful module ({modules})"
            yield Finding(name, address, REMOVED, problem, _RELEASE_IT)
        elif kind != "module" and not is_protected(resource.values):
            problem = f"it {_data_of(kind)}, and may be destroyed from now on"
            yield Finding(name, address, REMOVED, problem, _RELEASE_IT)


def _data_of(kind: str) -> str:
    """Return the data of a removed resource, of which only the type is known."""
    row = types.row(kind)
    return (row.data if row else None) or "is stateful"


def _unneeded_releases(stack: StackJson, accepted: Accepted) -> Iterator[Finding]:
    for address in sorted(stateful(accepted.holdings.get(stack.name, {}))):
        released = accepted.is_released(stack.name, address, whole_stack=True)
        if released and address in stack.resources and is_protected(stack.resources[address].values):
            problem = "it is released, although it is there and protected"
            yield Finding(stack.name, address, RELEASE, problem, "delete its entry of inventory/released.toml")
