"""Find what a killed apply made and its state does not know, before the next apply makes it a second time.

plan.json ─┬─ what is to be created, by type and name ┐
           └─ types and ids that the state knows ─────┤
AWS ─ what has that name, tag or VPC ─────────────────┴─► import blocks

Terraform writes its state every 20 seconds at best, so that what a killed apply made since is not in it. AWS makes some
things again without an error, and refuses others because their name is taken. Types whose row says `form` are not
looked up: setting them again changes nothing, or Terraform's error names the one that exists.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wealist.errors import OperatorError, of_system
from wealist.model.plan import read
from wealist.operations.aws import Clients, clients
from wealist.operations.lookup import BY_TAG, lookup_of, objects
from wealist.operations.lookup_network import JOINED, Value, network_objects
from wealist.operations.planned import Planned
from wealist.whole import write_whole


@dataclass(frozen=True, order=True)
class Orphan:
    """An object in AWS that a plan would make again.

    Attributes:
        address: Where the plan would make it.
        id: What an `import` block takes.
    """

    address: str
    id: str


def write_imports(plan_json: Path, environ: Mapping[str, str], out: Path) -> list[Orphan]:
    """Read a plan, look into AWS, and write `import` blocks of what an apply would make a second time.

    https://developer.hashicorp.com/terraform/language/import

    Args:
        plan_json: What `terraform show -json` wrote of a plan made after the kill.
        environ: The environment variables that lead to AWS.
        out: Where the blocks go, as Terraform JSON: a file beside the stack's, written whole or not at all.

    Returns:
        The objects to take in.

    Raises:
        OperatorError: the plan cannot be read, AWS refuses to answer, or the file cannot be written.
    """
    found = find(Planned(read(plan_json, with_state=True)), clients(environ))
    blocks = {"import": [{"to": orphan.address, "id": orphan.id} for orphan in found]} if found else {}
    try:
        write_whole(out, json.dumps(blocks, indent=2) + "\n")
    except OSError as error:
        raise OperatorError(
            f"{out} cannot be written: {error.strerror}",
            remedy="name a file in the stack's folder of cdktf.out",
            exit_code=of_system(error).exit_code,
        ) from None
    return found


def find(planned: Planned, client: Clients) -> list[Orphan]:
    """What an apply of the plan would make a second time.

    Args:
        planned: A plan that was made after the kill.
        client: Makes boto3 clients that may read what the stack holds.

    Returns:
        Each object with its address. Two objects for one address are both there: an operator must look at them.

    Raises:
        OperatorError: AWS refuses to answer.
    """
    known = set(_known(planned))
    found: dict[str, set[str]] = defaultdict(set)
    try:
        for kind in _in_order({kind for kind, _ in planned.created.values()}):
            ids = {address: next(iter(own)) for address, own in found.items() if len(own) == 1}
            for address, id_ in _matches(kind, planned, client, ids):
                if (kind, id_) not in known:
                    found[address].add(id_)
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS does not answer: {error}", remedy="export the credentials that Terraform planned with"
        ) from None
    return sorted(Orphan(address, id_) for address, ids_ in found.items() for id_ in ids_)


def names(kind: str, value: Value) -> list[str]:
    """What tells an object of a type from the others, by the arguments of Terraform's; none where only tags do.

    Args:
        kind: Terraform's type.
        value: The value of an argument.
    """
    lookup = lookup_of(kind)
    if kind in JOINED:
        found = JOINED[kind].name(value)
    elif lookup is None or lookup.by in {None, BY_TAG}:
        return []
    else:
        values = [value(argument) for argument in str(lookup.by).split(":")]
        if isinstance(values[0], list):
            return values[0]  # each alias is one distribution's
        found = ":".join(map(str, values)) if all(values) else None
    return [found] if found else []


def _in_order(kinds: set[str]) -> list[str]:
    """The types that are looked up, each after those that its arguments refer to."""
    return sorted((kind for kind in kinds if lookup_of(kind)), key=_place)


def _place(kind: str) -> tuple[bool, bool, str]:
    """What joins objects comes last, and after the rest of EC2 what is found by another's id."""
    lookup = lookup_of(kind)
    return kind in JOINED, bool(lookup and str(lookup.by).endswith("_id")), kind


def _matches(kind: str, planned: Planned, client: Clients, ids: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Addresses of a type with the ids of the objects that they may be."""
    by_name: dict[str, str] = {}
    by_tag: dict[str, str] = {}
    for address, (of_type, values) in planned.created.items():
        if of_type == kind:
            by_name |= dict.fromkeys(names(kind, partial(planned.value, address, ids=ids)), address)
            if tagged := (values.get("tags") or {}).get("Name"):
                by_tag[tagged] = address
    lookup = lookup_of(kind)
    if lookup and lookup.prefix:
        return _in_network(kind, planned, client("ec2"), by_name, by_tag)
    by_name = by_name or by_tag  # a certificate and a key have no name but their tag
    listed = JOINED[kind].objects(client("ec2")) if kind in JOINED else objects(client, kind)
    return ((by_name[each.name], each.id) for each in listed if each.name in by_name)


def _in_network(
    kind: str,
    planned: Planned,
    ec2: Any,  # noqa: ANN401  a boto3 client
    by_name: Mapping[str, str],
    by_tag: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """The same for a type of EC2, whose objects are an environment's by a tag, by their VPC or by the state."""
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


def _known(planned: Planned) -> Iterator[tuple[str, str]]:
    """Type and import id of everything in the state.

    The type is part of it: a bucket's policy and versioning have the bucket's id. The import id is an object's id, ARN
    or name.
    """
    for kind, values in planned.held.values():
        for known in (values.get("id"), values.get("arn"), *names(kind, values.get)):
            if known:
                yield kind, known
