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
    """A project whose Terraform only writes down where and how it is called."""
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


def test_a_plan_against_aws_runs_where_the_stack_lies_with_the_operators_credentials(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    place = project.ROOT / "cdktf.out" / "stacks" / "prod"
    assert all(line.startswith(f"{place} operator ") for line in calls.read_text().splitlines())


def test_a_plan_against_aws_never_makes_terraform_forget_its_backend(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    assert "init" in calls.read_text()
    assert "-reconfigure" not in calls.read_text()


def test_a_plan_against_aws_takes_no_provider_but_one_whose_hash_is_committed(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    (init,) = (line for line in calls.read_text().splitlines() if " init " in line)
    assert "-lockfile=readonly" in init.split()


def test_a_plan_changes_nothing_and_reads_the_state_before_it_begins(calls: Path) -> None:
    plan("prod", emulated=False, out=None)
    commands = [line.split()[2:4] for line in calls.read_text().splitlines()]
    assert [words[0] for words in commands] == ["init", "state", "plan"]
    assert commands[1] == ["state", "pull"]


class NewAws:
    """An embedded AWS that nothing was applied to."""

    def __init__(self, **_: object) -> None:
        """Start nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop nothing."""

    def environment(self) -> dict[str, str]:
        return dict(os.environ)


@pytest.mark.parametrize(
    ("is_kept", "commands"), [(False, ["init", "plan"]), (True, ["init", "state", "plan"])], ids=["new", "kept"]
)
def test_the_state_is_read_of_an_embedded_aws_that_may_hold_one(
    *, is_kept: bool, commands: list[str], calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "EmulatedAws", NewAws)
    kept = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    monkeypatch.setattr(planning, "shared_environment", lambda: kept if is_kept else None)
    monkeypatch.setattr(planning, "prepare", lambda folder: folder)
    plan("prod", emulated=True, out=None)
    assert [line.split()[2] for line in calls.read_text().splitlines()] == commands


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("emulated", [False, True])
def test_an_unknown_stack_is_refused_before_anything_is_synthesized(*, emulated: bool) -> None:
    with pytest.raises(OperatorError, match="there is no stack 'prdo'") as refused:
        plan("prdo", emulated=emulated, out=None)
    assert refused.value.remedy.startswith("did you mean 'prod'? Known stacks: account, bootstrap, ")
    assert refused.value.exit_code == 2
    assert not project.synthesized_folder().exists()


@pytest.mark.usefixtures("calls")
def test_the_files_of_a_plan_go_where_they_are_wanted(tmp_path: Path) -> None:
    files = plan("prod", emulated=False, out=tmp_path / "review")
    assert files.plan == tmp_path / "review" / "plan.tfplan"
    assert files.json.read_text() == '{\n  "resource_changes": []\n}\n'
