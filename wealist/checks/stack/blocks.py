"""The blocks of a stack other than resources and modules.

terraform, provider   exactly as `wealist/stacks/factory.py` writes them: our state and our account
output                any
check                 assertions only; one of them compares security group rules
removed               only released resources are destroyed
moved                 to a resource of the same type and name
other blocks          none

A moved address takes over the object of another address with everything that depends on it: the members of a group, the
principals that assume a role. The accepted inventory contains the former name of an address.

Rules that are added outside of Terraform appear in no plan. Each stack with security groups therefore has one check:

    check ─ condition ─ data.aws_vpc_security_group_rules.ids minus the ids of the stack's rules is empty
                          └─ filter: group-id, every security group of the stack

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
from wealist.model.network import RULE_TYPES
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
CHECK: Final = "stack.check"
_TERRAFORM: Final = frozenset({"backend", "required_providers", "required_version"})
_SOURCES: Final = frozenset({"aws", "hashicorp/aws"})
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_AS_THE_FACTORY: Final = "leave it as wealist/stacks/factory.py writes it"
_KNOWN: Final = frozenset(
    {"//", "check", "data", "ephemeral", "module", "moved", "output", "provider", "removed", "resource", "terraform"}
)
_MOVE: Final = "move one address that left the code to an existing one of the same type"
_GROUP: Final = "aws_security_group"
_SOURCE: Final = "aws_vpc_security_group_rules"
_CONDITION: Final = re.compile(
    rf"\$\{{\(length\(setsubtract\((?P<source>data\.{_SOURCE}\.\w+)\.ids, \[(?P<ids>[^\[\]\"]*)\]\)\) < 1\)\}}"
)
_CHECK_RULES: Final = "add every rule with the firewall, and call its check_rules last"
_NAMING: Final = ("bucket", "domain_name", "identifier", "name", "replication_group_id", "tag Name")


def unexpected(stack: StackJson, accepted: Accepted, *, is_environment: bool) -> Iterator[Finding]:
    """Report unknown blocks, settings other than the factory's, and invalid removed, moved and check blocks."""
    for address, control, problem in (
        *(("terraform", BACKEND, problem) for problem in _backend_problems(stack)),
        *(("provider.aws", PROVIDER, problem) for problem in _provider_problems(stack, is_environment=is_environment)),
    ):
        yield Finding(stack.name, address, control, problem, _AS_THE_FACTORY)
    for section in sorted(stack.document.keys() - _KNOWN):
        remedy = "remove it, or teach wealist/checks/stack/blocks.py its allowed content"
        yield Finding(stack.name, section, SECTION, "is a block that no guard reads", remedy)
    for name, check in stack.document.get("check", {}).items():
        if check.keys() != {"assert"}:
            problem = f"holds {', '.join(sorted(check.keys() - {'assert'})) or 'no assert'}"
            yield Finding(stack.name, f"check.{name}", SECTION, problem, "leave only its assertions")
    for block in as_list(stack.document.get("removed")):
        yield from _removed(stack, block, accepted)
    yield from _moved(stack, accepted.holdings.get(stack.name, {}))
    yield from _unchecked_rules(stack)


def _removed(stack: StackJson, block: Mapping[str, object], accepted: Accepted) -> Iterator[Finding]:
    """Report removed blocks that destroy data without a release, which is the default, or that run a program.

    https://developer.hashicorp.com/terraform/language/block/removed
    """
    address, lifecycle = str(block.get("from")), block.get("lifecycle")
    destroys = not isinstance(lifecycle, Mapping) or lifecycle.get("destroy") is not False
    if "provisioner" in block or "connection" in block:
        problem = f"the block that removes {address} runs a program"
        yield Finding(stack.name, address, REMOVED, problem, "remove its provisioner")
    if destroys and _may_hold_data(address.partition(".")[0]) and not accepted.is_released(stack.name, address):
        remedy = f"set lifecycle.destroy to false, or {HOW_TO_RELEASE}"
        yield Finding(stack.name, address, REMOVED, "is destroyed by a removed block without a release", remedy)


def _may_hold_data(kind: str) -> bool:
    """Return whether resources of a type can hold data. A removed block contains no arguments to decide by."""
    row = types.row(kind)
    return row is None or row.data is not False


def _backend_problems(stack: StackJson) -> Iterator[str]:
    terraform = stack.document["terraform"]
    if more := sorted(terraform.keys() - _TERRAFORM):
        yield f"has {', '.join(more)}"
    if terraform.get("required_version") != TERRAFORM_VERSION:
        yield f"requires Terraform {terraform.get('required_version')!r}, not {TERRAFORM_VERSION!r}"
    buckets = {bucket.get("bucket") for bucket in stack.all("aws_s3_bucket")}
    if stack.name == STATE_STACK and STATE_BUCKET not in buckets:
        yield f"creates {', '.join(map(str, buckets)) or 'no bucket'} instead of the state bucket {STATE_BUCKET}"
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


