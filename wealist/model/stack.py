"""Read a stack: its `cdk.tf.json` and the modules that it calls. Resources are indexed by address.

cdk.tf.json ─ read ─► StackJson ─┬─ resources  aws_lb.load_balancer_alb → Resource
  modules/*/*.tf ─────┘          │             module.state_backend.aws_s3_bucket.state → Resource
                                 ├─ data       data.aws_route53_zone.dns_zone → Resource
                                 └─ modules    module.backend_fleet_bootstrap → Resource
"""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.module import Module, find
from wealist.model.values import as_list, values_at

Holdings = Mapping[str, Any]
"""Address → arguments, for one stack: `aws_vpc.network_vpc`, `data.…`, `module.…`, `output.…`, `provider`."""
PLACE: Final = (
    r"(?:module\.[\w-]+\.(?=(?:data\.|ephemeral\.)?aws_\w+\.))?(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*"
)
"""A pattern of addresses. Resources of a module begin with its address; its outputs have its address."""
_REFERENCE: Final = re.compile(
    rf"\$\{{({PLACE})"
    r"\.(?:id|arn|name|bucket|allocation_id|availability_zone|certificate_arn|cidr_block|default_network_acl_id|dns_name|domain_name|files|fqdn"
    r"|hosted_zone_id|identifier|latest_version|prefix_list_id|primary_endpoint_address|address|random_password|user_data_base64"
    r"|value|zone_id)\}"
)
"""A reference to one attribute and nothing else. The value of any other expression, or of an attribute that copies a
free-text argument such as `description`, does not identify the resource."""
_INDEX: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_READ: Final = frozenset({"data", "ephemeral"})
_SECTIONS: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_NAMED: Final = {"module": "module.", "output": "output.", "check": "check.", "variable": "var."}
_SYNTHESIZE: Final = "run `python main.py` again, and do not edit its output"


@dataclass(frozen=True)
class Resource:
    """A resource, data source, ephemeral resource or module call.

    Attributes:
        address: The Terraform address within the stack.
        type: `aws_vpc`; `module` for a module call.
        values: The arguments, including meta-arguments such as `lifecycle`.
        module: The address of the module call that contains it; None for a block of the stack itself.
    """

    address: str
    type: str
    values: Mapping[str, Any]
    module: str | None = None

    @cached_property
    def strings(self) -> tuple[tuple[str, str], ...]:
        """Return every string of the arguments, as `named_strings` does."""
        return tuple(named_strings(self.values))

    @cached_property
    def leaves(self) -> tuple[tuple[str, object], ...]:
        """Return every scalar of the arguments with its path: `ebs.kms_key_id`. Elements of a list share its path."""
        return tuple(_leaves(self.values))

    @cached_property
    def kind(self) -> str:
        """Return the type as in types.toml: `aws_vpc`, `data.aws_vpc`, `ephemeral.…`."""
        within = self.address.removeprefix(f"{self.module}.") if self.module else self.address
        section = within.partition(".")[0]
        return f"{section}.{self.type}" if section in _READ else self.type

    @property
    def is_ephemeral(self) -> bool:
        """Return whether it is an ephemeral resource, which is not stored in the state."""
        return self.kind.startswith("ephemeral.")

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401  JSON is of any type
        """Return an argument's value."""
        return self.values.get(name, default)

    def at(self, path: str) -> list[Any]:
        """Return the values at a path, as `wealist.model.values.values_at` does.

        Raises:
            ValueError: the path leads through a value that is not a block.
        """
        try:
            return values_at(self.values, path)
        except ValueError as error:
            raise ValueError(f"{path} of {self.address}: {error}") from None

    def block(self, name: str) -> Mapping[str, Any]:
        """Return the first nested block of a name; an empty one if the argument is not set.

        Raises:
            TypeError: the argument is not a block.
        """
        return next(iter(self.blocks(name)), {})

    def blocks(self, name: str) -> list[Mapping[str, Any]]:
        """Return the nested blocks of a name, which cdktf writes as an object or a list; raises as `block` does."""
        found = as_list(self.values.get(name) or None)
        if not all(isinstance(each, Mapping) for each in found):
            raise TypeError(f"{name} of {self.address} is {self.values[name]!r}, which is not a block")
        return found


