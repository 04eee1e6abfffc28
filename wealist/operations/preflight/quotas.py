"""Quotas: what others have in the account, and what the stack makes, fit together.

    AWS: what has neither the environment's tag nor a name of the stack ─ others ┐
    stack: resources of the type ──────────────────────────────────── the stack's ┴─► sum ≤ the quota

What the stack has made already is counted once, so that the check says the same before and after an apply.
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
    """The part of a type that a quota counts."""

    key: str
    value: bool | str
    argument: str | None = None


class Within(_Columns):
    """The thing that a quota counts in."""

    argument: str
    key: str


class Quota(_Columns):
    """A row of quotas.toml, whose head describes the columns."""

    what: str
    service: str
    code: str
    region: str = REGION
    type: str
    listed: str | None = None
    only: Only | None = None
    within: Within | None = None

    def made(self, stack: StackJson) -> int:
        """How many a stack makes; of what is counted within something, in that which holds most."""
        found = [
            each
            for each in stack.all(self.type)
            if not (self.only and self.only.argument) or each.get(self.only.argument) == self.only.value
        ]
        return _most(Counter(each.get(self.within.argument) if self.within else None for each in found))

    def others(self, client: Clients, stack: StackJson, environment: str) -> int:
        """How many there are that are not the stack's; of what is counted within something, in what it shares."""
        row, own, strange = types.rows()[self.listed or self.type], Counter[object](), Counter[object]()
        for each in list_objects(row, client):
            if self.only is None or each.get(self.only.key) == self.only.value:
                is_own = _tagged(each, environment) or self._named(row, each, stack)
                (own if is_own else strange)[each.get(self.within.key) if self.within else None] += 1
        return _most(Counter({key: count for key, count in strange.items() if not self.within or key in own}))

    def _named(self, row: Type, described: Mapping[str, Any], stack: StackJson) -> bool:
        """Whether something has a name of the stack's. What belongs to a VPC is known by its tag alone."""
        lookup = row.lookup
        if lookup is None or lookup.prefix or lookup.code or not (lookup.by and lookup.name):
            return False
        return described.get(lookup.name) in {each.get(lookup.by) for each in stack.all(self.type)}


def quotas(subject: Subject) -> Iterator[Check]:
    """Each quota that the stack counts against."""
    for quota in read():
        if made := quota.made(subject.stack):
            yield Check(
                f"quota: {quota.what}",
                f"room for {made}",
                f"ask for more: aws service-quotas request-service-quota-increase --region {quota.region} "
                f"--service-code {quota.service} --quota-code {quota.code} --desired-value NUMBER",
                partial(_look, subject, quota, made),
            )


def read() -> tuple[Quota, ...]:
    """Every row of quotas.toml."""
    return tuple(Quota.model_validate(row) for row in tomllib.loads(_PATH.read_text(encoding="utf-8"))["quota"])


def _look(subject: Subject, quota: Quota, made: int) -> Answer:
    others = quota.others(subject.client, subject.stack, subject.environment.name)
    limit = _limit(subject.client, quota)
    return Answer(others + made <= limit, f"{limit:g}, of which others have {others}")


def _limit(client: Clients, quota: Quota) -> float:
    """The quota that applies, or AWS's default where Service Quotas has none of the account's own."""
    service_quotas = client("service-quotas", quota.region)
    names = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        found = service_quotas.get_service_quota(**names)
    except service_quotas.exceptions.NoSuchResourceException:
        found = service_quotas.get_aws_default_service_quota(**names)
    return float(found["Quota"]["Value"])


def _most(counted: Counter[Any]) -> int:
    return max(counted.values(), default=0)


def _tagged(described: Mapping[str, Any], environment: str) -> bool:
    return any(tag["Key"] == "Environment" and tag["Value"] == environment for tag in described.get("Tags", []))
