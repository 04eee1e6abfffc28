"""Make `import cdktf` import cdktn, and likewise for the bindings. Installed in the virtualenv of that column only."""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

ALIASES = {"cdktf": "cdktn", "cdktf_cdktf_provider_aws": "cdktn_provider_aws"}


class Aliases(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, _path: Any, _target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname.partition(".")[0] in ALIASES else None

    def create_module(self, spec: ModuleSpec) -> Any:
        package, dot, rest = spec.name.partition(".")
        module = import_module(ALIASES[package] + dot + rest)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: Any) -> None:
        module.__spec__ = module.__spec__.loader_state  # restore the original spec


sys.meta_path.insert(0, Aliases())
