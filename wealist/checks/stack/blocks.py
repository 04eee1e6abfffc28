"""The blocks of a stack beside resources and modules.

terraform, provider ─ the state is ours, and so is the account: exactly as `wealist/stacks/factory.py` writes them
output ─ as it is    check ─ assertions alone    removed ─ what was released    moved ─ one of its kind    else ─ none

An address that takes over the object of another one takes over whatever rests on it: a group that holds other members,
a role that others assume. What an address named before is in the accepted inventory.

https://developer.hashicorp.com/terraform/language/syntax/json
https://developer.hashicorp.com/terraform/language/backend/s3
https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.accepted import HOW_TO_RELEASE, Accepted
from wealist.checks.finding import Finding
from wealist.model import types
from wealist.model.stack import Resource, StackJson, without_index
from wealist.model.values import as_list
from wealist.spec.account import (
    ACCOUNT_ID,
    CDN_CERTIFICATE_REGION,
    REGION,
    STATE_BUCKET,
    STATE_STACK,
    TERRAFORM_VERSION,
    default_tags,
    state_key,
)

BACKEND: Final = "stack.backend"
PROVIDER: Final = "stack.provider"
SECTION: Final = "stack.section"
REMOVED: Final = "stack.removed"
MOVED: Final = "stack.moved"
_TERRAFORM: Final = frozenset({"backend", "required_providers", "required_version"})
_SOURCES: Final = frozenset({"aws", "hashicorp/aws"})
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_AS_THE_FACTORY: Final = "leave it as wealist/stacks/factory.py makes it"
_KNOWN: Final = frozenset(
    {"//", "check", "data", "ephemeral", "module", "moved", "output", "provider", "removed", "resource", "terraform"}
)
_MOVE: Final = "move one address, which is gone from the code, to one of the same type, which is there"
_NAMING: Final = ("bucket", "domain_name", "identifier", "name", "replication_group_id", "tag Name")


def unexpected(stack: StackJson, accepted: Accepted, *, is_environment: bool) -> Iterator[Finding]:
    """Return blocks that no guard reads, settings that are not the factory's, and what is destroyed or taken over."""
    for address, control, problem in (
        *(("terraform", BACKEND, problem) for problem in _of_terraform(stack)),
        *(("provider.aws", PROVIDER, problem) for problem in _of_providers(stack, is_environment=is_environment)),
    ):
        yield Finding(stack.name, address, control, problem, _AS_THE_FACTORY)
    for section in sorted(stack.document.keys() - _KNOWN):
        remedy = "leave it out, or teach wealist/checks/stack/blocks.py what it may hold"
        yield Finding(stack.name, section, SECTION, "is a block that no guard reads", remedy)
    for name, check in stack.document.get("check", {}).items():
        if check.keys() != {"assert"}:
            problem = f"holds {', '.join(sorted(check.keys() - {'assert'})) or 'no assert'}"
            yield Finding(stack.name, f"check.{name}", SECTION, problem, "let it assert, and nothing else")
    for block in as_list(stack.document.get("removed")):
        yield from _removed(stack, block, accepted)
    yield from _moved(stack, accepted.holdings.get(stack.name, {}))


def _removed(stack: StackJson, block: Mapping[str, object], accepted: Accepted) -> Iterator[Finding]:
    """Without `destroy = false` Terraform destroys what the block names.

    https://developer.hashicorp.com/terraform/language/block/removed
    """
    address, lifecycle = str(block.get("from")), block.get("lifecycle")
    destroys = not isinstance(lifecycle, Mapping) or lifecycle.get("destroy") is not False
    if "provisioner" in block or "connection" in block:
        problem = f"the block that removes {address} runs a program"
        yield Finding(stack.name, address, REMOVED, problem, "take its provisioner away")
    if destroys and _may_hold_data(address.partition(".")[0]) and not accepted.is_released(stack.name, address):
        remedy = f"set lifecycle.destroy to false, or {HOW_TO_RELEASE}"
        yield Finding(stack.name, address, REMOVED, "is destroyed by a removed block without a release", remedy)


def _may_hold_data(kind: str) -> bool:
    """The block tells no arguments: a type of which some resources hold data counts whole."""
    row = types.row(kind)
    return row is None or row.data is not False


