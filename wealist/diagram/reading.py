"""What is drawn of a stack or of one side of a plan: resources, what they refer to, and what the proofs say of them.

cdk.tf.json ─ of_stack ─┐
plan's side ─ Reading ──┴─► resources, references, owners ─► wealist/diagram/pictures
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from wealist.checks.iam.documents import Documents
from wealist.checks.iam.documents import read as read_documents
from wealist.checks.iam.tables import rights_of
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.diagram.drawing import Fact
from wealist.model.stack import PLACE, Resource, StackJson, strings_in
from wealist.model.values import values_at
from wealist.spec.environment import Environment

KINDS: Final = Path(__file__).with_name("kinds.toml")
_REFERENCE: Final = re.compile(rf"\$\{{({PLACE})\b")
References = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Address → argument → the addresses that it refers to."""


@cache
def kinds() -> Mapping[str, Mapping[str, Any]]:
    """The rows of kinds.toml, by type."""
    return tomllib.loads(KINDS.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Reading:
    """What is drawn.

    Attributes:
        name: The stack's.
        resources: By address; values that only AWS knows, and what is masked, are left out.
        references: What each resource refers to.
        reach: Address → who reaches it, and whom it reaches; empty without a proof.
        rights: Address of a role → what it may do.
        documents: The policies; None of a plan.
        modules: Module calls, by address.
    """

    name: str
    resources: Mapping[str, Resource]
    references: References
    reach: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    documents: Documents | None = None
    modules: Mapping[str, Resource] = field(default_factory=dict)

    def all(self, *types: str) -> list[Resource]:
        """Every resource of the types, by address."""
        found = [each for kind in types for each in self._by_type.get(kind, ())]
        return found if len(types) == 1 else sorted(found, key=lambda each: each.address)

    def targets(self, address: str, *types: str, argument: str = "") -> list[str]:
        """The addresses that a resource, or one of its arguments, refers to; of some types, where any are given."""
        held = self.references.get(address, {})
        found = held.get(argument, ()) if argument else (each for several in held.values() for each in several)
        return list(dict.fromkeys(each for each in found if not types or self._type(each) in types))

    def referrers(self, address: str, *types: str) -> list[str]:
        """The addresses of the resources that refer to one."""
        return [each for each in self._referrers.get(address, ()) if not types or self._type(each) in types]

    def label(self, address: str) -> str:
        """The name of a resource; its address where it has none that is literal."""
        resource = self.resources[address]
        named = (each for path in kinds().get(resource.type, {}).get("name", ()) for each in at(resource, path))
        tagged = at(resource, "tags.Name")
        texts = (str(each) for each in (*named, *tagged) if isinstance(each, str) and "${" not in each)
        text = next(texts, address.partition(".")[2])
        return text.rpartition(".")[2] if resource.type == "aws_vpc_endpoint" else text

    def facts(self, address: str) -> tuple[Fact, ...]:
        """What a node shows of a resource, and of what it refers to and has no node of its own."""
        return tuple(self._facts(address, frozenset()))

    def rights_of(self, address: str) -> tuple[str, ...]:
        """What a role may do, or whoever runs as one: instances by the profile of their template."""
        if self._type(address) == "aws_iam_role":
            return self.rights.get(address, ())
        return tuple(line for role in self.roles_of(address) for line in self.rights.get(role, ()))

    def roles_of(self, address: str) -> tuple[str, ...]:
        """The roles that a resource runs as."""
        return tuple(dict.fromkeys(self._roles(address, frozenset())))

    @cached_property
    def owned(self) -> Mapping[str, tuple[str, ...]]:
        """Address that is drawn → the addresses without a node of their own that say something of it."""
        owned: dict[str, list[str]] = {}
        for address in sorted(self.resources):
            for owner in self._owners(address, frozenset()):
                owned.setdefault(owner, []).append(address)
        return {owner: tuple(held) for owner, held in owned.items()}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        held: dict[str, list[Resource]] = {}
        for _, resource in sorted(self.resources.items()):
            held.setdefault(resource.type, []).append(resource)
        return held

    @cached_property
    def _referrers(self) -> Mapping[str, list[str]]:
        referrers: dict[str, list[str]] = {}
        for address, arguments in sorted(self.references.items()):
            for target in dict.fromkeys(each for several in arguments.values() for each in several):
                referrers.setdefault(target, []).append(address)
        return referrers

    def _roles(self, address: str, seen: frozenset[str]) -> Iterator[str]:
        for target in self.targets(address):
            if self._type(target) == "aws_iam_role":
                yield target
            elif target not in seen and kinds().get(self._type(target), {}).get("about") == "referrer":
                yield from self._roles(target, seen | {address})

    def _type(self, address: str) -> str:
        return self.resources[address].type if address in self.resources else ""

    def _facts(self, address: str, seen: frozenset[str]) -> Iterator[Fact]:
        resource = self.resources[address]
        for heading, path in kinds().get(resource.type, {}).get("facts", {}).items():
            yield from ((heading, _text(each)) for each in at(resource, path) if _is_literal(each))
        for target in self.targets(address):
            if target not in seen and kinds().get(self._type(target), {}).get("about") == "referrer":
                yield from self._facts(target, seen | {address})

    def _owners(self, address: str, seen: frozenset[str]) -> list[str]:
        """The drawn resources that one without a node says something of."""
        known = kinds().get(self._type(address), {})
        if "kind" in known or address in seen:
            return []
        near = self.referrers(address) if known.get("about") == "referrer" else self.targets(address)
        drawn = [each for each in near if "kind" in kinds().get(self._type(each), {})]
        seen = seen | {address}
        return drawn or list(dict.fromkeys(owner for each in near for owner in self._owners(each, seen)))


def of_stack(stack: StackJson, environment: Environment | None = None) -> Reading:
    """Read a stack.

    Args:
        stack: The stack.
        environment: Its description, which the proof of its network asks for; None where it is no environment.
    """
    topology = read_topology(stack, environment) if environment else ()
    return Reading(
        name=stack.name,
        resources=stack.resources,
        references={address: references(each.values) for address, each in stack.resources.items()},
        reach=_reach(Connections(topology)) if isinstance(topology, Topology) else {},
        rights=_rights(stack),
        documents=read_documents(stack),
        modules=stack.modules,
    )


def references(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Argument → the addresses that it refers to. `depends_on` orders, and says nothing of what belongs together."""
    found = {
        argument: tuple(dict.fromkeys(each for text in strings_in(value) for each in _REFERENCE.findall(text)))
        for argument, value in values.items()
        if argument not in {"//", "depends_on"}
    }
    return {argument: addresses for argument, addresses in found.items() if addresses}


def at(resource: Resource, path: str) -> list[Any]:
    """Every value at a path, of lists each; none where something else stands in its way."""
    try:
        found = values_at(resource.values, path)
    except ValueError:
        return []
    return [each for value in found for each in (value if isinstance(value, list) else [value])]


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
    for effect, _, role, actions, resources, condition, why in rights_of(stack):
        if role in addresses:
            under = f" if {condition}" if condition else ""
            reason = f": {why}" if why else ""
            rights.setdefault(addresses[role], []).append(f"{effect} {actions} on {resources}{under}{reason}")
    return {address: tuple(lines) for address, lines in rights.items()}
