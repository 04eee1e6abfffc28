"""Find objects that a killed apply created but did not record, before the next apply creates them again.

plan.json ─┬─ resources to create, by type and name ┐
           └─ types and ids in the state ───────────┤
AWS ─ objects with that name, tag or VPC ───────────┴─► import blocks

Terraform writes its state at most every 20 seconds, so that a killed apply loses its latest objects. AWS creates some
of them a second time without an error, and rejects others because their name is taken. Types whose row says `form` are
not looked up: creating them again changes nothing, or Terraform's error names the existing object.

An object of EC2 belongs to an environment by its tag `Environment`; without that tag, by its VPC, or by an id that a
resource in the state still refers to. An object with the tag of another environment is never adopted.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wealist.errors import OperatorError, from_os_error
from wealist.files import write_atomically
from wealist.model.plan import PlanDocument, StateResource, read
from wealist.operations.aws import Clients, clients
from wealist.operations.lookup import BY_TAG, CONNECTING_TYPES, Value, find_objects, lookup_of, network_objects
from wealist.review.configuration import arguments, block, environment_of


class PlannedResources:
    """The resources of a plan, and the references between them.

    Attributes:
        environment: The environment, from the provider's default tags.
        created: Resources to create: address → type and known arguments.
        held: Resources in the state: the same. Deposed objects have an address of their own.
    """

    def __init__(self, plan: PlanDocument) -> None:
        self.environment = environment_of(plan)
        created = (each for each in plan.resource_changes if each.change.actions == ["create"])
        self.created = {each.address: (each.type, each.change.after) for each in created}
        self.held = {_state_address(each): (each.type, each.values) for each in plan.held}
        self._references = dict(_references(plan))

    def value(self, address: str, argument: str, ids: Mapping[str, str]) -> Any:  # noqa: ANN401 -- JSON
        """Return the value that an argument will have, or None if it is absent or unknown.

        Args:
            address: A resource to create.
            argument: The argument.
            ids: Address → id of objects already found. The plan does not know them.
        """
        planned = self.created[address][1].get(argument)
        target, attribute = self._references.get((address, argument), ("", ""))
        if planned is not None or not target:
            return planned
        _, known = self.held.get(target) or self.created.get(target) or ("", {})
        value = known.get(attribute)
        return ids.get(target) if value is None and attribute == "id" else value

    def ids_by_reference(self) -> Iterator[tuple[str, str]]:
        """Iterate over addresses to create whose id a resource in the state still refers to: address, id."""
        for (address, argument), (target, attribute) in self._references.items():
            _, held = self.held.get(address, ("", {}))
            if attribute == "id" and target in self.created and isinstance(held.get(argument), str):
                yield target, held[argument]

    def vpcs(self) -> set[str]:
        """Return the VPCs in the state, and those that contain resources in the state."""
        ids = {values.get("id") for kind, values in self.held.values() if kind == "aws_vpc"}
        ids |= {values.get("vpc_id") for _, values in self.held.values()}
        return {id_ for id_ in ids if isinstance(id_, str)}


def _state_address(held: StateResource) -> str:
    return f"{held.address} (deposed {held.deposed})" if held.deposed else held.address


def _references(plan: PlanDocument) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Iterate over arguments that consist of one reference: (address, argument), (referred address, attribute).

    Terraform lists the attribute, then the resource: `["aws_vpc.main.id", "aws_vpc.main"]`.
    """
    for address, named in arguments(block(plan.configuration.get("root_module"))):
        for argument, references in named.items():
            target, _, attribute = references[0].rpartition(".") if references else ("", "", "")
            if references[1:] == (target,):
                yield (address, argument), (target, attribute)


@dataclass(frozen=True, order=True)
class Orphan:
    """An object in AWS that a plan would create again.

    Attributes:
        address: The address that the plan would create it at.
        id: The id for an `import` block.
    """

    address: str
    id: str


def write_imports(plan_json: Path, environ: Mapping[str, str], out: Path) -> list[Orphan]:
    """Write `import` blocks for the objects that an apply would create again.

    https://developer.hashicorp.com/terraform/language/import

    Args:
        plan_json: The output of `terraform show -json` for a plan made after the kill.
        environ: The process environment with AWS credentials.
        out: The file to write as Terraform JSON: `*.tf.json` in the stack's folder.

    Returns:
        The orphans.

    Raises:
        OperatorError: The plan is not readable, AWS rejects a request, or the file is not writable.
    """
    found = find_orphans(PlannedResources(read(plan_json, with_state=True)), clients(environ))
    blocks = {"import": [{"to": orphan.address, "id": orphan.id} for orphan in found]} if found else {}
    try:
        write_atomically(out, json.dumps(blocks, indent=2) + "\n")
    except OSError as error:
        raise OperatorError(
            f"{out} cannot be written: {error.strerror}",
            remedy="name a file in the stack's folder of cdktf.out",
            exit_code=from_os_error(error).exit_code,
        ) from None
    return found


