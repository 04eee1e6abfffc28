import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from wealist.operations.pipeline.configuration import changed, configurations, digest, removed

STACKS = {"prod/cdk.tf.json": "{}", "dev/cdk.tf.json": "{}", "account/cdk.tf.json": "{}", "bootstrap/cdk.tf.json": "{}"}


def synthesis(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """A folder as `main.py` leaves it."""
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


def test_the_same_synthesis_changes_nothing_wherever_it_lies(base: Path, head: Path) -> None:
    assert changed(base, head) == {}
    assert removed(base, head) == []


@pytest.mark.parametrize(
    "change",
    [
        {"prod/cdk.tf.json": '{"resource": {}}'},
        {"prod/modules/boot/main.tf": "# new"},
        {"prod/modules/boot/templates/backend.sh.tftpl": "#!/bin/sh"},
    ],
)
def test_a_stack_is_changed_by_its_json_and_by_its_modules_and_no_other_is(
    base: Path, head: Path, change: Mapping[str, str]
) -> None:
    synthesis(head, change)
    assert changed(base, head) == {"prod": digest(head / "stacks" / "prod")}


def test_a_file_that_is_moved_or_gone_changes_its_stack(base: Path, head: Path) -> None:
    for root in (base, head):
        synthesis(root, {"dev/modules/a/main.tf": "x"})
    (head / "stacks/dev/modules/a/main.tf").rename(head / "stacks/dev/modules/a/other.tf")
    assert list(changed(base, head)) == ["dev"]
    (head / "stacks/dev/modules/a/other.tf").unlink()
    assert list(changed(base, head)) == ["dev"]


def test_what_terraform_keeps_beside_a_stack_changes_nothing(base: Path, head: Path) -> None:
    synthesis(head, {"prod/.terraform/providers/x": "binary", "prod/.terraform.lock.hcl": "hashes"})
    assert changed(base, head) == {}


def test_where_the_base_could_not_be_synthesized_every_stack_is_changed(tmp_path: Path, head: Path) -> None:
    assert list(changed(tmp_path / "nothing", head)) == ["bootstrap", "account", "dev", "prod"]
    assert removed(tmp_path / "nothing", head) == []


def test_stacks_come_in_the_order_of_applies(head: Path) -> None:
    assert list(configurations(synthesis(head, {"alpha/cdk.tf.json": "{}"}))) == [
        "bootstrap", "account", "alpha", "dev", "prod"
    ]  # fmt: skip


def test_a_new_stack_is_changed_and_one_that_is_gone_is_told_apart(base: Path, head: Path) -> None:
    synthesis(base, {"old/cdk.tf.json": "{}"})
    synthesis(head, {"staging/cdk.tf.json": "{}"})
    assert list(changed(base, head)) == ["staging"]
    assert removed(base, head) == ["old"]