def _provider_problems(stack: StackJson, *, is_environment: bool) -> Iterator[str]:
    required = stack.document["terraform"].get("required_providers")
    aws = required.get("aws") if isinstance(required, Mapping) and list(required) == ["aws"] else None
    if (
        not isinstance(aws, Mapping)
        or aws.keys() != {"source", "version"}
        or aws["source"] not in _SOURCES
        or not _VERSION.fullmatch(str(aws["version"]))
    ):
        yield f"does not require exactly one version of the AWS provider: required_providers is {required!r}"
    configured = stack.document.get("provider", {})
    if list(configured) != ["aws"] or not isinstance(configured["aws"], list):
        yield f"is not the only configured provider: {', '.join(configured) or 'none is'}"
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
    """Return the arguments that differ from the required ones."""
    if not isinstance(found, Mapping):
        return repr(found)
    differing = sorted(name for name in found.keys() | wanted if found.get(name) != wanted.get(name))
    return ", ".join(f"{name} = {found[name]!r}" if name in found else f"no {name}" for name in differing)


def _moved(stack: StackJson, held: Mapping[str, Any]) -> Iterator[Finding]:
    """Report moves between types or objects, to a missing or from an existing address, and repeated ones.

    Args:
        stack: The stack.
        held: The accepted content of the stack, by address.
    """
    moves = Resource("moved", "moved", stack.document).blocks("moved")
    pairs = [(str(move.get("from")), str(move.get("to"))) for move in moves]
    ends = Counter(end for pair in pairs for end in pair)
    for move, (before, after) in zip(moves, pairs, strict=True):
        if problem := _move_problem(stack, held, before, after) or _repeated(ends, before, after):
            yield Finding(stack.name, after, MOVED, f"is moved from {before}, {problem}", _MOVE)
        elif more := sorted(move.keys() - {"from", "to", "//"}):
            yield Finding(stack.name, after, MOVED, f"is moved with {', '.join(more)}", _MOVE)


def _move_problem(stack: StackJson, held: Mapping[str, Any], before: str, after: str) -> str | None:
    there = {**stack.resources, **stack.modules}
    old, new = without_index(before), without_index(after)
    if _type(old) != _type(new):
        return f"of another type: {_type(old)}"
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
    """Return the arguments that contain the name of an object."""
    tags = arguments.get("tags")
    named = {**arguments, "tag Name": tags.get("Name") if isinstance(tags, Mapping) else None}
    return {key: named[key] for key in _NAMING if isinstance(named.get(key), str)}


def _repeated(ends: Counter[str], before: str, after: str) -> str | None:
    twice = [end for end in (before, after) if ends[end] > 1]
    return f"and {twice[0]} is moved more than once" if twice else None


def _type(address: str) -> str:
    """Return the type of an address, also inside a module; `module` for a module call."""
    steps = address.split(".")
    return steps[-2] if len(steps) > 1 else address


def _unchecked_rules(stack: StackJson) -> Iterator[Finding]:
    """Report security groups and rules that the stack's check does not compare with AWS."""
    groups = {group.address for group in stack.all(_GROUP)}
    if not groups:
        return
    texts = (str(assertion.get("condition")) for assertion in _assertions(stack))
    conditions = [match for text in texts if (match := _CONDITION.fullmatch(text))]
    if len(conditions) != 1:
        problem = "no check compares the rules of its security groups with those in AWS"
        yield Finding(stack.name, "check", CHECK, problem, _CHECK_RULES)
        return
    source, ids = conditions[0]["source"], set(conditions[0]["ids"].split(", "))
    rules = {f"{rule.address}.id" for rule in stack.all(*RULE_TYPES)}
    for address in sorted(rules ^ ids):
        problem = "is missing from the rules of the check" if address in rules else "is not a rule of this stack"
        yield Finding(stack.name, address.removesuffix(".id"), CHECK, problem, _CHECK_RULES)
    for address in sorted(groups - _filtered(stack, stack.data.get(source))):
        yield Finding(stack.name, address, CHECK, f"is missing from the filter of {source}", _CHECK_RULES)


def _assertions(stack: StackJson) -> Iterator[Mapping[str, Any]]:
    for check in stack.document.get("check", {}).values():
        yield from Resource("check", "check", check).blocks("assert")


def _filtered(stack: StackJson, source: Resource | None) -> set[str]:
    """Return the groups whose rules a data source reads; none if it has other filters."""
    if source is None or source.values.keys() - {"//", "filter"}:
        return set()
    filters = source.blocks("filter")
    if len(filters) != 1 or filters[0].get("name") != "group-id":
        return set()
    return {group.address for each in filters[0].get("values", []) if (group := stack.target(each))}
