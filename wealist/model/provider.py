"""The schema of the AWS provider: the arguments of each type, and which of them are sensitive.

Arguments come from the provider's bindings, which are generated from its schema and installed with cdktf. They are
read as text, because importing them takes seconds and starts Node. The bindings do not mark sensitive arguments; these
are in sensitive.json, an extract of the provider's schema that `python -m tests.provider_schema` writes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from wealist import library
from wealist.errors import BAD_INPUT, OperatorError

SENSITIVE: Final = Path(__file__).with_name("sensitive.json")
_DATA: Final = "data."
_HEAD: Final = 200
"""Characters at the start of a file that contain its type."""
_VERSION: Final = re.compile(r"providers/hashicorp/aws/(?P<version>[\d.]+)/docs")
_TITLE: Final = re.compile(r"^# `(?P<kind>(?:data_)?aws_\w+)`", re.MULTILINE)

_STRUCT: Final = re.compile(
    r"^class (?P<name>\w+)(?:\([^)]*\))?:\n"
    r"    def __init__\(\s*self,\s+\*,\s+(?P<signature>[^\n]*?|\S.*?,\n    )\) -> None:\n"
    r"        '''(?P<documentation>.*?)'''",
    re.MULTILINE | re.DOTALL,
)
_BETWEEN_PARAMETERS: Final = re.compile(r",\s+(?=\w+: )")
_DOCUMENTED: Final = re.compile(r"^        :param (?P<name>\w+):[^\n]*?#(?P<argument>\w+) \w+#", re.MULTILINE)
_WORD: Final = re.compile(r"\w+")
_ATTRIBUTE: Final = re.compile(r"^    def (\w+)\(self\) -> ", re.MULTILINE)
_OUTERMOST: Final = re.compile(r"^class (?P<name>\w+)\(\s*_\w+\.TerraformMetaArguments,?\s*\):", re.MULTILINE)


@dataclass(frozen=True)
class Argument:
    """One argument of a type.

    Attributes:
        required: Whether Terraform rejects a resource, or the enclosing block, without it.
        block: Whether it has nested arguments.
    """

    required: bool
    block: bool


@cache
def arguments(kind: str) -> Mapping[str, Argument] | None:
    """Return the arguments of a type by path, with nested ones: `vpc_config.subnet_ids`.

    Args:
        kind: `aws_sqs_queue`, or `data.aws_route53_zone`.

    Returns:
        None for a type that the bindings lack: unknown, ephemeral, or of another provider.
    """
    path = _files().get(kind)
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    structs = {found["name"]: found for found in _STRUCT.finditer(text)}
    outermost = _OUTERMOST.search(text)
    return dict(_arguments(structs, outermost["name"], "")) if outermost else None


@cache
def attributes(kind: str) -> frozenset[str]:
    """Return the arguments and computed attributes of a type; none for an unknown type."""
    path = _files().get(kind)
    return frozenset(_ATTRIBUTE.findall(path.read_text(encoding="utf-8"))) if path else frozenset()


def known_types() -> list[str]:
    """Return every resource type of the provider."""
    return sorted(kind for kind in _files() if not kind.startswith(_DATA))


@cache
def version() -> str:
    """Return the provider's version of the installed bindings, which is the one that the stacks require.

    Raises:
        OperatorError: the bindings are not installed, or do not contain their version.
    """
    path = library.package_folder(library.selected_library().bindings) / "provider" / "__init__.py"
    with path.open(encoding="utf-8") as file:
        found = _VERSION.search(file.read(_HEAD))
    if found is None:
        raise OperatorError(
            f"{path} does not contain the version of the AWS provider in its first lines",
            remedy="run `make setup`, which installs the bindings",
            exit_code=BAD_INPUT,
        )
    return found["version"]


@cache
def sensitive() -> Mapping[str, list[str]]:
    """Return the paths of the sensitive arguments of each type."""
    found: Mapping[str, list[str]] = json.loads(SENSITIVE.read_text(encoding="utf-8"))
    return found


@cache
def _files() -> Mapping[str, Path]:
    """Return the file with the binding of each type."""
    found = {}
    for path in library.package_folder(library.selected_library().bindings).glob("*/__init__.py"):
        if kind := kind_in(path):
            found[kind] = path
    return found


@cache
def kind_in(path: Path) -> str | None:
    """Return the type of a binding, from the first lines of its file; None for other files."""
    with path.open(encoding="utf-8") as file:
        title = _TITLE.search(file.read(_HEAD))
    return title["kind"].replace("data_aws_", f"{_DATA}aws_") if title else None


def _arguments(
    structs: Mapping[str, re.Match[str]], name: str, path: str, within: tuple[str, ...] = ()
) -> Iterator[tuple[str, Argument]]:
    """Yield the arguments of a struct and of nested ones. Recursive structs are not followed."""
    struct = structs.get(name)
    if struct is None or name in within:
        return
    documented = {found["name"]: found["argument"] for found in _DOCUMENTED.finditer(struct["documentation"])}
    for parameter in _BETWEEN_PARAMETERS.split(struct["signature"]):
        written, _, type_ = parameter.strip().partition(": ")
        argument = documented.get(written)
        if argument is None:  # meta-arguments such as `depends_on` and `lifecycle`
            continue
        nested = next((word for word in _WORD.findall(type_) if word in structs), None)
        required = not type_.rstrip(", \n").endswith("= None")
        yield f"{path}{argument}", Argument(required=required, block=nested is not None)
        if nested:
            yield from _arguments(structs, nested, f"{path}{argument}.", (*within, name))
