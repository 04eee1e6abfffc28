"""What is left of a module that jsii generated, without its checks of types.

    checks        at the head of every method, under `if __debug__`. mypy has checked before, and Node checks again
    stubs         a function for each check, whose annotations say what it is about
    annotations   evaluated at import for each of some thousand methods. Only the checks read them
    typeguard     which does the checking; newer packages import what calls it from `jsii._type_checking`

`python -OO` would leave out the first, and the docstrings, of every package or of none.
https://docs.python.org/3/using/cmdline.html#cmdoption-OO
"""

import ast
from typing import Any, Final

from wealist.toolkit.misfit import misfit

WRITTEN_FOR: Final = "packages that jsii-pacmak 1.112 to 1.141 generated"
_CHECKING: Final = frozenset(
    {"cached_type_hints", "check_type", "typeguard", "TYPEGUARD_MAJOR_VERSION", "_metadata_package_version"}
)
_STUB: Final = "_typecheckingstub__"


def without_checks(source: Any, path: str) -> ast.Module:  # noqa: ANN401  whatever a loader reads
    """The module, to be compiled with `optimize=2`: then nothing refers to what is missing.

    Raises:
        OperatorError: it has classes of jsii, but not one of the checks that belong to them.
    """
    module: ast.Module = ast.parse(source, path)
    kept = [statement for statement in module.body if not _checks(statement)]
    if len(kept) == len(module.body) and any(map(_is_of_jsii, kept)):
        raise misfit("wealist/toolkit/lean_bindings.py", WRITTEN_FOR, f"{path} has no checks that it knows")
    module.body = kept
    for node in ast.walk(module):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return module


def _is_of_jsii(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ClassDef) and any(each.arg == "jsii_type" for each in statement.keywords)


def _checks(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name=name):
            return name in _CHECKING or name.startswith(_STUB)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return all((alias.asname or alias.name) in _CHECKING for alias in names)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _CHECKING
        case _:
            return False
