"""Expand calls of HCL modules into resources of the calling stack.

    modules/state_backend/*.tf, arguments of the call
      └─► module.state_backend.aws_s3_bucket.state {bucket = "wealist-tfstate-bucket", …}

Variables and local values are substituted where they are known without Terraform. References inside the module get the
full address, so that they can be followed like any other reference of the stack.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from wealist.model.hcl import JSON_OF, parse
from wealist.project import ROOT

_SOURCE: Final = re.compile(r"\./modules/(?P<name>[\w-]+)")
_LEFT_OUT: Final = frozenset({"tests", "README.md"})
"""Files that a synthesis does not copy. Terraform's own files begin with a dot."""
_PREFIXES: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_KNOWN: Final = re.compile(r"(?<!\$)\$\{(?P<section>var|local)\.(?P<path>\w+(?:\.\w+)*)\}")
_ADDRESS: Final = re.compile(r"(?<![\w.-])(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*")
_UNKNOWN: Final = object()


@dataclass(frozen=True, eq=False)
class Module:
    """A module's files. Equal files share one object, which allows results to be cached.

    Attributes:
        source: The `source` of the calls.
        texts: Path inside the module's folder → the file's text.
    """

    source: str
    texts: Mapping[str, str]

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """Return the content of all `*.tf` files of the folder by section; raises as `wealist.model.hcl.parse` does."""
        whole: dict[str, Any] = {}
        for name, text in self.texts.items():
            if name.endswith(".tf") and "/" not in name:
                for section, held in parse(text, f"{self.source}/{name}").items():
                    whole[section] = _merge(whole.get(section), held)
        return whole

    def lines(self, file: str) -> list[str]:
        """Return the lines of a script or a YAML file without comment lines; `#!` is kept."""
        lines = self.texts[file].splitlines()
        return [line for line in lines if not line.lstrip().startswith("#") or line.startswith("#!")]

    def expand(self, call: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        """Yield the resources and data sources of a call: section, address, type, arguments.

        Args:
            call: The call's address: `module.state_backend`.
            arguments: The call's arguments.
        """
        document = self.document
        inside = frozenset(address for _, address, _, _ in _blocks(document))
        document = _with_full_addresses(document, inside, call)
        values = _Values(document, arguments)
        for section, address, kind, body in _blocks(document):
            yield section, f"{call}.{address}", kind, _with_json_texts(values.substitute(body))


def find(source: object, beside: Path) -> Module | None:
    """Find the module of a call.

    Args:
        source: The call's `source`.
        beside: The folder of the calling stack's JSON. Without a module there, the project's own is used; a stack in
            memory has no folder.

    Returns:
        None where the source is not below `./modules`, or the folder does not exist.
    """
    named = _SOURCE.fullmatch(source) if isinstance(source, str) else None
    if named is None:
        return None
    folders = (beside / named[0], ROOT / "modules" / named["name"])
    folder = next((each for each in folders if each.is_dir()), None)
    return None if folder is None else _module(named[0], tuple(_texts(folder)))


@lru_cache(maxsize=64)
def _module(source: str, texts: tuple[tuple[str, str], ...]) -> Module:
    return Module(source, dict(texts))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] not in _LEFT_OUT and not any(part.startswith(".") for part in parts) and path.is_file():
            yield "/".join(parts), path.read_text(encoding="utf-8", errors="replace")


def _merge(one: Any, other: Any) -> Any:  # noqa: ANN401  HCL is of any type
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **{key: _merge(one.get(key), each) for key, each in other.items()}}
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else other


class _Values:
    """Variables and local values of one call that are known without Terraform."""

    def __init__(self, document: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
        defaults = {name: body["default"] for name, body in document.get("variable", {}).items() if "default" in body}
        self._sections = {"var": {**defaults, **arguments}, "local": document.get("locals", {})}
        self._open: set[str] = set()

    def substitute(self, value: Any) -> Any:  # noqa: ANN401  HCL is of any type
        """Return a value with known values in place of references to them."""
        if isinstance(value, dict):
            return {key: self.substitute(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.substitute(each) for each in value]
        if not isinstance(value, str) or "${" not in value:
            return value
        if whole := _KNOWN.fullmatch(value):
            found = self._look_up(whole)
            return value if found is _UNKNOWN else found
        return _KNOWN.sub(self._as_text, value)

    def _as_text(self, reference: re.Match[str]) -> str:
        found = self._look_up(reference)
        if isinstance(found, str):
            return found
        return json.dumps(found) if isinstance(found, int | float) else reference[0]

    def _look_up(self, reference: re.Match[str]) -> Any:  # noqa: ANN401  HCL is of any type
        if reference[0] in self._open:  # a cycle, which Terraform rejects
            return _UNKNOWN
        found: Any = self._sections[reference["section"]]
        self._open.add(reference[0])
        for step in reference["path"].split("."):
            found = self.substitute(found.get(step, _UNKNOWN)) if isinstance(found, Mapping) else _UNKNOWN
        self._open.remove(reference[0])
        return found


def _blocks(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield each block of a module: section, address inside the module, type, arguments."""
    for section, prefix in _PREFIXES.items():
        for kind, named in document.get(section, {}).items():
            yield from ((section, f"{prefix}{kind}.{name}", kind, body) for name, body in named.items())


def _with_full_addresses(value: Any, inside: frozenset[str], call: str) -> Any:  # noqa: ANN401  HCL is of any type
    if isinstance(value, dict):
        return {key: _with_full_addresses(each, inside, call) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_full_addresses(each, inside, call) for each in value]
    if not isinstance(value, str):
        return value
    return _ADDRESS.sub(lambda found: f"{call}.{found[0]}" if found[0] in inside else found[0], value)


def _with_json_texts(value: Any) -> Any:  # noqa: ANN401  HCL is of any type
    """Return a value with JSON text in place of `jsonencode` arguments."""
    if isinstance(value, dict):
        members = {key: _with_json_texts(each) for key, each in value.items()}
        return json.dumps(members[JSON_OF]) if members.keys() == {JSON_OF} else members
    return [_with_json_texts(each) for each in value] if isinstance(value, list) else value