def _of_terraform(stack: StackJson) -> Iterator[str]:
    terraform = stack.document["terraform"]
    if more := sorted(terraform.keys() - _TERRAFORM):
        yield f"has {', '.join(more)}"
    if terraform.get("required_version") != TERRAFORM_VERSION:
        yield f"requires Terraform {terraform.get('required_version')!r}, not {TERRAFORM_VERSION!r}"
    made = {bucket.get("bucket") for bucket in stack.all("aws_s3_bucket")}
    if stack.name == STATE_STACK and STATE_BUCKET not in made:
        yield f"makes {', '.join(map(str, made)) or 'no bucket'}, and not {STATE_BUCKET}, in which the states lie"
    backend = {
        "bucket": STATE_BUCKET,
        "key": state_key(stack.name),
        "region": REGION,
        "encrypt": True,
        "use_lockfile": True,
    }
    found = terraform.get("backend")
    if not isinstance(found, Mapping) or list(found) != ["s3"]:
        yield f"keeps its state in {found!r}, not in s3"
    elif found["s3"] != backend:
        yield f"keeps its state with {_differences(found['s3'], backend)}"


def _of_providers(stack: StackJson, *, is_environment: bool) -> Iterator[str]:
    required = stack.document["terraform"].get("required_providers")
    aws = required.get("aws") if isinstance(required, Mapping) and list(required) == ["aws"] else None
    if (
        not isinstance(aws, Mapping)
        or aws.keys() != {"source", "version"}
        or aws["source"] not in _SOURCES
        or not _VERSION.fullmatch(str(aws["version"]))
    ):
        yield f"is not the one provider, of one version, that is required: required_providers is {required!r}"
    configured = stack.document.get("provider", {})
    if list(configured) != ["aws"] or not isinstance(configured["aws"], list):
        yield f"is not the one that is configured: {', '.join(configured) or 'none is'}"
        return
    ours = {
        "allowed_account_ids": [ACCOUNT_ID],
        "default_tags": [{"tags": default_tags(stack.name if is_environment else "account")}],
        "region": REGION,
    }
    first, *others = configured["aws"] or [{}]
    if first != ours:
        yield f"has {_differences(first, ours)}"
    cdn = ours | {"alias": "cdn", "region": CDN_CERTIFICATE_REGION}
    for other in others:
        if other != cdn:
            yield f"has an alias with {_differences(other, cdn)}"


def _differences(found: object, wanted: Mapping[str, Any]) -> str:
    """Return each argument that is not as wanted."""
    if not isinstance(found, Mapping):
        return repr(found)
    differing = sorted(name for name in found.keys() | wanted if found.get(name) != wanted.get(name))
    return ", ".join(f"{name} = {found[name]!r}" if name in found else f"no {name}" for name in differing)


def _moved(stack: StackJson, held: Mapping[str, Any]) -> Iterator[Finding]:
    """Return moves between types, between objects, onto what is not there, away from what stays, or of several.

    Args:
        stack: The stack.
        held: Address → arguments, of what it held when it was last accepted.
    """
    moves = Resource("moved", "moved", stack.document).blocks("moved")
    pairs = [(str(move.get("from")), str(move.get("to"))) for move in moves]
    ends = Counter(end for pair in pairs for end in pair)
    for move, (before, after) in zip(moves, pairs, strict=True):
        if problem := _misled(stack, held, before, after) or _repeated(ends, before, after):
            yield Finding(stack.name, after, MOVED, f"is moved from {before}, {problem}", _MOVE)
        elif more := sorted(move.keys() - {"from", "to", "//"}):
            yield Finding(stack.name, after, MOVED, f"is moved with {', '.join(more)}", _MOVE)


def _misled(stack: StackJson, held: Mapping[str, Any], before: str, after: str) -> str | None:
    there = {**stack.resources, **stack.modules}
    old, new = without_index(before), without_index(after)
    if _type(old) != _type(new):
        return f"another type: {_type(old)}"
    if new not in there:
        return "and is not in the code"
    if old in there and old != new:
        return "which is still in the code"
    was, becomes = _names(held.get(old, {})), _names(there[new].values)
    other = [
        f"{key} {was[key]} and not {becomes[key]}" for key in was.keys() & becomes.keys() if was[key] != becomes[key]
    ]
    return f"which has the {', '.join(sorted(other))}" if other else None


def _names(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments that name an object."""
    tags = arguments.get("tags")
    named = {**arguments, "tag Name": tags.get("Name") if isinstance(tags, Mapping) else None}
    return {key: named[key] for key in _NAMING if isinstance(named.get(key), str)}


def _repeated(ends: Counter[str], before: str, after: str) -> str | None:
    twice = [end for end in (before, after) if ends[end] > 1]
    return f"and {twice[0]} is moved more than once" if twice else None


def _type(address: str) -> str:
    """`aws_vpc.network_vpc` → `aws_vpc`; of what a module makes, the resource's; `module` for a call."""
    steps = address.split(".")
    return steps[-2] if len(steps) > 1 else address
