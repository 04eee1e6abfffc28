"""What is left of a module that jsii generated, without its checks of types.

    checks        at the head of every method, under `if __debug__`. mypy has checked before, and Node checks again
    stubs         a function for each check, whose annotations say what it is about
    annotations   evaluated at import for each of some thousand methods. Only the checks read them
    typeguard     which does the checking

`python -OO` would leave out the first, and the docstrings, of every package or of none.
https://docs.python.org/3/using/cmdline.html#cmdoption-OO
"""

import ast
from typing import Any, Final

_CHECKING: Final = frozenset({"check_type", "typeguard", "TYPEGUARD_MAJOR_VERSION", "_metadata_package_version"})
_STUB: Final = "_typecheckingstub__"


def without_checks(source: Any, path: str) -> ast.Module:  # noqa: ANN401  whatever a loader reads
    """The module, to be compiled with `optimize=2`: then nothing refers to what is missing."""
    module: ast.Module = ast.parse(source, path)
    module.body = [statement for statement in module.body if not _checks(statement)]
    for node in ast.walk(module):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return module


def _checks(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name=name):
            return name in _CHECKING or name.startswith(_STUB)
        case ast.Import(names=[ast.alias(name=name, asname=None)]) | ast.ImportFrom(names=[ast.alias(asname=name)]):
            return name in _CHECKING
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _CHECKING
        case _:
            return False
