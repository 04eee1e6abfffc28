import json
from pathlib import Path
from typing import Any

import pytest

from wealist.emulator.workspace import LEFT_OUT, left_out, overrides, prepare

CONFIGURATION: dict[str, Any] = {
    "provider": {"aws": [{"region": "ap-northeast-2"}, {"alias": "cdn", "region": "us-east-1"}]},
    "terraform": {"backend": {"s3": {"bucket": "states", "key": "wealist/prod.tfstate", "use_lockfile": True}}},
}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    folder = tmp_path / "stacks" / "prod"
    (folder / "modules").mkdir(parents=True)
    (folder / "modules" / "main.tf").write_text("# a module\n")
    (folder / "cdk.tf.json").write_text(json.dumps(CONFIGURATION))
    return folder


def test_every_provider_block_is_overridden_by_its_alias() -> None:
    providers = overrides(CONFIGURATION)["provider"]["aws"]
    assert [block.get("alias") for block in providers] == [None, "cdn"]
    assert all(block["s3_use_path_style"] and block["skip_credentials_validation"] for block in providers)


def test_the_account_id_is_still_checked() -> None:
    providers = overrides(CONFIGURATION)["provider"]["aws"]
    assert not any("skip_requesting_account_id" in block for block in providers)


def test_the_overridden_backend_repeats_its_own_settings() -> None:
    backend = overrides(CONFIGURATION)["terraform"]["backend"]["s3"]
    assert backend.items() >= CONFIGURATION["terraform"]["backend"]["s3"].items()
    assert backend["use_path_style"] is True


def test_a_stack_without_a_backend_has_none_in_its_override() -> None:
    assert "terraform" not in overrides({"provider": {"aws": {"region": "ap-northeast-2"}}})


def test_a_single_provider_block_needs_no_list() -> None:
    assert len(overrides({"provider": {"aws": {"region": "ap-northeast-2"}}})["provider"]["aws"]) == 1


def test_the_synthesized_folder_is_not_changed(stack: Path, tmp_path: Path) -> None:
    before = sorted(stack.rglob("*"))
    folder = prepare(stack, base=tmp_path / "work")
    assert sorted(stack.rglob("*")) == before
    assert (folder / "aws_override.tf.json").exists()
    assert (folder / "modules" / "main.tf").read_text() == "# a module\n"


def test_a_second_run_keeps_the_provider_and_deletes_stale_files(stack: Path, tmp_path: Path) -> None:
    folder = prepare(stack, base=tmp_path / "work")
    (folder / ".terraform").mkdir()
    (stack / "modules" / "main.tf").rename(stack / "modules" / "other.tf")
    prepare(stack, base=tmp_path / "work")
    assert (folder / ".terraform").is_dir()
    assert [file.name for file in (folder / "modules").iterdir()] == ["other.tf"]


def test_the_committed_lock_file_replaces_the_one_that_init_changed(stack: Path, tmp_path: Path) -> None:
    (stack / ".terraform.lock.hcl").write_text("# as committed\n")
    folder = prepare(stack, base=tmp_path / "work")
    (folder / ".terraform.lock.hcl").write_text("# as committed, and more\n")
    prepare(stack, base=tmp_path / "work")
    assert (folder / ".terraform.lock.hcl").read_text() == "# as committed\n"


def test_unsupported_types_are_left_out_of_the_work_folder(stack: Path, tmp_path: Path) -> None:
    kind = next(iter(LEFT_OUT))
    written: dict[str, Any] = {"resource": {kind: {"mine": {}}, "aws_vpc": {"network": {}}}}
    (stack / "cdk.tf.json").write_text(json.dumps(written))
    assert left_out(written) == {f"{kind}.mine": LEFT_OUT[kind]}
    folder = prepare(stack, base=tmp_path / "work")
    assert json.loads((folder / "cdk.tf.json").read_text()) == {"resource": {"aws_vpc": {"network": {}}}}
    assert json.loads((stack / "cdk.tf.json").read_text()) == written
