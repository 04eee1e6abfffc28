import os
from pathlib import Path
from typing import Self

import pytest

from wealist import project
from wealist.errors import OperatorError
from wealist.operations import plan as planning
from wealist.operations.plan import plan

MAIN = """
import json, pathlib
stack = pathlib.Path("cdktf.out/stacks/prod")
stack.mkdir(parents=True, exist_ok=True)
(stack / "cdk.tf.json").write_text("{}")
pathlib.Path("cdktf.out/manifest.json").write_text(json.dumps({"stacks": {"prod": {}}}))
"""

TERRAFORM = """#!/bin/sh
case "$1" in
  version) echo '{"terraform_version": "1.11.4"}' ;;
  show) echo '{"resource_changes": []}' ;;
  *) mkdir -p .terraform; echo "$PWD $AWS_PROFILE $*" >> "$CALLS" ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the project's Terraform records its calls."""
    (tmp_path / "main.py").write_text(MAIN)
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM)
    program.chmod(0o755)
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(project, "WORK", tmp_path / ".wealist")
    monkeypatch.setattr(planning, "WORK", tmp_path / ".wealist")
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("AWS_PROFILE", "operator")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


def commands(calls: Path) -> list[list[str]]:
    """Return the folder, AWS_PROFILE and arguments of each call of Terraform."""
    return [line.split() for line in calls.read_text().splitlines()]


def test_a_plan_against_aws_reads_the_state_and_changes_nothing(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    called = commands(calls)
    assert [words[2] for words in called] == ["init", "state", "plan"]
    assert called[1][2:4] == ["state", "pull"]
    folder = project.ROOT / "cdktf.out" / "stacks" / "prod"
    assert {tuple(words[:2]) for words in called} == {(str(folder), "operator")}


def test_init_against_aws_keeps_the_backend_and_requires_a_committed_provider_hash(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    init, *_ = commands(calls)
    assert "-reconfigure" not in init
    assert "-lockfile=readonly" in init


class NewAws:
    """An embedded AWS without a state."""

    def __init__(self, **_: object) -> None:
        """Start nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop nothing."""

    def environment(self) -> dict[str, str]:
        return dict(os.environ)


@pytest.mark.parametrize(
    ("is_kept", "expected"), [(False, ["init", "plan"]), (True, ["init", "state", "plan"])], ids=["new", "kept"]
)
def test_the_state_is_read_unless_the_embedded_aws_is_new(
    *, is_kept: bool, expected: list[str], calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "EmulatedAws", NewAws)
    kept = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    monkeypatch.setattr(planning, "shared_environment", lambda: kept if is_kept else None)
    monkeypatch.setattr(planning, "prepare", lambda folder: folder)
    plan("prod", emulated=True, out=None)
    assert [words[2] for words in commands(calls)] == expected


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("emulated", [False, True])
def test_an_unknown_stack_is_refused_before_the_synthesis(*, emulated: bool) -> None:
    with pytest.raises(OperatorError, match="there is no stack 'prdo'") as refused:
        plan("prdo", emulated=emulated, out=None)
    assert refused.value.remedy.startswith("did you mean 'prod'? Known stacks: account, bootstrap, ")
    assert refused.value.exit_code == 2
    assert not project.synthesized_folder().exists()


@pytest.mark.usefixtures("calls")
def test_the_files_of_a_plan_are_written_to_the_given_folder(tmp_path: Path) -> None:
    files = plan("prod", emulated=False, out=tmp_path / "review")
    assert files.plan == tmp_path / "review" / "plan.tfplan"
    assert files.json.read_text() == '{\n  "resource_changes": []\n}\n'
