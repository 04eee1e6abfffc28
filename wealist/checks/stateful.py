"""What holds data is neither destroyed by an apply nor by hand, and leaves the code only by a release.

stateful resource ─┬─ prevent_destroy     Terraform refuses
                   ├─ its own protection  AWS refuses, or keeps a copy
                   └─ in the inventory    leaves it only by an entry of inventory/released.toml
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from wealist.checks.accepted import HOW_TO_RELEASE, Accepted, is_protected, is_stateful_module, stateful
from wealist.checks.finding import Finding, Synthesis
from wealist.model.stack import Resource, StackJson
from wealist.spec.stateful import STATEFUL_MODULES, STATEFUL_TYPES, is_known, is_stateful

PREVENT_DESTROY: Final = "stateful.prevent_destroy"
DELETION_PROTECTION: Final = "stateful.deletion_protection"
UNKNOWN_TYPE: Final = "stateful.unknown_type"
REMOVED: Final = "stateful.removed"
RELEASE: Final = "stateful.release"

_LONGEST_WINDOW_DAYS: Final = 30
_RELEASE_IT: Final = f"bring it back, or {HOW_TO_RELEASE}"


def _is_true(found: object) -> bool:
    return found is True


def _is_false(found: object) -> bool:
    return found is False


def _is_not_true(found: object) -> bool:
    return found in {None, False}


def _is_given(found: object) -> bool:
    return isinstance(found, str) and bool(found)


def _is_longest(found: object) -> bool:
    return found in {None, _LONGEST_WINDOW_DAYS}


PROTECTIONS: Final[Mapping[str, Mapping[str, tuple[Callable[[object], bool], str]]]] = {
    "aws_db_instance": {
        "deletion_protection": (_is_true, "set it to true"),
        "skip_final_snapshot": (_is_not_true, "set it to false"),
        "final_snapshot_identifier": (_is_given, "name the snapshot that a deletion leaves"),
        "delete_automated_backups": (_is_false, "set it to false"),
    },
    "aws_dynamodb_table": {"deletion_protection_enabled": (_is_true, "set it to true")},
    "aws_ebs_volume": {"final_snapshot": (_is_true, "set it to true")},
    "aws_ecr_repository": {"force_delete": (_is_not_true, "set it to false")},
    "aws_elasticache_replication_group": {
        "final_snapshot_identifier": (_is_given, "name the snapshot that a deletion leaves")
    },
    "aws_kms_key": {"deletion_window_in_days": (_is_longest, "set it to 30, in which the key can be had back")},
    "aws_rds_cluster": {
        "deletion_protection": (_is_true, "set it to true"),
        "skip_final_snapshot": (_is_not_true, "set it to false"),
        "final_snapshot_identifier": (_is_given, "name the snapshot that a deletion leaves"),
    },
    "aws_route53_zone": {"force_destroy": (_is_not_true, "set it to false")},
    "aws_s3_bucket": {"force_destroy": (_is_not_true, "set it to false")},
    "aws_secretsmanager_secret": {
        "recovery_window_in_days": (_is_longest, "set it to 30, in which the secret can be had back")
    },
}
"""Type → the arguments by which it protects itself, where it can."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Find what is stateful and unprotected, of a type nobody has decided about, or gone without a release."""
    for name, stack in sorted(synthesis.stacks.items()):
        yield from _unknown(stack)
        environment = synthesis.environments.get(name)
        if environment is None or not environment.may_be_destroyed:
            yield from _unprotected(stack, synthesis.accepted)
        yield from _needless(stack, synthesis.accepted)
    for name in sorted(synthesis.accepted.holdings):
        environment = synthesis.environments.get(name)
        whole_stack = name not in synthesis.stacks or (environment is not None and environment.may_be_destroyed)
        yield from _removed(name, synthesis.stacks.get(name), synthesis.accepted, whole_stack=whole_stack)


def _unknown(stack: StackJson) -> Iterator[Finding]:
    for resource in stack.resources.values():
        if not is_known(resource.type):
            yield Finding(
                stack.name,
                resource.address,
                UNKNOWN_TYPE,
                f"nobody has decided whether an {resource.type} holds anything",
                "add its type to STATEFUL_TYPES or MADE_AGAIN of wealist/spec/stateful.py",
            )


def _unprotected(stack: StackJson, accepted: Accepted) -> Iterator[Finding]:
    for address, resource in stack.resources.items():
        if not is_stateful(resource.type, resource.values) or accepted.is_released(stack.name, address):
            continue
        if not is_protected(resource.values):
            problem = f"it {STATEFUL_TYPES[resource.type]}, and has no lifecycle.prevent_destroy"
            yield Finding(stack.name, address, PREVENT_DESTROY, problem, "set lifecycle.prevent_destroy to true")
        yield from _unguarded(stack.name, resource)


def _unguarded(stack: str, resource: Resource) -> Iterator[Finding]:
    for argument, (is_right, remedy) in PROTECTIONS.get(resource.type, {}).items():
        found: Any = resource.get(argument)
        if not is_right(found):
            problem = f"{argument} is {found!r}" if found is not None else f"{argument} is not given"
            yield Finding(stack, resource.address, DELETION_PROTECTION, problem, remedy)


def _removed(name: str, stack: StackJson | None, accepted: Accepted, *, whole_stack: bool) -> Iterator[Finding]:
    for address in sorted(stateful(accepted.holdings[name])):
        if accepted.is_released(name, address, whole_stack=whole_stack):
            continue
        kind = address.partition(".")[0]
        resource = None if stack is None else stack.resources.get(address) or stack.modules.get(address)
        if resource is None:
            why = STATEFUL_TYPES.get(kind, "is stateful")
            yield Finding(name, address, REMOVED, f"it {why}, and is no longer in the code", _RELEASE_IT)
        elif kind == "module" and not is_stateful_module(resource.values):
            modules = ", ".join(sorted(STATEFUL_MODULES))
            problem = f"it calls {resource.get('source')!r}, which is no stateful module ({modules})"
            yield Finding(name, address, REMOVED, problem, _RELEASE_IT)
        elif kind != "module" and not is_protected(resource.values):
            problem = f"it {STATEFUL_TYPES.get(kind, 'is stateful')}, and may be destroyed from now on"
            yield Finding(name, address, REMOVED, problem, _RELEASE_IT)


def _needless(stack: StackJson, accepted: Accepted) -> Iterator[Finding]:
    for address in sorted(stateful(accepted.holdings.get(stack.name, {}))):
        released = accepted.is_released(stack.name, address, whole_stack=True)
        if released and address in stack.resources and is_protected(stack.resources[address].values):
            problem = "it is released, although it is there and protected"
            yield Finding(stack.name, address, RELEASE, problem, "delete its entry of inventory/released.toml")
