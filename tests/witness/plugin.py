"""Has the tests of the corrections ask the witness in place of moto: `pytest -p tests.witness.plugin`.

A test of a correction says what AWS answers. What the correction itself does to moto is left out; which corrections a
test called for, and how it ended, goes into the file that WITNESS_RESULTS names.
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

_RESULTS = Path(os.environ["WITNESS_RESULTS"])
_LACKING = {"400", "501", "InvalidAction", "NotImplemented", "UnknownOperationException"}
"""How the witness says that it has no such call."""
_called: list[str] = []
_found: list[dict[str, Any]] = []


def _recorder(name: str) -> Callable[..., None]:
    return lambda _replace: _called.append(name)


@contextmanager
def _witness() -> Iterator[None]:
    """Take the place of moto's `mock_aws`: one account for all tests, emptied for each."""
    _SERVER.reset()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in _SERVER.environment().items():
            if name.startswith("AWS_"):
                patched.setenv(name, value)
        yield


_SERVER = Ministack(_RESULTS.parent / "corrections")
moto.mock_aws = _witness  # type: ignore[assignment]
for _module in {sys.modules[each.__module__] for each in corrections.CORRECTIONS}:
    _place = _module.__name__.rpartition(".")[2]
    _names = [each.__name__ for each in vars(_module)["CORRECTIONS"]]
    _recorders = {name: _recorder(f"{_place}.{name}") for name in _names}
    vars(_module).update(_recorders, CORRECTIONS=tuple(_recorders.values()))


def pytest_sessionstart() -> None:
    """Start the witness."""
    _SERVER.__enter__()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about moto alone."""
    items[:] = [item for item in items if "moto_alone" not in item.name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Keep how a test ended."""
    report = yield
    if call.when == "call":
        module = item.path.stem.removeprefix("test_")
        _found.append({"test": item.name, "module": module, "corrections": sorted(set(_called)), **_outcome(call)})
    if call.when == "teardown":
        _called.clear()
    return report


def _outcome(call: pytest.CallInfo[None]) -> dict[str, Any]:
    if call.excinfo is None:
        return {"passed": True, "lacks": False, "says": ""}
    error = call.excinfo.value
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return {"passed": False, "lacks": code in _LACKING, "says": " ".join(str(error).split())[:200]}


def pytest_sessionfinish() -> None:
    """Stop the witness, and write the results."""
    _SERVER.__exit__(None, None, None)
    _RESULTS.write_text(json.dumps(_found), encoding="utf-8")
