"""Connects jsii to a Node that started early and loads its packages while Python imports their bindings.

    Python   the specs ── the bindings ──────────────── constructs ─→
    Node     starts ───── constructs ─ cdktf ─ provider ─┘

Without this module, Python waits at the import of each package until Node has loaded it.
"""

import atexit
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from jsii._kernel.providers.process import ProcessProvider, _NodeProcess, stderr_sink
from jsii._kernel.types import GetRequest, GetResponse, LoadRequest, LoadResponse
from jsii._runtime import kernel
from jsii.errors import JSIIError

from wealist.errors import BAD_INPUT, OperatorError
from wealist.toolkit.patches import JSII, patch_error, patch_error_in_node

if TYPE_CHECKING:
    import subprocess

_REFERENCE: Final = "${TfToken["
_USED: Final = {ProcessProvider: ("_process", "load", "get"), _NodeProcess: ("handshake", "send", "stop")}
"""Private members of jsii that this module calls or replaces."""


class EarlyNode(ProcessProvider):
    """Sends jsii's requests to a Node that is running already.

    Packages load in the background. Every other request waits until they are loaded.
    """

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self._node = _Node(started)
        self._references: dict[tuple[str, str], GetResponse] = {}
        self._background = ThreadPoolExecutor(max_workers=1)  # one connection: one request after the other
        self._pending: list[Future[Any]] = [self._background.submit(self._greet)]

    @property
    def _process(self) -> _NodeProcess:
        """The connection, once all packages are loaded. Raises the errors of the background."""
        while self._pending:
            self._pending.pop(0).result()
        return self._node

    def _greet(self) -> None:
        try:
            self._node.handshake()
        except (AssertionError, ValueError) as error:
            raise OperatorError(
                "Node.js ended before its first request, or runs another version of jsii",
                remedy="read its message above; `make setup` installs the versions that fit",
                exit_code=BAD_INPUT,
            ) from error

    def load(self, request: LoadRequest) -> LoadResponse:
        """Load a package in Node, in the background."""
        self._pending.append(self._background.submit(self._load, request))
        return LoadResponse(assembly=request.name, types=0)

    def _load(self, request: LoadRequest) -> None:
        try:
            self._node.send(request, LoadResponse)
        except (JSIIError, RuntimeError) as error:
            raise patch_error_in_node(error) or error from None

    def get(self, request: GetRequest) -> GetResponse:
        """Return the value of a property. References to attributes never change, so each is requested once.

        The property `…Input` of an attribute holds the value that the construct passed. It may be a reference too, but
        it can change, so it is requested each time.
        """
        if request.property.endswith("Input"):
            return super().get(request)
        key = (request.objref.ref, request.property)
        if key in self._references:
            return self._references[key]
        response = super().get(request)
        # A property that Python overrides is answered by a Callback, which has no value, whatever jsii's types say.
        if str(getattr(response, "value", "")).startswith(_REFERENCE):
            self._references[key] = response
        return response


class _Node(_NodeProcess):
    """jsii's connection, to a process that it did not start itself."""

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._process = started
        self.sink_thread = threading.Thread(target=stderr_sink, args=(started.stderr,), daemon=True)
        self.sink_thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        with suppress(BrokenPipeError):  # it has ended before
            super().stop()


def adopt(started: "subprocess.Popen[bytes]") -> None:
    """Send all requests of this process to a Node that was started.

    Raises:
        OperatorError: The installed jsii lacks a member that this module replaces.
    """
    missing = [
        f"{owner.__name__}.{name}" for owner, names in _USED.items() for name in names if name not in vars(owner)
    ]
    if missing or not isinstance(getattr(kernel, "provider", None), ProcessProvider):
        problem = f"it has no {' and no '.join(missing or ['provider'])}"
        raise patch_error("wealist/toolkit/early_node.py", JSII, problem)
    kernel.provider = EarlyNode(started)
