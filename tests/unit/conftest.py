"""Unit tests run without Node: a simple layout takes the place of elkjs, which tests/integration uses."""

from collections.abc import Iterator

import pytest

from tests.stacked_layout import stack
from wealist.diagram import layout


@pytest.fixture(scope="session", autouse=True)
def _without_node() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "run_elk", stack)
        yield
