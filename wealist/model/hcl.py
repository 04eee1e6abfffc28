"""HCL files, read into the form that a stack's JSON has.

    resource "aws_s3_bucket" "state" {…}  ──►  {"resource": {"aws_s3_bucket": {"state": {…}}}}

Expressions stay text, `${…}`. An argument that is `jsonencode({…})` becomes `{JSON_OF: {…}}`, so that its members can
be read. Parsing a file takes longer than synthesizing most stacks; the result is kept between runs, by its content.
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
"""The only key of an object that stands for its own JSON text."""
_TYPED: Final = frozenset({"resource", "data", "ephemeral"})
_NAMED: Final = frozenset({"variable", "output"})
_BLOCK: Final = "__is_block__"
_ENCODED: Final = re.compile(r"\$\{jsonencode\((?P<object>\{.*\})\)\}", re.DOTALL)
_BARE: Final = re.compile(r"\$\{([\w.-]+)\}")
_FORM: Final = 2
"""Counts the forms of what is kept; another form is parsed again."""

Document = Mapping[str, Any]
"""Section → what it holds; `locals` of all blocks together. Sections without a label are lists of blocks."""


@lru_cache(maxsize=256)
def parse(text: str, name: str) -> Document:
    """Read one file.

    Args:
        text: The file's text.
        name: The file's name, for the error.

    Raises:
        OperatorError: the text is no HCL; with exit code 2.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = user_cache() / "hcl" / f"{digest}-{version('python-hcl2')}-{_FORM}.json"
    with contextlib.suppress(OSError, ValueError):
        document: Document = json.loads(kept.read_text(encoding="utf-8"))
        return document
    document = _sections(_blocks(text, name))
    with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to fail
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, json.dumps(document))
    return document


def _blocks(text: str, name: str) -> dict[str, Any]:
    """Return the blocks of a file as python-hcl2 writes them."""
    import hcl2  # noqa: PLC0415  only for a file that was never read before
    from lark.exceptions import LarkError  # noqa: PLC0415  the same

    options = hcl2.SerializationOptions(with_comments=False, strip_string_quotes=True, preserve_heredocs=False)
    try:
        found: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    except (LarkError, ValueError, RuntimeError, RecursionError) as error:
        problem = str(error).strip().splitlines() or [type(error).__name__]
        raise OperatorError(
            f"{name} does not parse: {problem[0]}", remedy="see what `terraform fmt` says about it", exit_code=BAD_INPUT
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
    """Return a value without the parser's marks, and with `jsonencode` opened."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != _BLOCK}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    written = _ENCODED.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        return value
    try:
        return {JSON_OF: _plain(_blocks(f"x = {written['object']}\n", "jsonencode")["x"])}
    except OperatorError:  # `jsonencode({…}) == jsonencode({…})`: no call around everything
        return value


def _with_meta_arguments(values: dict[str, Any]) -> dict[str, Any]:
    """Write the arguments of Terraform itself as its JSON syntax does: addresses without `${}`, `lifecycle` once."""
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
