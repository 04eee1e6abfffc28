"""Plans are identified by digests, and stored in S3 and in artifacts."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import S3, plan_record
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plans import (
    RECORD_FILE,
    Planned,
    changed_stacks,
    configuration_digest,
    configuration_digests,
    download_plans,
    fetch_plan,
    read_record,
    removed_stacks,
    store_plan,
)
from wealist.review.markdown import marker

# --- configuration ----------------------------------------------------------------------------------------------------

STACKS = {"prod/cdk.tf.json": "{}", "dev/cdk.tf.json": "{}", "account/cdk.tf.json": "{}", "bootstrap/cdk.tf.json": "{}"}


def synthesis(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """A folder as `main.py` writes it."""
    for name, text in (STACKS if files is None else files).items():
        path = root / "stacks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    stacks: dict[str, object] = {path.name: {} for path in (root / "stacks").iterdir()}
    (root / "manifest.json").write_text(json.dumps({"stacks": stacks}))
    return root


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return synthesis(tmp_path / "base")


@pytest.fixture
def head(tmp_path: Path) -> Path:
    return synthesis(tmp_path / "head")


def test_equal_syntheses_in_different_folders_have_no_changed_stacks(base: Path, head: Path) -> None:
    assert changed_stacks(base, head) == {}
    assert removed_stacks(base, head) == []


@pytest.mark.parametrize(
    "change",
    [
        {"prod/cdk.tf.json": '{"resource": {}}'},
        {"prod/modules/boot/main.tf": "# new"},
        {"prod/modules/boot/templates/backend.sh.tftpl": "#!/bin/sh"},
    ],
)
def test_a_stack_is_changed_by_its_json_and_by_its_modules(base: Path, head: Path, change: Mapping[str, str]) -> None:
    synthesis(head, change)
    assert changed_stacks(base, head) == {"prod": configuration_digest(head / "stacks" / "prod")}


def test_a_moved_or_deleted_file_changes_its_stack(base: Path, head: Path) -> None:
    for root in (base, head):
        synthesis(root, {"dev/modules/a/main.tf": "x"})
    (head / "stacks/dev/modules/a/main.tf").rename(head / "stacks/dev/modules/a/other.tf")
    assert list(changed_stacks(base, head)) == ["dev"]
    (head / "stacks/dev/modules/a/other.tf").unlink()
    assert list(changed_stacks(base, head)) == ["dev"]


def test_files_that_terraform_writes_beside_a_stack_do_not_change_it(base: Path, head: Path) -> None:
    synthesis(head, {"prod/.terraform/providers/x": "binary", "prod/.terraform.lock.hcl": "hashes"})
    assert changed_stacks(base, head) == {}


def test_without_a_base_every_stack_is_changed(tmp_path: Path, head: Path) -> None:
    assert list(changed_stacks(tmp_path / "nothing", head)) == ["bootstrap", "account", "dev", "prod"]
    assert removed_stacks(tmp_path / "nothing", head) == []


def test_stacks_are_in_the_order_of_applies(head: Path) -> None:
    assert list(configuration_digests(synthesis(head, {"alpha/cdk.tf.json": "{}"}))) == [
        "bootstrap", "account", "alpha", "dev", "prod"
    ]  # fmt: skip


def test_a_new_stack_is_changed_and_a_deleted_one_is_removed(base: Path, head: Path) -> None:
    synthesis(base, {"old/cdk.tf.json": "{}"})
    synthesis(head, {"staging/cdk.tf.json": "{}"})
    assert list(changed_stacks(base, head)) == ["staging"]
    assert removed_stacks(base, head) == ["old"]


# --- records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        '{"stack": "prod"}',
        plan_record().model_dump_json().replace("b" * 64, "B" * 64),
        plan_record().model_dump_json().replace("b" * 64, "../state"),
        plan_record().model_dump_json().replace("prod", "../prod"),
        plan_record().model_dump_json().replace("}", ', "extra": 1}'),
    ],
)
def test_a_missing_or_invalid_record_is_rejected(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / RECORD_FILE).write_text(text)
    with pytest.raises(OperatorError, match=r"record\.json is not a valid record of a plan") as error:
        read_record(tmp_path)
    assert error.value.exit_code == 2


def test_the_artifacts_of_a_run_hold_its_plans_and_their_reviews(hub: GitHubServer, github: GitHub) -> None:
    hub.plan(9, plan_record("prod"))
    hub.plan(9, plan_record("dev", plan=None))
    hub.plan(9, plan_record("account", plan=None), "a check fails")
    assert download_plans(github, 9) == {
        "prod": Planned(plan_record("prod"), f"{marker('prod')}\nreview of prod"),
        "dev": Planned(plan_record("dev", plan=None), None),
        "account": Planned(plan_record("account", plan=None), "a check fails"),
    }


def test_expired_artifacts_and_artifacts_without_a_plan_are_ignored(hub: GitHubServer, github: GitHub) -> None:
    artifacts = [{"name": "plan-prod", "expired": True}, {"name": "logs", "expired": False}]
    hub.holds({"actions/runs/8/artifacts": {"artifacts": artifacts}})
    assert download_plans(github, 8) == {}


# --- plan files -------------------------------------------------------------------------------------------------------

PLAN = b"a plan"
DIGEST = hashlib.sha256(PLAN).hexdigest()


@pytest.fixture
def stored(s3: S3, tmp_path: Path) -> S3:
    """An S3 that holds prod's plan."""
    (tmp_path / "plan").write_bytes(PLAN)
    (tmp_path / "json").write_text("{}")
    assert store_plan(s3, "prod", tmp_path / "plan", tmp_path / "json") == DIGEST
    return s3


def test_a_plan_is_stored_under_its_digest_and_fetched_unchanged(stored: S3, tmp_path: Path) -> None:
    assert stored.objects == {f"prod/{DIGEST}.tfplan": PLAN, f"prod/{DIGEST}.json": b"{}"}
    fetch_plan(stored, "prod", DIGEST, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == PLAN


def test_a_plan_whose_content_was_replaced_is_rejected(stored: S3, tmp_path: Path) -> None:
    stored.objects[f"prod/{DIGEST}.tfplan"] = b"another plan"
    with pytest.raises(OperatorError, match="is not the plan that was reviewed") as error:
        fetch_plan(stored, "prod", DIGEST, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    assert "find out who wrote it" in error.value.remedy


@pytest.mark.parametrize(("stack", "digest"), [("dev", DIGEST), ("prod", "0" * 64)])
def test_a_missing_plan_is_reported_with_the_command_that_plans_again(
    stored: S3, stack: str, digest: str, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="no longer exists") as error:
        fetch_plan(stored, stack, digest, tmp_path / "fetched")
    assert error.value.remedy.endswith(f"gh workflow run apply.yml --ref main -f stack={stack}")
