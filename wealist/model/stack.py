"""One stack's `cdk.tf.json` and the modules that it calls: resources by address, references as addresses.

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
from wealist.model.values import values_at

Holdings = Mapping[str, Any]
"""Address → arguments, of one stack: `aws_vpc.network_vpc`, `data.…`, `module.…`, `output.…`, `provider`."""
PLACE: Final = (
    r"(?:module\.[\w-]+\.(?=(?:data\.|ephemeral\.)?aws_\w+\.))?(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*"
)
"""An address; of what a module makes, with the module's. Outputs of a module have the module's address."""
_REFERENCE: Final = re.compile(
    rf"\$\{{({PLACE})"
    r"\.(?:id|arn|name|bucket|allocation_id|availability_zone|certificate_arn|cidr_block|default_network_acl_id|dns_name|domain_name|files|fqdn"
    r"|hosted_zone_id|identifier|latest_version|prefix_list_id|primary_endpoint_address|address|random_password|user_data_base64"
    r"|value|zone_id)\}"
)
"""One attribute, and nothing around it: a condition or a function can make any value of what it mentions, and so can
whoever writes an argument such as `description`."""
_INDEX: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_READ: Final = frozenset({"data", "ephemeral"})
_SECTIONS: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_NAMED: Final = {"module": "module.", "output": "output.", "check": "check.", "variable": "var."}
_SYNTHESIZE_AGAIN: Final = "run `python main.py` again, and leave its output as it is"


@dataclass(frozen=True)
class Resource:
    """A resource, data source, ephemeral resource or module call as it stands in the JSON.

    Attributes:
        address: The Terraform address within the stack.
        type: `aws_vpc`; `module` for a module call.
        values: The arguments, meta-arguments such as `lifecycle` included.
        module: The address of the module call that makes it; None for what the stack makes itself.
    """

    address: str
    type: str
    values: Mapping[str, Any]
    module: str | None = None

    @cached_property
    def strings(self) -> tuple[tuple[str, str], ...]:
        """Every string of the arguments, as `named_strings` returns them."""
        return tuple(named_strings(self.values))

    @cached_property
    def leaves(self) -> tuple[tuple[str, object], ...]:
        """Every plain value of the arguments, nested ones too, with its path: `ebs.kms_key_id`; of lists, each."""
        return tuple(_leaves(self.values))

    @cached_property
    def kind(self) -> str:
        """The type as types.toml names it: `aws_vpc`, `data.aws_vpc`, `ephemeral.…`."""
        within = self.address.removeprefix(f"{self.module}.") if self.module else self.address
        section = within.partition(".")[0]
        return f"{section}.{self.type}" if section in _READ else self.type

    @property
    def is_ephemeral(self) -> bool:
        """Whether Terraform keeps nothing of it."""
        return self.kind.startswith("ephemeral.")

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401  JSON is of any type
        """An argument's value."""
        return self.values.get(name, default)

    def at(self, path: str) -> list[Any]:
        """Every value at a path, as `wealist.model.values` reads it.

        Raises:
            ValueError: something else stands where the path has a block.
        """
        try:
            return values_at(self.values, path)
        except ValueError as error:
            raise ValueError(f"{path} of {self.address}: {error}") from None

    def block(self, name: str) -> Mapping[str, Any]:
        """A nested block of which there is at most one; empty where there is none.

        cdktf writes some as an object and some as a list of one.

        Raises:
            TypeError: something else stands there.
        """
        found = self.blocks(name)
        return found[0] if found else {}

    def blocks(self, name: str) -> list[Mapping[str, Any]]:
        """Every nested block of a name; raises as `block` does."""
        found = self.values.get(name) or []
        several = found if isinstance(found, list) else [found]
        if not all(isinstance(each, Mapping) for each in several):
            raise TypeError(f"{name} of {self.address} is {found!r}, and no block")
        return several


@dataclass(frozen=True)
class StackJson:
    """One stack.

    Attributes:
        name: The stack's name.
        resources: Managed resources, those of modules too, by address.
        data: Data sources and ephemeral resources, by address (`data.…`, `ephemeral.…`).
        modules: Module calls, by address (`module.…`).
        called: The module of each call that could be found.
        document: The JSON.
        path: Of its `cdk.tf.json`; modules lie beside it.
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
        """Everything that the JSON holds, as `holdings` returns it."""
        return holdings(self.document)

    def all(self, *types: str) -> list[Resource]:
        """Every managed resource of the types, by address."""
        return [resource for _, resource in sorted(self.resources.items()) if resource.type in types]

    def target(self, value: object) -> Resource | None:
        """The thing of this stack that a value is a reference to, whole: `${aws_vpc.network_vpc.id}`.

        None for a literal, for an expression that only mentions an address, and for what is not in the stack.
        """
        whole = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if whole is None:
            return None
        return self.resources.get(whole[1]) or self.data.get(whole[1]) or self.modules.get(whole[1])


def without_index(address: str) -> str:
    """The address of a block, which every instance that `count` or `for_each` makes of it shares."""
    return _INDEX.sub("", address)


def holdings(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that a stack's JSON holds, by address, without cdktf's own comments (`//`)."""
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
    """Every string in a JSON value, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def named_strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Return every string in a JSON value, keys too, with the nearest key above it."""
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
    """Return the keys that an object of a JSON text holds twice; none where the text is no JSON.

    Which of the two counts depends on the reader: Python takes the last, AWS refuses some and takes others.
    """
    twice: list[str] = []
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(text, object_pairs_hook=partial(_members, twice))
    return twice


def _members(twice: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice += sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return members


def read(path: Path) -> StackJson:
    """Reads a stack.

    Args:
        path: Its `cdk.tf.json`.

    Raises:
        OperatorError: the file is missing, is no JSON or cut off, or is no stack that cdktf wrote; with exit code 2.
    """
    try:
        twice: list[str] = []
        document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=partial(_members, twice))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, f"is no JSON, or cut off: {error}") from None
    if twice:
        raise _refused(path, f"holds a key twice: {', '.join(twice)}")
    return parse(document, path)


def parse(document: object, path: Path) -> StackJson:
    """Reads a stack's JSON that is already loaded; raises as `read` does."""
    if not isinstance(document, dict):
        raise _refused(path, f"holds a {type(document).__name__}, not a stack")
    comment = document.get("//")
    metadata = comment.get("metadata") if isinstance(comment, dict) else None
    name = metadata.get("stackName") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not isinstance(document.get("terraform"), dict):
        raise _refused(path, "is no stack of cdktf: it lacks its `//`.metadata.stackName or its `terraform` block")
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
        for section, address, kind, values in module.made_by(call, modules[call].values):
            found[section][address] = Resource(address, kind, _arguments(values, path, address), call)
    return StackJson(name, found["resource"], found["data"] | found["ephemeral"], modules, called, document, path)


def _arguments(value: object, path: Path, address: str) -> Mapping[str, Any]:
    arguments = _mapping(value, path, address)
    _mapping(arguments.get("lifecycle") or {}, path, f"{address}.lifecycle")
    return arguments


def _mapping(value: object, path: Path, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _refused(path, f"holds a {type(value).__name__} at {place}, where Terraform takes an object")
    return value


def _refused(path: Path, problem: str) -> OperatorError:
    return OperatorError(f"{path} {problem}", remedy=_SYNTHESIZE_AGAIN, exit_code=BAD_INPUT)
