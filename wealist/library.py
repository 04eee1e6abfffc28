"""The library that synthesizes: the names of its packages, and their tested versions.

    WEALIST_LIBRARY ─► Library ─┬─► toolkit: loading in Python and Node
                                └─► model: the provider's bindings, read as text

This module imports no package, because both the toolkit, which imports the library, and the model, which must not,
read it. docs/moving-to-cdktn.md describes how to change the default.
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
    """A library and its bindings for the AWS provider.

    Attributes:
        core: The library's Python package.
        bindings: The bindings' Python package.
        core_npm: The library's npm package.
        bindings_npm: The bindings' npm package.
        tested_versions: Python package → versions that `make matrix` tests, and that fast loading supports.
        target_versions: Program → npm range of its versions that will read the JSON. The library rejects features that
            they lack. Empty for a library without this setting.
    """

    core: str
    bindings: str
    core_npm: str
    bindings_npm: str
    tested_versions: Mapping[str, tuple[str, ...]]
    target_versions: Mapping[str, str] = field(default_factory=dict)


LIBRARIES: Final[Mapping[str, Library]] = {
    "cdktf": Library(
        core="cdktf",
        bindings="cdktf_cdktf_provider_aws",
        core_npm="cdktf",
        bindings_npm="@cdktf/provider-aws",
        tested_versions={"cdktf": ("0.21.0",), "cdktf_cdktf_provider_aws": ("20.1.0", "21.22.1")},
    ),
    "cdktn": Library(
        core="cdktn",
        bindings="cdktn_provider_aws",
        core_npm="cdktn",
        bindings_npm="@cdktn/provider-aws",
        tested_versions={"cdktn": ("0.24.0",), "cdktn_provider_aws": ("25.8.1",)},
        target_versions={"terraform": ">=1.11.0"},
    ),
}


def selected_library() -> Library:
    """Return the library that WEALIST_LIBRARY names, `cdktf` by default.

    Raises:
        OperatorError: The library is unknown.
    """
    name = os.environ.get(SETTING) or DEFAULT
    if name not in LIBRARIES:
        raise OperatorError(
            f"{SETTING}={name}: unknown library",
            remedy=f"set it to {' or '.join(LIBRARIES)}, or unset it for {DEFAULT}",
            exit_code=BAD_INPUT,
        )
    return LIBRARIES[name]


def package_folder(package: str) -> Path:
    """Return the folder of a Python package without importing it.

    Raises:
        OperatorError: The package is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        wanted = os.environ.get(SETTING)
        raise OperatorError(
            f"the package {package} is not installed" + (f"; {SETTING}={wanted} requires it" if wanted else ""),
            remedy=f"{f'unset {SETTING}, or ' if wanted else ''}run `make setup`, and use the Python of .venv",
            exit_code=BAD_INPUT,
        )
    return Path(spec.origin).parent


def package_version(package: str) -> str:
    """Return the version of an installed package, read from the file name of its npm archive."""
    (archive,) = (package_folder(package) / "_jsii").glob("*@*.jsii.tgz")
    return archive.name.partition("@")[2].removesuffix(".jsii.tgz")


def refuse_untested_versions(library: Library) -> None:
    """Refuse versions of a library's packages that are not tested.

    Raises:
        OperatorError: A package is missing, or has an untested version.
    """
    for package, versions in library.tested_versions.items():
        installed = package_version(package)
        if installed not in versions:
            raise OperatorError(
                f"{package} {installed} is not tested with this project; tested: {', '.join(versions)}",
                remedy="run `make setup` for the pinned one; or add it to wealist/library.py and run `make matrix`",
                exit_code=BAD_INPUT,
            )
