"""One stack's `cdk.tf.json`, read with care: resources by address, references as addresses.

cdk.tf.json ─ read ─► StackJson ─┬─ resources  aws_lb.load_balancer_alb → Resource
                                 ├─ data       data.aws_route53_zone.dns_zone → Resource
                                 └─ modules    module.backend_fleet_bootstrap → Resource
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wealist.errors import BAD_INPUT, OperatorError

_EXPRESSION: Final = re.compile(r"(?<!\$)\$\{([^}]*)\}")
_ADDRESS: Final = re.compile(r"(?<![\w.-])((?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*)")
_REFERENCE: Final = re.compile(
    r"\$\{((?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*)"
    r"\.(?:id|arn|name|bucket|allocation_id|availability_zone|certificate_arn|cidr_block|dns_name|domain_name|files|fqdn"
    r"|hosted_zone_id|identifier|latest_version|prefix_list_id|primary_endpoint_address|address|random_password|user_data_base64"
    r"|value|zone_id)\}"
)
"""One attribute, and nothing around it: a condition or a function can make any value of what it mentions, and so can
whoever writes an argument such as `description`."""
_SECTIONS: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_SYNTHESIZE_AGAIN: Final = "run `python main.py` again, and leave its output as it is"


@dataclass(frozen=True)
class Resource:
    """A resource, data source, ephemeral resource or module call as it stands in the JSON.

    Attributes:
        address: The Terraform address within the stack.
        type: `aws_vpc`; `module` for a module call.
        values: The arguments, meta-arguments such as `lifecycle` included.
    """

    address: str
    type: str
    values: Mapping[str, Any]

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401  JSON is of any type
        """An argument's value."""
        return self.values.get(name, default)

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
        resources: Managed resources, by address.
        data: Data sources and ephemeral resources, by address (`data.…`, `ephemeral.…`).
        modules: Module calls, by address (`module.…`).
        document: All of it.
        path: Of its `cdk.tf.json`; modules lie beside it.
    """

    name: str
    resources: Mapping[str, Resource]
    data: Mapping[str, Resource]
    modules: Mapping[str, Resource]
    document: Mapping[str, Any]
    path: Path

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


def addresses_in(value: object) -> list[str]:
    """Every address that a value mentions, nested values included, each once and in order; for references, `target`.

    `"${aws_vpc.network_vpc.id}"` → `["aws_vpc.network_vpc"]`.
    """
    found = dict.fromkeys(
        address
        for text in strings_in(value)
        for expression in _EXPRESSION.findall(text)
        for address in _ADDRESS.findall(expression)
    )
    return list(found)


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


def read(path: Path) -> StackJson:
    """Reads a stack.

    Args:
        path: Its `cdk.tf.json`.

    Raises:
        OperatorError: the file is missing, is no JSON or cut off, or is no stack that cdktf wrote; with exit code 2.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, f"is no JSON, or cut off: {error}") from None
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
    return StackJson(name, found["resource"], found["data"] | found["ephemeral"], modules, document, path)


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
