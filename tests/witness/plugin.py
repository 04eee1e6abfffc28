"""Run the tests of moto's corrections against ministack: `pytest -p tests.witness.plugin`.

These tests assert what AWS answers. Corrections do not change moto here; their calls are only recorded. Each test's
result and the corrections that it requested are written into the file that WITNESS_RESULTS names.
"""

import json
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import moto
import pytest
from botocore.exceptions import ClientError

from tests.witness.server import Ministack
from wealist.emulator import corrections

_RESULTS_FILE = Path(os.environ["WITNESS_RESULTS"])
_LACKING = {"400", "501", "InvalidAction", "NotImplemented", "UnknownOperationException"}
"""Error codes of ministack for operations that it does not support."""
_requested: list[str] = []
_results: list[dict[str, Any]] = []


def _recorder(name: str) -> Callable[..., None]:
    return lambda _replace: _requested.append(name)


@contextmanager
def _witness() -> Iterator[None]:
    """Replace moto's `mock_aws` by one account, which is emptied for each test."""
    _SERVER.reset()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in _SERVER.environment().items():
            if name.startswith("AWS_"):
                patched.setenv(name, value)
        yield


_SERVER = Ministack(_RESULTS_FILE.parent / "corrections")
moto.mock_aws = _witness  # type: ignore[assignment]
for _module in {sys.modules[each.__module__] for each in corrections.CORRECTIONS}:
    _place = _module.__name__.rpartition(".")[2]
    _names = [each.__name__ for each in vars(_module)["CORRECTIONS"]]
    _recorders = {name: _recorder(f"{_place}.{name}") for name in _names}
    vars(_module).update(_recorders, CORRECTIONS=tuple(_recorders.values()))


def pytest_sessionstart() -> None:
    """Start ministack."""
    _SERVER.__enter__()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deselect tests of moto itself."""
    items[:] = [item for item in items if "moto_alone" not in item.name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Store the result of a test."""
    report = yield
    if call.when == "call":
        module = item.path.stem.removeprefix("test_")
        _results.append({"test": item.name, "module": module, "corrections": sorted(set(_requested)), **_outcome(call)})
    if call.when == "teardown":
        _requested.clear()
    return report


def _outcome(call: pytest.CallInfo[None]) -> dict[str, Any]:
    if call.excinfo is None:
        return {"passed": True, "lacks": False, "says": ""}
    error = call.excinfo.value
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return {"passed": False, "lacks": code in _LACKING, "says": " ".join(str(error).split())[:200]}


def pytest_sessionfinish() -> None:
    """Stop ministack, and write the results."""
    _SERVER.__exit__(None, None, None)
    _RESULTS_FILE.write_text(json.dumps(_results), encoding="utf-8")
