"""The end of dev: destroyed for real, and nothing of it is left.

Every other test of this folder needs dev, so that this file must be the last of it: by its name, since pytest collects
files by their names and one worker runs them all in that order (`tests/conftest.py`). Dev stays destroyed.
"""

from pathlib import Path

import pytest

from tests.integration.applied.everything import Applied
from wealist.operations import inventory
from wealist.operations.life import ACCOUNT, BOOTSTRAP, changes, together

pytestmark = pytest.mark.integration

OTHERS = (BOOTSTRAP, ACCOUNT, "prod")


@pytest.fixture
def last(request: pytest.FixtureRequest) -> None:
    """Destroys nothing that a test may still need."""
    sharing = [item for item in request.session.items if item.path.parent == Path(__file__).parent]
    assert sharing[-1] is request.node, f"{sharing[-1].nodeid} would find dev destroyed"


@pytest.mark.usefixtures("last")
def test_dev_can_be_destroyed_wholly_and_leaves_nothing_behind(applied: Applied) -> None:
    before, after = inventory.around(applied.client, "dev", lambda: applied.destroy("dev"))
    assert before.own.total() > 100
    assert dict(after.own) == {}
    assert after.others == before.others
    assert applied.state("dev")["resources"] == []
    again = together(applied.plan, OTHERS)
    assert {stack: changes(again[stack]) for stack in OTHERS} == {stack: {} for stack in OTHERS}