def find_orphans(planned: PlannedResources, client: Clients) -> list[Orphan]:
    """Return the objects that an apply of the plan would create again.

    Args:
        planned: A plan made after the kill.
        client: Creates boto3 clients.

    Returns:
        Each object with its address. If two objects match one address, both are returned, for an operator to choose.

    Raises:
        OperatorError: AWS rejects a request.
    """
    known = set(_known_objects(planned))
    found: dict[str, set[str]] = defaultdict(set)
    try:
        for kind in _in_order({kind for kind, _ in planned.created.values()}):
            ids = {address: next(iter(own)) for address, own in found.items() if len(own) == 1}
            for address, id_ in _matches(kind, planned, client, ids):
                if (kind, id_) not in known:
                    found[address].add(id_)
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"cannot look up objects in AWS: {error}", remedy="export the credentials that Terraform planned with"
        ) from None
    return sorted(Orphan(address, id_) for address, ids_ in found.items() for id_ in ids_)


def object_names(kind: str, value: Value) -> list[str]:
    """Return the names of a resource's object, from its arguments. Empty for types with tags only.

    Args:
        kind: Terraform's type.
        value: Returns the value of an argument.
    """
    lookup = lookup_of(kind)
    if kind in CONNECTING_TYPES:
        found = CONNECTING_TYPES[kind].name(value)
    elif lookup is None or lookup.by in {None, BY_TAG}:
        return []
    else:
        values = [value(argument) for argument in str(lookup.by).split(":")]
        if isinstance(values[0], list):
            return values[0]  # an alias belongs to one distribution
        found = ":".join(map(str, values)) if all(values) else None
    return [found] if found else []


def _in_order(kinds: set[str]) -> list[str]:
    """Return the types that are looked up, each after the types that its arguments refer to."""
    return sorted((kind for kind in kinds if lookup_of(kind)), key=_order)


def _order(kind: str) -> tuple[bool, bool, str]:
    """Sort connecting types last, and types found by another object's id after the other types."""
    lookup = lookup_of(kind)
    return kind in CONNECTING_TYPES, bool(lookup and str(lookup.by).endswith("_id")), kind


def _matches(
    kind: str, planned: PlannedResources, client: Clients, ids: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Iterate over the objects that match a resource to create: address, id."""
    by_name: dict[str, str] = {}
    by_tag: dict[str, str] = {}
    for address, (of_type, values) in planned.created.items():
        if of_type == kind:
            by_name |= dict.fromkeys(object_names(kind, partial(planned.value, address, ids=ids)), address)
            if tagged := (values.get("tags") or {}).get("Name"):
                by_tag[tagged] = address
    lookup = lookup_of(kind)
    if lookup and lookup.prefix:
        return _network_matches(kind, planned, client("ec2"), by_name, by_tag)
    by_name = by_name or by_tag  # certificates and keys have only their tag
    connecting = CONNECTING_TYPES.get(kind)
    objects = connecting.objects(client("ec2")) if connecting else find_objects(client, kind)
    return ((by_name[each.name], each.id) for each in objects if each.name in by_name)


def _network_matches(
    kind: str,
    planned: PlannedResources,
    ec2: Any,  # noqa: ANN401 -- a boto3 client
    by_name: Mapping[str, str],
    by_tag: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    vpcs = planned.vpcs() | {
        each.id for each in network_objects(ec2, "aws_vpc") if each.environment == planned.environment
    }
    referred = {id_: address for address, id_ in planned.ids_by_reference() if planned.created[address][0] == kind}
    for each in network_objects(ec2, kind):
        if each.environment not in {None, planned.environment}:
            continue
        addresses = {referred.get(each.id)}
        if each.environment or each.vpc in vpcs:
            addresses.add(by_tag.get(each.tagged_name or ""))
        if each.vpc in vpcs:
            addresses.add(by_name.get(each.name or ""))
        yield from ((address, each.id) for address in addresses if address)


def _known_objects(planned: PlannedResources) -> Iterator[tuple[str, str]]:
    """Iterate over the type and possible import ids of every resource in the state: id, ARN, name.

    The type is part of the key: a bucket, its policy and its versioning have the same id.
    """
    for kind, values in planned.held.values():
        for known in (values.get("id"), values.get("arn"), *object_names(kind, values.get)):
            if known:
                yield kind, known
