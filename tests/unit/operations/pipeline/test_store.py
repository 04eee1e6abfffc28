import hashlib
from pathlib import Path

import pytest

from tests.unit.operations.pipeline.conftest import S3
from wealist.errors import OperatorError
from wealist.operations.pipeline.store import PlanStore

PLAN = b"a plan"
DIGEST = hashlib.sha256(PLAN).hexdigest()


@pytest.fixture
def kept(s3: S3, tmp_path: Path) -> PlanStore:
    """A store that holds prod's plan."""
    (tmp_path / "plan").write_bytes(PLAN)
    (tmp_path / "json").write_text("{}")
    store = PlanStore(s3)
    assert store.keep("prod", tmp_path / "plan", tmp_path / "json") == DIGEST
    return store


@pytest.mark.usefixtures("kept")
def test_a_plan_and_its_json_lie_under_the_plans_digest(s3: S3) -> None:
    assert s3.objects == {f"prod/{DIGEST}.tfplan": PLAN, f"prod/{DIGEST}.json": b"{}"}


def test_a_plan_comes_back_as_it_was(kept: PlanStore, tmp_path: Path) -> None:
    kept.fetch("prod", DIGEST, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == PLAN


def test_a_plan_that_was_exchanged_is_refused_and_not_written(kept: PlanStore, s3: S3, tmp_path: Path) -> None:
    s3.objects[f"prod/{DIGEST}.tfplan"] = b"another plan"
    with pytest.raises(OperatorError, match="is not the plan that was reviewed") as error:
        kept.fetch("prod", DIGEST, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    assert "find out who wrote it" in error.value.remedy


@pytest.mark.parametrize(("stack", "digest"), [("dev", DIGEST), ("prod", "0" * 64)])
def test_a_plan_that_has_expired_is_missed_with_the_way_to_a_new_one(
    kept: PlanStore, stack: str, digest: str, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="no longer there") as error:
        kept.fetch(stack, digest, tmp_path / "fetched")
    assert error.value.remedy.endswith(f"gh workflow run apply.yml --ref main -f stack={stack}")
