"""Starts Node in the background, and lets it load its packages while Python imports their bindings.

    Python   the specs ── the bindings ──────────────── constructs ─→
    Node     starts ───── constructs ─ cdktf ─ provider ─┘

jsii by itself takes turns: Python waits at the import of each package until Node has loaded it. jsii also puts a second
Node between Python and the one that works; `one_process.cjs` does without.
"""

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from jsii._kernel.types import GetRequest, GetResponse, LoadRequest, LoadResponse
from jsii._runtime import kernel

_ONE_PROCESS: Final = Path(__file__).with_name("one_process.cjs")
_OPTIONS: Final = ("--require", f'"{_ONE_PROCESS}"', "--preserve-symlinks", "--max-semi-space-size=32")
"""Node's. Packages are links into jsii's cache; and most of what a synthesis allocates is young when it ends."""
_IMPORT: Final = re.compile(r"^from cdktf_cdktf_provider_aws\.(\w+) import ", re.MULTILINE)
_REFERENCE: Final = "${TfToken["


class EarlyNode(ProcessProvider):
    """The conversation with a Node that started early.

    Loading a package waits for nobody. Everything else waits for what is loading.
    """

    def __init__(self, provider_modules: str) -> None:
        """Starts Node.

        Args:
            provider_modules: what Node shall load of the provider: `subnet,vpc`.
        """
        self._node = _Node({"WEALIST_PROVIDER_MODULES": provider_modules})
        self._node.start()
        self._references: dict[tuple[str, str], GetResponse] = {}
        self._background = ThreadPoolExecutor(max_workers=1)  # one conversation: one request after the other
        self._under_way: list[Future[Any]] = [self._background.submit(self._node.greet)]

    @property
    def _process(self) -> _NodeProcess:
        """What every request goes to. Raises what failed in the background."""
        while self._under_way:
            self._under_way.pop(0).result()
        return self._node

    def load(self, request: LoadRequest) -> LoadResponse:
        """Has Node load a package, in the background."""
        self._under_way.append(self._background.submit(self._node.send, request, LoadResponse))
        return LoadResponse(assembly=request.name, types=0)

    def get(self, request: GetRequest) -> GetResponse:
        """The value of a property. A reference to an attribute is asked for once: it never changes."""
        asked = (request.objref.ref, request.property)
        if asked in self._references:
            return self._references[asked]
        response = super().get(request)
        # A property that Python overrides is asked back for: then this is a Callback, whatever jsii's types say.
        if str(getattr(response, "value", "")).startswith(_REFERENCE):
            self._references[asked] = response
        return response


class _Node(_NodeProcess):
    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._variables = variables

    def start(self) -> None:
        options = " ".join(filter(None, [os.environ.get("NODE_OPTIONS"), *_OPTIONS]))
        # For this Node alone: no other program that this process starts may get options of ours.
        with _environment({**self._variables, "NODE_OPTIONS": options}):
            super().start()  # type: ignore[no-untyped-call]

    def handshake(self) -> None:
        """Not yet: it would wait for Node."""

    def greet(self) -> None:
        """Waits until Node has started. Raises AssertionError if it is of another version."""
        super().handshake()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def start(bindings: Path) -> None:
    """Starts Node in the background, for whatever this process does with jsii.

    Args:
        bindings: a folder of Python files whose imports tell what Node will need of the provider.
    """
    modules = {name for file in bindings.rglob("*.py") for name in _IMPORT.findall(file.read_text(encoding="utf-8"))}
    kernel.provider = EarlyNode(",".join(sorted(modules)))
