"""Fills the caches that a synthesis reads. Run once after an installation: `python -m wealist.toolkit.warm_up`.

    Python's bytecode of the bindings in use
    hcl2's grammar
    jsii's unpacked packages, and its index of the provider's 120 MB of type information

jsii writes the index in the background and stops at the end of the process. A synthesis ends before the index is
written, so this process waits for it.
"""

import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Final

from wealist import library
from wealist.toolkit.hcl_module import MODULES, module_outputs
from wealist.toolkit.loading import package_cache

_TIMEOUT_SECONDS: Final = 120


def warm_up() -> bool:
    """Fill the caches. Returns whether jsii has written its index."""
    sys.dont_write_bytecode = False
    for stack in ("account", "environment"):
        import_module(f"wealist.stacks.{stack}")
    for module in MODULES.iterdir():
        module_outputs(module)
    return _wait_for_index(package_cache())


def _wait_for_index(cache: Path) -> bool:
    end = time.monotonic() + _TIMEOUT_SECONDS
    chosen = library.selected_library()
    index = f"{chosen.bindings_npm}/{library.package_version(chosen.bindings)}/*/.jsii.runtime-index.*"
    while time.monotonic() < end:
        if any(cache.glob(index)):
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    if not warm_up():
        # A synthesis works without it, in twice the time.
        print(f"warning: jsii has not written its index after {_TIMEOUT_SECONDS} s", file=sys.stderr)
