"""The types that hand-written HCL holds: those of `resource` and `data` blocks."""

import re
from functools import cache
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r'^(resource|data|ephemeral)\s+"(\w+)"', re.MULTILINE)


@cache
def kinds_in(folder: Path) -> frozenset[str]:
    """The types in a module's files. Data sources begin with `data.`, ephemeral resources with `ephemeral.`."""
    blocks = (block for path in folder.glob("*.tf") for block in _BLOCK.findall(path.read_text(encoding="utf-8")))
    return frozenset(kind if mode == "resource" else f"{mode}.{kind}" for mode, kind in blocks)
