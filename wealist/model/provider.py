"""What the AWS provider says about a type: the arguments it takes, and which of them are sensitive.

Argument names come from the provider's bindings, which are generated from its schema and installed with cdktf. They
are read as text; importing them would take seconds and start Node. The bindings do not say what is sensitive: that
is in sensitive.json, an extract of the provider's schema (`python -m tests.provider_schema` writes it).
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
"""Characters at the head of a file that name its type."""
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
        required: Whether Terraform refuses a resource without it; of a nested one, a block without it.
        block: Whether it holds further arguments.
    """

    required: bool
    block: bool


@cache
def arguments(kind: str) -> Mapping[str, Argument] | None:
    """The arguments of a type by their path, a nested one after a dot: `vpc_config.subnet_ids`.

    Args:
        kind: `aws_sqs_queue`, or `data.aws_route53_zone`.

    Returns:
        None where the bindings say nothing: the type is unknown, ephemeral, or of another provider.
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
    """What can be read of a type: its arguments, and what AWS computes; none of an unknown type."""
    path = _files().get(kind)
    return frozenset(_ATTRIBUTE.findall(path.read_text(encoding="utf-8"))) if path else frozenset()


def known_types() -> list[str]:
    """Every resource type that the provider has."""
    return sorted(kind for kind in _files() if not kind.startswith(_DATA))


@cache
def version() -> str:
    """The provider's version that the installed bindings were made for: the one that the stacks require.

    Raises:
        OperatorError: the bindings are not installed, or do not say.
    """
    path = library.package_folder(library.selected_library().bindings) / "provider" / "__init__.py"
    with path.open(encoding="utf-8") as file:
        found = _VERSION.search(file.read(_HEAD))
    if found is None:
        raise OperatorError(
            f"{path} does not say in its first lines for which version of the AWS provider it was made",
            remedy="run `make setup`, which installs bindings that do",
            exit_code=BAD_INPUT,
        )
    return found["version"]


@cache
def sensitive() -> Mapping[str, list[str]]:
    """Type → the paths of those arguments whose values the provider marks as sensitive."""
    found: Mapping[str, list[str]] = json.loads(SENSITIVE.read_text(encoding="utf-8"))
    return found


@cache
def _files() -> Mapping[str, Path]:
    """Type → the file that holds its binding, whose first lines name the type."""
    found = {}
    for path in library.package_folder(library.selected_library().bindings).glob("*/__init__.py"):
        if kind := kind_in(path):
            found[kind] = path
    return found


@cache
def kind_in(path: Path) -> str | None:
    """The type that a file's binding is of, as its first lines name it; None where it is of none."""
    with path.open(encoding="utf-8") as file:
        title = _TITLE.search(file.read(_HEAD))
    return title["kind"].replace("data_aws_", f"{_DATA}aws_") if title else None


def _arguments(
    structs: Mapping[str, re.Match[str]], name: str, path: str, within: tuple[str, ...] = ()
) -> Iterator[tuple[str, Argument]]:
    """The arguments of one struct and of those inside it; a struct inside itself is not followed."""
    struct = structs.get(name)
    if struct is None or name in within:
        return
    documented = {found["name"]: found["argument"] for found in _DOCUMENTED.finditer(struct["documentation"])}
    for parameter in _BETWEEN_PARAMETERS.split(struct["signature"]):
        written, _, type_ = parameter.strip().partition(": ")
        argument = documented.get(written)
        if argument is None:  # `depends_on`, `lifecycle` and the like are Terraform's own
            continue
        nested = next((word for word in _WORD.findall(type_) if word in structs), None)
        required = not type_.rstrip(", \n").endswith("= None")
        yield f"{path}{argument}", Argument(required=required, block=nested is not None)
        if nested:
            yield from _arguments(structs, nested, f"{path}{argument}.", (*within, name))
