"""Check the arguments of the stacks against the schema in the bindings' archive for Node.js.

bindings/_jsii/provider-aws@….jsii.tgz ─ package/.jsii ─► Schema ─ problems(kind, arguments)

The product reads the Python half of the bindings; this is the other half that jsii generated.
"""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.matrix.documents import Documents
from wealist.model import stack as model

_TITLE: Final = re.compile(r"^# `(?P<kind>\w+)`")
_ARGUMENT: Final = re.compile(r"#(?P<argument>\w+) \w+#")
_META: Final = ("TerraformMetaArguments", "TerraformEphemeralMetaArguments")
_OF_TERRAFORM: Final = frozenset(
    {"//", "connection", "count", "depends_on", "dynamic", "for_each", "lifecycle", "provider", "provisioner"}
)
_UNUSED: Final = frozenset({"initializer", "locationInModule", "methods", "stability", "symbolId"})
_PROVIDER: Final = "provider"


class Schema:
    """The types of an archive.

    Attributes:
        uncovered: Kinds of which arguments were checked, but which the bindings do not have.
    """

    def __init__(self, archive: Path) -> None:
        with tarfile.open(archive) as files:
            document = json.load(files.extractfile("package/.jsii"), object_hook=_lean)  # type: ignore[arg-type]
        self._types = document["types"]
        self._configs = dict(self._by_kind(document["submodules"]))
        self.uncovered: set[str] = set()

    def _by_kind(self, submodules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Return the struct with the arguments of each kind: `data_aws_vpc` → its name in the bindings."""
        structs: dict[str, str] = {}
        for name, type_ in self._types.items():
            is_provider = name.endswith(".provider.AwsProviderConfig")
            if is_provider or any(each.endswith(_META) for each in type_.get("interfaces", ())):
                structs.setdefault(name.rpartition(".")[0], name)
        for name, submodule in submodules.items():
            title = _TITLE.match(submodule.get("readme", {}).get("markdown", ""))
            if title and name in structs:
                yield title["kind"], structs[name]

    def problems(self, kind: str, values: Mapping[str, Any]) -> Iterator[str]:
        """Return the unknown, missing and deprecated arguments of an object: `tags_al: no such argument`.

        Args:
            kind: `aws_vpc`, `data.aws_vpc`, `ephemeral.…`, or `provider`.
            values: The arguments.
        """
        struct = self._configs.get(kind.replace(".", "_"))
        if struct is None:
            self.uncovered.add(kind)
            return
        yield from self._of_struct(struct, values, "")

    def _of_struct(self, struct: str, values: Mapping[str, Any], path: str) -> Iterator[str]:
        properties = dict(self._properties(struct))
        for name, value in values.items():
            if name in properties:
                yield from self._of_value(properties[name], value, f"{path}{name}")
            elif name not in _OF_TERRAFORM:
                yield f"{path}{name}: no such argument"
        for name, each in properties.items():
            if not each.get("optional") and name not in values:
                yield f"{path}{name}: required, but missing"

    def _of_value(self, described: Mapping[str, Any], value: object, path: str) -> Iterator[str]:
        if deprecated := described.get("docs", {}).get("deprecated"):
            yield f"{path}: deprecated, {deprecated}"
        nested = next((each for each in _names(described["type"]) if each in self._types), None)
        blocks = value if isinstance(value, list) else [value]
        if nested is None:
            return
        for block in blocks:
            if isinstance(block, Mapping):
                yield from self._of_struct(nested, block, f"{path}.")
            elif not str(block).startswith("${"):
                yield f"{path}: must be a block, but is {block!r}"

    def _properties(self, struct: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for each in self._types[struct].get("properties", ()):
            docs = each.get("docs", {})
            found = _ARGUMENT.search(f"{docs.get('summary', '')} {docs.get('remarks', '')}")
            if found:
                yield found["argument"], each


def findings(documents: Documents, schema: Schema) -> list[str]:
    """Return the problems of all stacks without duplicates: `prod aws_vpc.network_vpc: …`."""
    found = dict.fromkeys(
        f"{name} {address}: {problem}"
        for name, document in documents.items()
        for address, kind, values in _objects(document)
        for problem in schema.problems(kind, values)
    )
    return list(found)


def _objects(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    stack = model.parse(document, Path("cdk.tf.json"))
    for address, each in {**stack.resources, **stack.data}.items():
        yield address, each.kind, each.values
    for settings in document["provider"]["aws"]:
        yield f"provider.{settings.get('alias', 'aws')}", _PROVIDER, settings


def _names(type_: Mapping[str, Any]) -> Iterator[str]:
    """Return every type that a property can have, including element types of lists."""
    if "fqn" in type_:
        yield type_["fqn"]
    for each in type_.get("union", {}).get("types", ()):
        yield from _names(each)
    collection = type_.get("collection", {})
    if collection.get("kind") == "array":
        yield from _names(collection["elementtype"])


def _lean(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in _UNUSED}
