"""The resources of a stack, or of one side of a plan: their references, reachability and IAM rights.

cdk.tf.json ─ read_stack ─┐
one side of a plan ───────┴─► ResourceGraph ─► drawings
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from wealist.checks.iam.documents import Documents, read_documents
from wealist.checks.iam.tables import rights_rows
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.diagram.drawing import Fact
from wealist.model.stack import PLACE, Resource, StackJson, strings_in
from wealist.model.values import values_at
from wealist.spec.environment import Environment

_KINDS: Final = Path(__file__).with_name("kinds.toml")
_REFERENCE: Final = re.compile(rf"\$\{{({PLACE})\b")
References = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Address → argument → the addresses that it refers to."""


@cache
def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of kinds.toml by AWS type."""
    return tomllib.loads(_KINDS.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class ResourceGraph:
    """Resources and the references between them.

    Attributes:
        name: The name of the stack.
        resources: Address → resource. Values that are masked or known only after an apply are left out.
        references: The references of each resource.
        reach: Address → the connections that it can accept and open. Empty if reachability is not proven.
        rights: Address of a role → its rights.
        documents: The IAM policies. None for a plan.
        modules: Address → module call.
    """

    name: str
    resources: Mapping[str, Resource]
    references: References
    reach: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    documents: Documents | None = None
    modules: Mapping[str, Resource] = field(default_factory=dict)

    def all(self, *types: str) -> list[Resource]:
        """Return the resources of some types, sorted by address."""
        found = [each for type_ in types for each in self._by_type.get(type_, ())]
        return found if len(types) == 1 else sorted(found, key=lambda each: each.address)

    def type_of(self, address: str) -> str:
        """Return the type of a resource, or nothing if the address is unknown."""
        return self.resources[address].type if address in self.resources else ""

    def targets(self, address: str, *types: str, argument: str = "") -> list[str]:
        """Return the addresses that a resource refers to.

        Args:
            address: The resource.
            types: Return only addresses of these types. Defaults to all types.
            argument: Follow only this argument. Defaults to all arguments.
        """
        references = self.references.get(address, {})
        found = references.get(argument, ()) if argument else _flat(references.values())
        return list(dict.fromkeys(each for each in found if not types or self.type_of(each) in types))

    def referrers(self, address: str, *types: str) -> list[str]:
        """Return the addresses of the resources that refer to a resource, of all types or of the given ones."""
        return [each for each in self._referrers.get(address, ()) if not types or self.type_of(each) in types]

    def label(self, address: str) -> str:
        """Return the name of a resource, or the name in its address if no argument holds a literal name."""
        resource = self.resources[address]
        paths = (*kinds().get(resource.type, {}).get("name", ()), "tags.Name")
        names = (each for path in paths for each in at(resource, path) if isinstance(each, str) and "${" not in each)
        name = next(names, address.partition(".")[2])
        return name.rpartition(".")[2] if resource.type == "aws_vpc_endpoint" else name

    def facts(self, address: str) -> tuple[Fact, ...]:
        """Return the facts about a resource, and about the resources it refers to that have no node of their own."""
        return tuple(self._facts(address, frozenset()))

    def rights_of(self, address: str) -> tuple[str, ...]:
        """Return the rights of a role, or of the roles that a resource runs as."""
        roles = [address] if self.type_of(address) == "aws_iam_role" else self.roles_of(address)
        return tuple(line for role in roles for line in self.rights.get(role, ()))

    def roles_of(self, address: str) -> tuple[str, ...]:
        """Return the roles that a resource runs as: instances by the profile in their launch template."""
        return tuple(dict.fromkeys(self._roles(address, frozenset())))

    @cached_property
    def owned(self) -> Mapping[str, tuple[str, ...]]:
        """Address of a drawn resource → the resources without a node of their own that belong to it."""
        owned: dict[str, list[str]] = {}
        for address in sorted(self.resources):
            for owner in self._owners(address, frozenset()):
                owned.setdefault(owner, []).append(address)
        return {owner: tuple(addresses) for owner, addresses in owned.items()}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for _, resource in sorted(self.resources.items()):
            by_type.setdefault(resource.type, []).append(resource)
        return by_type

    @cached_property
    def _referrers(self) -> Mapping[str, list[str]]:
        referrers: dict[str, list[str]] = {}
        for address, arguments in sorted(self.references.items()):
            for target in dict.fromkeys(_flat(arguments.values())):
                referrers.setdefault(target, []).append(address)
        return referrers

    def _describes_referrer(self, address: str) -> bool:
        return kinds().get(self.type_of(address), {}).get("about") == "referrer"

    def _roles(self, address: str, seen: frozenset[str]) -> Iterator[str]:
        for target in self.targets(address):
            if self.type_of(target) == "aws_iam_role":
                yield target
            elif target not in seen and self._describes_referrer(target):
                yield from self._roles(target, seen | {address})

    def _facts(self, address: str, seen: frozenset[str]) -> Iterator[Fact]:
        resource = self.resources[address]
        for heading, path in kinds().get(resource.type, {}).get("facts", {}).items():
            yield from ((heading, _text(each)) for each in at(resource, path) if _is_literal(each))
        for target in self.targets(address):
            if target not in seen and self._describes_referrer(target):
                yield from self._facts(target, seen | {address})

    def _owners(self, address: str, seen: frozenset[str]) -> list[str]:
        """Return the nearest drawn resources that a resource without a node belongs to."""
        if address in seen or "kind" in kinds().get(self.type_of(address), {}):
            return []
        near = self.referrers(address) if self._describes_referrer(address) else self.targets(address)
        drawn = [each for each in near if "kind" in kinds().get(self.type_of(each), {})]
        return drawn or list(dict.fromkeys(_flat(self._owners(each, seen | {address}) for each in near)))


def read_stack(stack: StackJson, environment: Environment | None = None) -> ResourceGraph:
    """Read a synthesized stack.

    Args:
        stack: The stack.
        environment: The description of the stack's environment, with which reachability is proven.
    """
    topology = read_topology(stack, environment) if environment else ()
    return ResourceGraph(
        name=stack.name,
        resources=stack.resources,
        references={address: _references(each.values) for address, each in stack.resources.items()},
        reach=_reach(Connections(topology)) if isinstance(topology, Topology) else {},
        rights=_rights(stack),
        documents=read_documents(stack),
        modules=stack.modules,
    )


def at(resource: Resource, path: str) -> list[Any]:
    """Return every value at a path, list items separately. Returns nothing if the path does not fit the values."""
    try:
        found = values_at(resource.values, path)
    except ValueError:
        return []
    return _flat(value if isinstance(value, list) else [value] for value in found)


def _references(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Find the references in each argument. `depends_on` is ignored: it orders resources and does not relate them."""
    found = {
        argument: tuple(dict.fromkeys(_flat(_REFERENCE.findall(text) for text in strings_in(value))))
        for argument, value in values.items()
        if argument not in {"//", "depends_on"}
    }
    return {argument: addresses for argument, addresses in found.items() if addresses}


def _flat(lists: Iterable[Iterable[Any]]) -> list[Any]:
    return [each for one in lists for each in one]


def _is_literal(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and "${" not in value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reach(connections: Connections) -> dict[str, tuple[str, ...]]:
    reach: dict[str, list[str]] = {}
    for each in connections.all:
        reach.setdefault(each.source.address, []).append(f"→ {each.target.label} {each.ports}")
        reach.setdefault(each.target.address, []).append(f"← {each.source.label} {each.ports}")
    return {address: tuple(dict.fromkeys(lines)) for address, lines in reach.items()}


def _rights(stack: StackJson) -> dict[str, tuple[str, ...]]:
    addresses = {str(role.get("name")): role.address for role in stack.all("aws_iam_role")}
    rights: dict[str, list[str]] = {}
    for effect, _, role, actions, resources, condition, why in rights_rows(stack):
        if role in addresses:
            limit = f" if {condition}" if condition else ""
            reason = f": {why}" if why else ""
            rights.setdefault(addresses[role], []).append(f"{effect} {actions} on {resources}{limit}{reason}")
    return {address: tuple(lines) for address, lines in rights.items()}
