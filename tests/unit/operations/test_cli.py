import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wealist import cli
from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.plan import PlanFiles

# Wide and plain: rich must not wrap or colour what the tests look for.
runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def run_main(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> int:
    """Run `python -m wealist plan prod` with a plan that fails; return the exit code."""

    def failing(*_args: object, **_options: object) -> PlanFiles:
        raise failure

    monkeypatch.setattr(cli, "plan_stack", failing)
    monkeypatch.setattr(sys, "argv", ["wealist", "plan", "prod"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_without_a_command_the_help_is_shown(arguments: list[str]) -> None:
    result = runner.invoke(cli.app, arguments)
    assert result.exit_code == 0
    assert "plan" in result.output


def test_every_option_of_plan_is_explained() -> None:
    text = runner.invoke(cli.app, ["plan", "--help"]).output
    assert "needs no account" in text
    assert "Where to put the plan's files" in text


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "prod", "--emulate"], ["plna", "prod"]])
def test_bad_input_ends_with_2(arguments: list[str]) -> None:
    assert runner.invoke(cli.app, arguments).exit_code == 2


def test_an_operators_error_is_two_lines_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OperatorError("no [bold] stack", remedy="name another", exit_code=2)
    assert run_main(monkeypatch, error) == 2
    assert capsys.readouterr().err == "error: no [bold] stack\nremedy: name another\n"


def test_a_program_that_has_spoken_for_itself_only_passes_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, ToolFailedError(7)) == 7
    assert capsys.readouterr().err == ""


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_main(monkeypatch, KeyboardInterrupt()) == 130


def test_a_plan_ends_with_the_places_of_its_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = PlanFiles(plan=tmp_path / "plan.tfplan", json=tmp_path / "plan.json")
    files.json.write_text('{"format_version": "1.2", "resource_changes": []}')
    monkeypatch.setattr(cli, "plan_stack", lambda *_args, **_options: files)
    output = runner.invoke(cli.app, ["plan", "prod", "--emulated"]).output
    assert output.splitlines()[-2:] == [f"plan: {files.plan}", f"json: {files.json}"]


@pytest.mark.integration
def test_the_operators_commands_load_neither_cdktf_nor_an_aws_sdk() -> None:
    forbidden = {"cdktf", "jsii", "constructs", "cdktf_cdktf_provider_aws", "boto3", "botocore", "moto"}
    program = "import sys, wealist.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not forbidden & set(loaded.stdout.split())