@dataclass(frozen=True)
class StackJson:
    """One stack.

    Attributes:
        name: The stack's name.
        resources: Managed resources by address, including those of modules.
        data: Data sources and ephemeral resources, by address (`data.…`, `ephemeral.…`).
        modules: Module calls, by address (`module.…`).
        called: The module of each call whose source exists, by the address of the call.
        document: The JSON.
        path: The path of `cdk.tf.json`; its folder contains the modules.
    """

    name: str
    resources: Mapping[str, Resource]
    data: Mapping[str, Resource]
    modules: Mapping[str, Resource]
    called: Mapping[str, Module]
    document: Mapping[str, Any]
    path: Path

    @cached_property
    def holdings(self) -> Holdings:
        """Return the content of the JSON, as `holdings` does."""
        return holdings(self.document)

    def all(self, *types: str) -> list[Resource]:
        """Return the managed resources of the types, sorted by address."""
        return [resource for _, resource in sorted(self.resources.items()) if resource.type in types]

    def target(self, value: object) -> Resource | None:
        """Return the resource that a value refers to: `${aws_vpc.network_vpc.id}`.

        Returns:
            None for a literal, for any other expression, and for an address that is not in the stack.
        """
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return None
        return self.resources.get(match[1]) or self.data.get(match[1]) or self.modules.get(match[1])


def without_index(address: str) -> str:
    """Return an address without the index of `count` or `for_each`."""
    return _INDEX.sub("", address)


def holdings(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a stack's JSON by address, without cdktf's comments (`//`)."""
    found: dict[str, Any] = {}
    for section, value in document.items():
        if section in _SECTIONS:
            for kind, named in value.items():
                found |= {f"{_SECTIONS[section]}{kind}.{name}": _uncommented(each) for name, each in named.items()}
        elif section in _NAMED:
            found |= {f"{_NAMED[section]}{name}": _uncommented(each) for name, each in value.items()}
        elif section != "//":
            found[section] = value
    return found


def _uncommented(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "//"}


def strings_in(value: object) -> Iterator[str]:
    """Yield every string in a JSON value, without keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def named_strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string in a JSON value, including keys, with the nearest key above it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield key, name
            yield from named_strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from named_strings(item, key)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, path)
    elif value not in {None, ""}:
        yield path, value


def duplicate_keys(text: str) -> list[str]:
    """Return the duplicate keys in a JSON text; none where the text is not JSON.

    Parsers differ in which of the two values they use: Python uses the last one, AWS rejects some texts.
    """
    duplicates: list[str] = []
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(text, object_pairs_hook=partial(_members, duplicates))
    return duplicates


def _members(duplicates: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        duplicates += sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return members


def read(path: Path) -> StackJson:
    """Read a stack.

    Args:
        path: The path of its `cdk.tf.json`.

    Raises:
        OperatorError: the file is missing, is not JSON, or is not a stack that cdktf wrote; with exit code 2.
    """
    try:
        duplicates: list[str] = []
        document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=partial(_members, duplicates))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, f"is not JSON, or is cut off: {error}") from None
    if duplicates:
        raise _refused(path, f"contains a key twice: {', '.join(duplicates)}")
    return parse(document, path)


def parse(document: object, path: Path) -> StackJson:
    """Read a stack from its parsed JSON; raises as `read` does."""
    if not isinstance(document, dict):
        raise _refused(path, f"holds a {type(document).__name__}, not a stack")
    comment = document.get("//")
    metadata = comment.get("metadata") if isinstance(comment, dict) else None
    name = metadata.get("stackName") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not isinstance(document.get("terraform"), dict):
        raise _refused(path, "is not a stack of cdktf: it lacks `//`.metadata.stackName or its `terraform` block")
    _mapping(document.get("provider", {}), path, "provider")
    found: dict[str, dict[str, Resource]] = {section: {} for section in _SECTIONS}
    for section, prefix in _SECTIONS.items():
        for type_, named in _mapping(document.get(section, {}), path, section).items():
            for label, values in _mapping(named, path, f"{section}.{type_}").items():
                address = f"{prefix}{type_}.{label}"
                found[section][address] = Resource(address, type_, _arguments(values, path, address))
    calls = _mapping(document.get("module", {}), path, "module").items()
    modules = {
        f"module.{label}": Resource(f"module.{label}", "module", _arguments(call, path, f"module.{label}"))
        for label, call in calls
    }
    called = {address: module for address, call in modules.items() if (module := find(call.get("source"), path.parent))}
    for call, module in called.items():
        for section, address, kind, values in module.expand(call, modules[call].values):
            found[section][address] = Resource(address, kind, _arguments(values, path, address), call)
    return StackJson(name, found["resource"], found["data"] | found["ephemeral"], modules, called, document, path)


def _arguments(value: object, path: Path, address: str) -> Mapping[str, Any]:
    arguments = _mapping(value, path, address)
    _mapping(arguments.get("lifecycle") or {}, path, f"{address}.lifecycle")
    return arguments


def _mapping(value: object, path: Path, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _refused(path, f"holds a {type(value).__name__} at {place}, where Terraform requires an object")
    return value


def _refused(path: Path, problem: str) -> OperatorError:
    return OperatorError(f"{path} {problem}", remedy=_SYNTHESIZE, exit_code=BAD_INPUT)
