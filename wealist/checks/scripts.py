"""Proof that no script runs a download without verifying its checksum first.

curl https://… | sh        bash <(curl https://…)        eval "$(curl https://…)"
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.model.module import Module
from wealist.model.stack import strings_in

CONTROL: Final = "scripts.unchecked"
_REMEDY: Final = "download to a file, compare its SHA-256 with a pinned one, and run the file"
_SHELL: Final = r"(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+)?(?:/\S*/)?(?:ba|da|k|z)?sh\b"
_SCRIPTED: Final = r"(?:sudo\s+)?(?:/\S*/)?(?:python[\d.]*|perl|ruby|node)\s*(?:-\s|-?$)"
_DOWNLOAD: Final = r"(?:retry\s+)?(?:curl|wget|fetch)\b"
_RUNS: Final = re.compile(
    rf"\|&?\s*(?:{_SHELL}|{_SCRIPTED})"
    rf"|<\(\s*{_DOWNLOAD}"
    rf"|(?:\beval|\bsource|(?:^|\s)\.|\s-c)\s+[\"']?(?:\$\(|`)\s*{_DOWNLOAD}",
    re.MULTILINE,
)
_CONTINUED: Final = re.compile(r"\\\n|(?<=\|)\n")


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report every command of a module's script that runs a download."""
    for name, stack in sorted(synthesis.stacks.items()):
        for call, module in stack.called.items():
            for place, command in _unchecked(module):
                problem = f"{place} of {module.source} runs a download without verification: {command}"
                yield Finding(name, call, CONTROL, problem, _REMEDY)


@lru_cache(maxsize=64)
def _unchecked(module: Module) -> tuple[tuple[str, str], ...]:
    return tuple(
        (place, found[0].strip()) for place, text in _scripts(module) if (found := _RUNS.search(text)) is not None
    )


def _scripts(module: Module) -> Iterator[tuple[str, str]]:
    """Yield every text that may be a script, without comments, each command on one line."""
    for file in module.texts:
        if not file.endswith(".tf"):
            yield file, _CONTINUED.sub(" ", "\n".join(module.lines(file)))
    for section in ("locals", "resource", "output"):
        yield from ((section, _CONTINUED.sub(" ", text)) for text in strings_in(module.document.get(section, {})))
