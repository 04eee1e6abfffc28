"""Lists the AWS types of an app, from which the pipeline's rights follow.

constructs of every stack ─┐
HCL of their modules ──────┼─► types ─► rows of types.toml ─► the pipeline's rights
ephemeral resources ───────┘
"""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from constructs import IConstruct

from wealist import library
from wealist.model import types
from wealist.model.hcl import kinds_in
from wealist.model.provider import kind_in
from wealist.toolkit.stack import ReadableStack


@dataclass(frozen=True)
class InUse:
    """Types of an app, and services that it passes roles to.

    Attributes:
        types: Types of resources, `data.` sources and `ephemeral.` resources.
        passed_to: Services that run as a role which a resource names.
    """

    types: frozenset[str]
    passed_to: frozenset[str]


def in_use(root: IConstruct, removed: Collection[str]) -> InUse:
    """Read every construct below a root.

    Args:
        root: The app, once it holds all stacks, or one stack.
        removed: Further types to count: those that have left the code, and that the next apply destroys.
    """
    everything = [(construct, type_of(type(construct))) for construct in root.node.find_all()]
    kinds = {*removed, *(kind for _, kind in everything if kind)}
    for construct, _ in everything:
        if isinstance(construct, ReadableStack):
            kinds |= {kind for folder in construct.modules.values() for kind in kinds_in(folder)}
            kinds |= construct.ephemeral_types
    services = {each for construct, kind in everything if kind for each in _passed_to(construct, kind)}
    return InUse(frozenset(kinds), frozenset(services))


@cache
def type_of(binding: type) -> str | None:
    """Return the Terraform type of a class of the provider's bindings; None for any other class."""
    bindings = f"{library.selected_library().bindings}."
    modules = (sys.modules[base.__module__] for base in binding.__mro__ if base.__module__.startswith(bindings))
    kinds = (kind_in(Path(str(module.__file__))) for module in modules)
    return next((kind for kind in kinds if kind), None)


def _passed_to(construct: IConstruct, kind: str) -> Iterator[str]:
    """Yield the services that a resource passes a role to: always, or by an optional argument that is set."""
    row = types.row(kind)
    for path, role in row.roles.items() if row and not row.by_hand else ():
        argument = path.partition(".")[0]
        if "." in role.to and (role.required or getattr(construct, f"{argument}_input", None) is not None):
            yield role.to
