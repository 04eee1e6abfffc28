import json
import sys
from pathlib import Path

import pytest

from wealist import project
from wealist.errors import OperatorError, ToolFailedError
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import names


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(project, "WORK", tmp_path / ".wealist")
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    out = tmp_path / "cdktf.out"
    (out / "stacks" / "older").mkdir(parents=True)
    (out / "manifest.json").write_text(json.dumps({"version": "0.21.0", "stacks": {"prod": {}, "dev": {}}}))
    return tmp_path


def test_a_stack_is_found_by_its_name(root: Path) -> None:
    assert project.stack_folder("prod") == root / "cdktf.out" / "stacks" / "prod"


def test_a_folder_left_by_an_older_synthesis_is_no_stack() -> None:
    assert project.stack_names() == ["dev", "prod"]


def test_an_unknown_stack_is_refused_with_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(OperatorError, match="no stack 'prdo'") as error:
        project.stack_folder("prdo")
    assert error.value.remedy == "did you mean 'prod'? Known stacks: dev, prod"
    assert error.value.exit_code == 2


def test_every_environment_the_account_and_bootstrap_are_known_before_a_synthesis(root: Path) -> None:
    (root / "cdktf.out" / "manifest.json").unlink()
    for stack in (*names(), "account", "bootstrap"):
        project.refuse_unknown(stack)
    with pytest.raises(OperatorError, match="no stack 'accuont'") as error:
        project.refuse_unknown("accuont")
    assert (
        error.value.remedy == f"did you mean 'account'? Known stacks: {', '.join(sorted([*names(), *SHARED_STACKS]))}"
    )


def test_a_name_like_no_stack_gets_no_guess() -> None:
    with pytest.raises(OperatorError) as error:
        project.stack_folder("x")
    assert error.value.remedy == "Known stacks: dev, prod"


def test_the_output_folder_is_the_one_cdktf_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", "elsewhere")
    assert project.synthesized() == root / "elsewhere"


def test_a_failed_synthesis_passes_its_message_and_exit_code_through(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (root / "main.py").write_text("import sys; print('subnets overlap', file=sys.stderr); sys.exit(7)")
    with pytest.raises(ToolFailedError) as failure:
        project.synthesize()
    assert failure.value.exit_code == 7
    assert capfd.readouterr().err == "subnets overlap\n"


def test_a_synthesis_shows_its_warnings_and_none_of_its_paths(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "main.py").write_text("import sys; print('/a/cdk.tf.json'); print('warning: old', file=sys.stderr)")
    project.synthesize()
    assert capfd.readouterr() == ("", "warning: old\n")


def test_a_second_command_on_the_same_stack_is_refused_and_told_who_holds_it() -> None:
    with (
        project.exclusive("emulated-prod"),
        pytest.raises(OperatorError, match=r"another command is working on emulated-prod \(process \d+\)"),
        project.exclusive("emulated-prod"),
    ):
        pass


def test_a_lock_is_free_again_after_its_command() -> None:
    with project.exclusive("emulated-prod"):
        pass
    with project.exclusive("emulated-prod"):
        pass


def test_any_name_can_be_locked_so_that_a_bad_one_is_refused_as_such_later() -> None:
    with project.exclusive("emulated-../etc"):
        pass


def test_two_stacks_can_be_worked_on_at_once() -> None:
    with project.exclusive("emulated-prod"), project.exclusive("emulated-dev"):
        pass


def test_main_py_runs_in_the_python_that_runs_us(root: Path) -> None:
    (root / "main.py").write_text(f"import sys; assert sys.executable == {sys.executable!r}")
    project.synthesize()
