import json
import sys
from pathlib import Path

import pytest

from wealist import project
from wealist.errors import OperatorError, ToolFailedError
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import names
from wealist.spec.problems import Problem, SpecError


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(project, "WORK", tmp_path / ".wealist")
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    out = tmp_path / "cdktf.out"
    (out / "stacks" / "older").mkdir(parents=True)
    (out / "manifest.json").write_text(json.dumps({"version": "0.21.0", "stacks": {"prod": {}, "dev": {}}}))
    return tmp_path


def test_a_committed_environment_is_loaded_by_its_name() -> None:
    assert project.load_environment("prod").name == "prod"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("prd", "did you mean 'prod'? Known environments: dev, prod"), ("account", "Known environments: dev, prod")],
)
def test_an_unknown_environment_is_refused_with_the_known_ones(name: str, remedy: str) -> None:
    with pytest.raises(OperatorError, match=f"there is no environment {name!r}") as refused:
        project.load_environment(name)
    assert (refused.value.remedy, refused.value.exit_code) == (remedy, 2)


def test_all_problems_of_an_invalid_environment_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [Problem(field, 0, "is wrong", "write 1", "prod") for field in ("one", "two")]

    def load(only: list[str]) -> None:
        assert only == ["prod"]
        raise SpecError(problems)

    monkeypatch.setattr(project, "load", load)
    with pytest.raises(OperatorError) as refused:
        project.load_environment("prod")
    assert all(str(problem) in refused.value.message for problem in problems)
    assert refused.value.remedy == "correct wealist/spec/environments/prod.py"
    assert refused.value.exit_code == 2


def test_a_stacks_folder_is_found_by_its_name(root: Path) -> None:
    assert project.stack_folder("prod") == root / "cdktf.out" / "stacks" / "prod"


def test_folders_of_earlier_syntheses_are_not_stacks() -> None:
    assert project.stack_names() == ["dev", "prod"]


@pytest.mark.parametrize(("name", "suggestion"), [("prdo", "did you mean 'prod'? "), ("x", "")])
def test_an_unknown_stack_is_refused_with_the_known_ones_and_the_closest(name: str, suggestion: str) -> None:
    with pytest.raises(OperatorError, match=f"no stack {name!r}") as error:
        project.stack_folder(name)
    assert error.value.remedy == f"{suggestion}Known stacks: dev, prod"
    assert error.value.exit_code == 2


def test_all_stacks_are_known_before_a_synthesis(root: Path) -> None:
    (root / "cdktf.out" / "manifest.json").unlink()
    known = sorted([*names(), *SHARED_STACKS])
    for stack in known:
        project.refuse_unknown_stack(stack)
    with pytest.raises(OperatorError, match="no stack 'accuont'") as error:
        project.refuse_unknown_stack("accuont")
    assert error.value.remedy == f"did you mean 'account'? Known stacks: {', '.join(known)}"


def test_cdktf_outdir_sets_the_output_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", "elsewhere")
    assert project.synthesized_folder() == root / "elsewhere"


def test_a_failed_synthesis_passes_its_message_and_exit_code_on(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "main.py").write_text("import sys; print('subnets overlap', file=sys.stderr); sys.exit(7)")
    with pytest.raises(ToolFailedError) as failure:
        project.synthesize()
    assert failure.value.exit_code == 7
    assert capfd.readouterr().err == "subnets overlap\n"


def test_a_synthesis_shows_its_warnings_and_not_its_paths(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "main.py").write_text("import sys; print('/a/cdk.tf.json'); print('warning: old', file=sys.stderr)")
    project.synthesize()
    assert capfd.readouterr() == ("", "warning: old\n")


def test_main_py_runs_with_the_same_python(root: Path) -> None:
    (root / "main.py").write_text(f"import sys; assert sys.executable == {sys.executable!r}")
    project.synthesize()


def test_a_second_command_on_the_same_stack_is_refused_with_the_process_of_the_first() -> None:
    with (
        project.exclusive_lock("emulated-prod"),
        pytest.raises(OperatorError, match=r"another command is working on emulated-prod \(process \d+\)"),
        project.exclusive_lock("emulated-prod"),
    ):
        pass


def test_a_lock_is_released_after_its_command() -> None:
    for _ in range(2):
        with project.exclusive_lock("emulated-prod"):
            pass


def test_any_input_can_be_part_of_a_locks_name() -> None:
    with project.exclusive_lock("emulated-../etc"):
        pass


def test_commands_on_two_stacks_run_concurrently() -> None:
    with project.exclusive_lock("emulated-prod"), project.exclusive_lock("emulated-dev"):
        pass
