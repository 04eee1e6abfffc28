"""Imports the Python packages that jsii generated without their type checks, which only slow the import.

    checks        at the head of every method, under `if __debug__`; mypy has checked the same, and Node checks it again
    stubs         one function for each check, whose annotations hold the types
    annotations   evaluated at import for some thousand methods, and read by the checks only
    typeguard     the package that compares types; newer packages import its caller from `jsii._type_checking`

`python -OO` would remove the checks and the docstrings, but of every package in the process.
https://docs.python.org/3/using/cmdline.html#cmdoption-OO
"""

import ast
import zlib
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from wealist.toolkit.patches import patch_error

WRITTEN_FOR: Final = "packages that jsii-pacmak 1.112 to 1.141 generated"
_CHECKING: Final = frozenset(
    {"cached_type_hints", "check_type", "typeguard", "TYPEGUARD_MAJOR_VERSION", "_metadata_package_version"}
)
_STUB: Final = "_typecheckingstub__"
_WITHOUT_DOCSTRINGS: Final = 2
_DIGEST: Final = zlib.crc32(Path(__file__).read_bytes())
"""Part of the names of the bytecode files, so that bytecode of another version of this module is not read."""


class LeanFinder(MetaPathFinder):
    """Finds modules of generated packages, and has them compiled without their checks."""

    def __init__(self, generated: Collection[str]) -> None:
        """Store the names of the generated packages."""
        self._generated = generated

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of a generated package; None for any other, so that the next finder is asked."""
        if fullname.partition(".")[0] not in self._generated:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LeanLoader(fullname, spec.origin)
        return spec


class _LeanLoader(SourceFileLoader):
    """Python's loader, with bytecode files of its own beside the usual ones."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = _WITHOUT_DOCSTRINGS) -> CodeType:  # type: ignore[override]  # noqa: ANN401 -- typeshed lacks it
        code: CodeType = compile(without_checks(data, path), path, "exec", dont_inherit=True, optimize=_optimize)
        return code

    def get_data(self, path: str) -> bytes:
        return super().get_data(self._bytecode(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:  # noqa: ANN401 -- as in its base
        super().set_data(self._bytecode(path), data, _mode=_mode)

    def _bytecode(self, path: str) -> str:
        return path if path == self.path else cache_from_source(self.path, optimization=f"wealist{_DIGEST}")


def without_checks(source: Any, path: str) -> ast.Module:  # noqa: ANN401  whatever a loader reads
    """Return the syntax tree of a generated module without its checks. Compile it with `optimize=2`.

    Raises:
        OperatorError: The module has classes of jsii, and none of the known checks.
    """
    module: ast.Module = ast.parse(source, path)
    body = [statement for statement in module.body if not _is_check(statement)]
    if len(body) == len(module.body) and any(map(_is_of_jsii, body)):
        raise patch_error("wealist/toolkit/lean_bindings.py", WRITTEN_FOR, f"{path} has no checks that it knows")
    module.body = body
    for node in ast.walk(module):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return module


def _is_of_jsii(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ClassDef) and any(each.arg == "jsii_type" for each in statement.keywords)


def _is_check(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name=name):
            return name in _CHECKING or name.startswith(_STUB)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return all((alias.asname or alias.name) in _CHECKING for alias in names)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _CHECKING
        case _:
            return False
