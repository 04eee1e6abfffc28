"""Imports jsii's generated packages without what only slows them, from bytecode of our own beside the usual."""

import zlib
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

_WITHOUT_DOCSTRINGS: Final = 2
_TRANSFORMATION: Final = zlib.crc32(Path(__file__).with_name("lean_bindings.py").read_bytes())
"""Stands in the names of the files, so that bytecode of another transformation is not taken."""


class OptimizingFinder(MetaPathFinder):
    """Finds the generated packages where they lie, and has their modules optimized."""

    def __init__(self, generated: Collection[str]) -> None:
        """Keep what to look for.

        Args:
            generated: The names of the packages.
        """
        self._generated = generated

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of the generated packages; None, for the other finders, of any other."""
        if fullname.partition(".")[0] not in self._generated:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _OptimizingLoader(fullname, spec.origin)
        return spec


class _OptimizingLoader(SourceFileLoader):
    """Python's own loader, which keeps the optimized bytecode in files of its own beside the usual."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = _WITHOUT_DOCSTRINGS) -> CodeType:  # type: ignore[override]  # noqa: ANN401 -- typeshed lacks it
        from wealist.toolkit.lean_bindings import without_checks  # noqa: PLC0415  only after an installation

        code: CodeType = compile(without_checks(data, path), path, "exec", dont_inherit=True, optimize=_optimize)
        return code

    def get_data(self, path: str) -> bytes:
        return super().get_data(self._kept(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:  # noqa: ANN401 -- as in its base
        super().set_data(self._kept(path), data, _mode=_mode)

    def _kept(self, path: str) -> str:
        return path if path == self.path else cache_from_source(self.path, optimization=f"wealist{_TRANSFORMATION}")
