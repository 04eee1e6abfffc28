"""The library that synthesizes: what its packages are called, and which versions of them were tried.

    WEALIST_LIBRARY ─► Library ─┬─► toolkit: loading in Python and Node
                                └─► model: the provider's bindings, read as text

Beside the rings, and without an import of any package: the toolkit, which imports the library, and the model, which
must not, both read it. docs/moving-to-cdktn.md says how to change the default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError

SETTING: Final = "WEALIST_LIBRARY"
DEFAULT: Final = "cdktf"


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library and its bindings of the AWS provider.

    Attributes:
        core: The library's package in Python.
        bindings: The bindings' package in Python.
        core_npm: The library's package in Node.
        bindings_npm: The bindings' package in Node.
        tried: Package in Python → its versions that `make matrix` runs with, and that fast loading was written for.
        target_versions: What the library is told of the program that will read the JSON, as ranges of npm. It then
            refuses what that program does not support. Empty where the library does not ask.
    """

    core: str
    bindings: str
    core_npm: str
    bindings_npm: str
    tried: Mapping[str, tuple[str, ...]]
    target_versions: Mapping[str, str] = field(default_factory=dict)


LIBRARIES: Final[Mapping[str, Library]] = {
    "cdktf": Library(
        core="cdktf",
        bindings="cdktf_cdktf_provider_aws",
        core_npm="cdktf",
        bindings_npm="@cdktf/provider-aws",
        tried={"cdktf": ("0.21.0",), "cdktf_cdktf_provider_aws": ("20.1.0", "21.22.1")},
    ),
    "cdktn": Library(
        core="cdktn",
        bindings="cdktn_provider_aws",
        core_npm="cdktn",
        bindings_npm="@cdktn/provider-aws",
        tried={"cdktn": ("0.24.0",), "cdktn_provider_aws": ("25.8.1",)},
        target_versions={"terraform": ">=1.11.0"},
    ),
}


def chosen() -> Library:
    """Return the library that WEALIST_LIBRARY names, else the default.

    Raises:
        OperatorError: there is no such library.
    """
    name = os.environ.get(SETTING) or DEFAULT
    if name not in LIBRARIES:
        raise OperatorError(
            f"{SETTING}={name} names no library",
            remedy=f"set it to {' or '.join(LIBRARIES)}, or unset it for {DEFAULT}",
            exit_code=BAD_INPUT,
        )
    return LIBRARIES[name]


def folder(package: str) -> Path:
    """Return where a package in Python lies, without importing it.

    Raises:
        OperatorError: it is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        wanted = os.environ.get(SETTING)
        raise OperatorError(
            f"the package {package} is not installed" + (f", which {SETTING}={wanted} needs" if wanted else ""),
            remedy=f"{f'unset {SETTING}, or ' if wanted else ''}run `make setup`, and use the Python of .venv",
            exit_code=BAD_INPUT,
        )
    return Path(spec.origin).parent


def version(package: str) -> str:
    """Return the version of a package of a library, which the name of its archive for Node holds."""
    (archive,) = (folder(package) / "_jsii").glob("*@*.jsii.tgz")
    return archive.name.partition("@")[2].removesuffix(".jsii.tgz")


def refuse_untried(library: Library) -> None:
    """Refuse versions of a library's packages that nobody has tried.

    Raises:
        OperatorError: a package is not installed, or another version of it.
    """
    for package, versions in library.tried.items():
        installed = version(package)
        if installed not in versions:
            raise OperatorError(
                f"{package} {installed} was never tried with this project, only {' and '.join(versions)}",
                remedy="run `make setup` for the pinned one; or add it to wealist/library.py and run `make matrix`",
                exit_code=BAD_INPUT,
            )
