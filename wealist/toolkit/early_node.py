"""A Node that loads its packages while Python imports their bindings.

    Python   the specs ── the bindings ──────────────── constructs ─→
    Node     starts ───── constructs ─ cdktf ─ provider ─┘

jsii by itself takes turns: Python waits at the import of each package until Node has loaded it.
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
from wealist.toolkit.misfit import JSII, misfit, misfit_in_node

if TYPE_CHECKING:
    import subprocess

_REFERENCE: Final = "${TfToken["
_USED: Final = {ProcessProvider: ("_process", "load", "get"), _NodeProcess: ("handshake", "send", "stop")}
"""What is called or replaced here of jsii's own."""


class EarlyNode(ProcessProvider):
    """The conversation with a Node that was started before.

    Loading a package waits for nobody. Everything else waits for what is loading.
    """

    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self._node = _Node(started)
        self._references: dict[tuple[str, str], GetResponse] = {}
        self._background = ThreadPoolExecutor(max_workers=1)  # one conversation: one request after the other
        self._under_way: list[Future[Any]] = [self._background.submit(self._greet)]

    @property
    def _process(self) -> _NodeProcess:
        """What every request goes to. Raises what failed in the background."""
        while self._under_way:
            self._under_way.pop(0).result()
        return self._node

    def _greet(self) -> None:
        try:
            self._node.handshake()
        except (AssertionError, ValueError) as error:
            raise OperatorError(
                "Node.js ended before it was asked anything, or runs another version of jsii",
                remedy="read what it says above; `make setup` installs the versions that fit",
                exit_code=BAD_INPUT,
            ) from error

    def load(self, request: LoadRequest) -> LoadResponse:
        """Has Node load a package, in the background."""
        self._under_way.append(self._background.submit(self._load, request))
        return LoadResponse(assembly=request.name, types=0)

    def _load(self, request: LoadRequest) -> None:
        try:
            self._node.send(request, LoadResponse)
        except (JSIIError, RuntimeError) as error:
            raise misfit_in_node(error) or error from None

    def get(self, request: GetRequest) -> GetResponse:
        """The value of a property. A reference to an attribute is asked for once: it never changes.

        An `…Input` is no reference, but what the attribute was given, which may be one and may change.
        """
        if request.property.endswith("Input"):
            return super().get(request)
        asked = (request.objref.ref, request.property)
        if asked in self._references:
            return self._references[asked]
        response = super().get(request)
        # A property that Python overrides is asked back for: then this is a Callback, whatever jsii's types say.
        if str(getattr(response, "value", "")).startswith(_REFERENCE):
            self._references[asked] = response
        return response


class _Node(_NodeProcess):
    """jsii's own connection, but for who starts Node, and when."""

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
    """Has everything that this process does with jsii go to a Node that was started."""
    gone = [f"{owner.__name__}.{name}" for owner, names in _USED.items() for name in names if name not in vars(owner)]
    if gone or not isinstance(getattr(kernel, "provider", None), ProcessProvider):
        raise misfit("wealist/toolkit/early_node.py", JSII, f"it has no {' and no '.join(gone or ['provider'])}")
    kernel.provider = EarlyNode(started)
