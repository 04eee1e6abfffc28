"""Read HCL files into the same structure as a stack's JSON.

    resource "aws_s3_bucket" "state" {…}  ──►  {"resource": {"aws_s3_bucket": {"state": {…}}}}

Expressions remain text, `${…}`. An argument `jsonencode({…})` becomes `{JSON_OF: {…}}`, so that its members can
be read. Parsing is slow, so the result is cached on disk by the hash of the text.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.files import user_cache, write_atomically

JSON_OF: Final = "${jsonencode}"
"""The only key of an object that replaces its own JSON text."""
_TYPED: Final = frozenset({"resource", "data", "ephemeral"})
_NAMED: Final = frozenset({"variable", "output"})
_BLOCK: Final = "__is_block__"
_ENCODED: Final = re.compile(r"\$\{jsonencode\((?P<object>\{.*\})\)\}", re.DOTALL)
_BARE: Final = re.compile(r"\$\{([\w.-]+)\}")
_CACHE_FORMAT: Final = 2
"""Increase it when the cached structure changes."""

Document = Mapping[str, Any]
"""Section → its content. All `locals` blocks are merged; sections without labels are lists of blocks."""


@lru_cache(maxsize=256)
def parse(text: str, name: str) -> Document:
    """Parse the text of one file.

    Args:
        text: The text.
        name: The file's name, for the error message.

    Raises:
        OperatorError: the text is not HCL; with exit code 2.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = user_cache() / "hcl" / f"{digest}-{version('python-hcl2')}-{_CACHE_FORMAT}.json"
    with contextlib.suppress(OSError, ValueError):
        document: Document = json.loads(kept.read_text(encoding="utf-8"))
        return document
    document = _sections(_blocks(text, name))
    with contextlib.suppress(OSError):  # the cache is optional
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, json.dumps(document))
    return document


def _blocks(text: str, name: str) -> dict[str, Any]:
    """Return the blocks of a file in the structure of python-hcl2."""
    import hcl2  # noqa: PLC0415  slow, and only needed for a file that is not cached
    from lark.exceptions import LarkError  # noqa: PLC0415  as above

    options = hcl2.SerializationOptions(with_comments=False, strip_string_quotes=True, preserve_heredocs=False)
    try:
        found: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    except (LarkError, ValueError, RuntimeError, RecursionError) as error:
        problem = str(error).strip().splitlines() or [type(error).__name__]
        raise OperatorError(
            f"{name} does not parse: {problem[0]}",
            remedy="see the output of `terraform fmt`",
            exit_code=BAD_INPUT,
        ) from error
    return found


def _sections(blocks: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, bodies in blocks.items():
        for body in map(_plain, bodies if isinstance(bodies, list) else [bodies]):
            if section in _TYPED:
                for kind, named in body.items():
                    several = found.setdefault(section, {}).setdefault(kind, {})
                    several |= {name: _with_meta_arguments(values) for name, values in named.items()}
            elif section == "locals" or section in _NAMED:
                found.setdefault(section, {}).update(body)
            else:
                found.setdefault(section, []).append(body)
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401  HCL is of any type
    """Return a value without the parser's markers, and with parsed `jsonencode` arguments."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != _BLOCK}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    encoded = _ENCODED.fullmatch(value) if isinstance(value, str) else None
    if encoded is None:
        return value
    try:
        return {JSON_OF: _plain(_blocks(f"x = {encoded['object']}\n", "jsonencode")["x"])}
    except OperatorError:  # `jsonencode({…}) == jsonencode({…})` is not a single call
        return value


def _with_meta_arguments(values: dict[str, Any]) -> dict[str, Any]:
    """Return meta-arguments as in JSON syntax: addresses without `${}`, `lifecycle` as an object."""
    lifecycle = values.get("lifecycle")
    if isinstance(lifecycle, list) and len(lifecycle) == 1:
        values["lifecycle"] = {name: _bare(each) for name, each in lifecycle[0].items()}
    return values | {name: _bare(values[name]) for name in ("depends_on", "provider") if name in values}


def _bare(value: Any) -> Any:  # noqa: ANN401  HCL is of any type
    if isinstance(value, list):
        return [_bare(each) for each in value]
    reference = _BARE.fullmatch(value) if isinstance(value, str) else None
    return reference[1] if reference else value


def kinds_in(folder: Path) -> frozenset[str]:
    """Return the types in a module's files. Data sources begin with `data.`, ephemeral resources with `ephemeral.`."""
    files = (parse(path.read_text(encoding="utf-8"), path.name) for path in folder.glob("*.tf"))
    return frozenset(
        kind if section == "resource" else f"{section}.{kind}"
        for document in files
        for section in _TYPED & document.keys()
        for kind in document[section]
    )
