"""Checks of quotas: the resources of the stack and those that already exist in the account must fit together.

    AWS: resources without the environment's tag and without a name of the stack ─ existing ┐
    stack: resources of the type ───────────────────────────────────────────────── required ┴─► sum ≤ the quota

Existing resources of the stack are counted once, so that the result is the same before and after an apply.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from wealist.model import types
from wealist.model.stack import StackJson
from wealist.model.type_row import Type
from wealist.operations.aws import Clients
from wealist.operations.lookup import list_objects
from wealist.operations.preflight.check import Answer, Check, Subject
from wealist.spec.account import REGION

_PATH: Final = Path(__file__).with_name("quotas.toml")


class _Columns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Only(_Columns):
    """A filter: the resources of a type that a quota counts."""

    key: str
    value: bool | str
    argument: str | None = None


class Within(_Columns):
    """A scope: the resource for each of which a quota counts separately."""

    argument: str
    key: str


class Quota(_Columns):
    """A row of quotas.toml, whose header describes the columns."""

    what: str
    service: str
    code: str
    region: str = REGION
    type: str
    listed: str | None = None
    only: Only | None = None
    within: Within | None = None

    def required(self, stack: StackJson) -> int:
        """Return how many resources a stack has; with a scope, the maximum of its values."""
        counts: Counter[object] = Counter()
        for each in stack.all(self.type):
            if not (self.only and self.only.argument) or each.get(self.only.argument) == self.only.value:
                counts[each.get(self.within.argument) if self.within else None] += 1
        return _maximum(counts)

    def existing(self, client: Clients, stack: StackJson, environment: str) -> int:
        """Return how many resources of others exist; with a scope, the maximum of the values that the stack shares."""
        row = types.rows()[self.listed or self.type]
        own, others = Counter[object](), Counter[object]()
        for each in list_objects(row, client):
            if self.only is None or each.get(self.only.key) == self.only.value:
                is_own = _has_tag(each, environment) or self._has_name(row, each, stack)
                (own if is_own else others)[each.get(self.within.key) if self.within else None] += 1
        return _maximum(Counter({key: count for key, count in others.items() if not self.within or key in own}))

    def _has_name(self, row: Type, described: Mapping[str, Any], stack: StackJson) -> bool:
        """Return whether a resource has a name of the stack. Resources in a VPC are recognized by their tag only."""
        lookup = row.lookup
        if lookup is None or lookup.prefix or lookup.code or not (lookup.by and lookup.name):
            return False
        return described.get(lookup.name) in {each.get(lookup.by) for each in stack.all(self.type)}


def quotas(subject: Subject) -> Iterator[Check]:
    """Check each quota that the stack counts against."""
    for quota in read():
        if required := quota.required(subject.stack):
            yield Check(
                f"quota: {quota.what}",
                f"room for {required}",
                f"request more: aws service-quotas request-service-quota-increase --region {quota.region} "
                f"--service-code {quota.service} --quota-code {quota.code} --desired-value NUMBER",
                partial(_look, subject, quota, required),
            )


def read() -> tuple[Quota, ...]:
    """Return the rows of quotas.toml."""
    return tuple(Quota.model_validate(row) for row in tomllib.loads(_PATH.read_text(encoding="utf-8"))["quota"])


def _look(subject: Subject, quota: Quota, required: int) -> Answer:
    existing = quota.existing(subject.client, subject.stack, subject.environment.name)
    limit = _limit(subject.client, quota)
    return Answer(existing + required <= limit, f"{limit:g}, of which others use {existing}")


def _limit(client: Clients, quota: Quota) -> float:
    """Return the account's quota, or AWS's default if the account has no value of its own."""
    service_quotas = client("service-quotas", quota.region)
    codes = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = service_quotas.get_service_quota(**codes)
    except service_quotas.exceptions.NoSuchResourceException:
        answer = service_quotas.get_aws_default_service_quota(**codes)
    return float(answer["Quota"]["Value"])


def _maximum(counts: Counter[Any]) -> int:
    return max(counts.values(), default=0)


def _has_tag(described: Mapping[str, Any], environment: str) -> bool:
    return any(tag["Key"] == "Environment" and tag["Value"] == environment for tag in described.get("Tags", []))
