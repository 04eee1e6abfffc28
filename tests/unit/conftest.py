"""Unit tests lay out nothing: the layout library is asked in tests/integration."""

from collections.abc import Iterator

import pytest

from tests.placed import in_a_column
from wealist.diagram import layout_library


@pytest.fixture(scope="session", autouse=True)
def _without_the_layout_library() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout_library, "placed", in_a_column)
        yield
