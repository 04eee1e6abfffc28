"""IAM actions and AWS managed policies, classified by what they permit.

escalation.toml        actions that can lead to further permissions, and how a role must be limited in using them
data_access.toml       actions that read or write data, and the KMS actions that encrypted data needs as well
managed_policies.json  the widest grant of each AWS managed policy

The heads of the TOML files describe their columns. `managed_policies.json` is an extract of moto's copy of the
policies; `python -m tests.managed_policies` writes it, and a test compares it with moto.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from wealist.model.iam.evaluate import Grant, matches_action

MANAGED_POLICIES: Final = Path(__file__).with_name("managed_policies.json")
BOUNDARY_KEY: Final = "iam:PermissionsBoundary"
_MANAGED_ARN: Final = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(?P<name>.+)")


class Escalation(NamedTuple):
    """How an action can change what a principal may do: one row of escalation.toml.

    Attributes:
        leads: Whether the action can lead to further permissions.
        held_to: What must limit the action in a pipeline role: a condition key, or `names`. None: no role may have it.
    """

    leads: bool = False
    held_to: str | None = None


class DataAccess(NamedTuple):
    """How an action accesses data.

    Attributes:
        reads: Whether it reads; otherwise it writes.
        key: The KMS actions that the caller needs for data encrypted with a customer managed key.
    """

    reads: bool
    key: tuple[str, ...]


@cache
def escalations() -> Mapping[str, Escalation]:
    """Return the rows of escalation.toml by action, `service:Action`."""
    return {action: Escalation(**row) for action, row in _table("escalation").items()}


@cache
def can_escalate(pattern: str) -> bool:
    """Return whether an action pattern of a policy matches an action that can lead to further permissions."""
    return any(row.leads and matches_action(pattern, action) for action, row in escalations().items())


@cache
def data_access() -> Mapping[str, DataAccess]:
    """Return the rows of data_access.toml by action, `service:Action`."""
    return dict(each for service in _table("data_access") for each in _data_access_of(service))


@cache
def encrypted_data_access(service: str) -> Mapping[str, DataAccess]:
    """Return those actions of one service that need a KMS key as well."""
    return {action: access for action, access in _data_access_of(service) if access.key}


def _data_access_of(service: str) -> Iterator[tuple[str, DataAccess]]:
    row = _table("data_access").get(service, {})
    for column, reads in (("read", True), ("write", False)):
        key = tuple(f"kms:{action}" for action in row.get(f"key_to_{column}", "").split())
        for action in row.get(column, "").split():
            yield f"{service}:{action}", DataAccess(reads, key)


@cache
def _table(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def widest_grant(arn: str) -> tuple[Grant, ...] | None:
    """Return the widest grant of an AWS managed policy.

    Returns:
        One grant; none where all grants of the policy are harmless; None for an unknown policy.
    """
    match = _MANAGED_ARN.fullmatch(arn)
    grant = _managed_policies().get(match["name"]) if match else None
    return None if grant is None else (Grant(*grant),) if grant else ()


@cache
def _managed_policies() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(MANAGED_POLICIES.read_text(encoding="utf-8"))
    return found
