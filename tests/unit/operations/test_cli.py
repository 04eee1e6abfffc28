import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.unit.copies import copy_project, run_python
from wealist import cli
from wealist.checks.finding import Synthesis
from wealist.docs import write
from wealist.errors import BAD_INPUT, FAILURE, OperatorError, os_error_in
from wealist.operations import accept, orphans
from wealist.operations.orphans import Orphan
from wealist.operations.plan import PlanFiles
from wealist.project import ROOT
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import load, names

# rich must not wrap or colour the output.
runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def run_main(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> int:
    """Run `python -m wealist plan prod` with a plan that raises an exception. Return the exit code."""

    def failing(*_args: object, **_options: object) -> PlanFiles:
        raise failure

    monkeypatch.setattr(cli, "plan_stack", failing)
    monkeypatch.setattr(sys, "argv", ["wealist", "plan", "prod"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_the_help_is_shown_without_a_command(arguments: list[str]) -> None:
    result = runner.invoke(cli.app, arguments)
    assert result.exit_code == 0
    assert "plan" in result.output


def every_command(group: Any, *path: str) -> Iterator[tuple[list[str], Any]]:
    for name, command in group.commands.items():
        yield [*path, name], command
        if hasattr(command, "commands"):
            yield from every_command(command, *path, name)


COMMANDS = {" ".join(path): command for path, command in every_command(get_command(cli.app))}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_texts_show_every_default_and_no_markup(name: str) -> None:
    text = runner.invoke(cli.app, [*name.split(), "--help"]).output
    assert text.startswith(f"Usage: root {name} [OPTIONS]")
    assert [mark for mark in ("\\b", "{", "}", "[/", "[bold", "[default: below") if mark in text] == []
    for parameter in COMMANDS[name].params:
        if isinstance(parameter.show_default, str) or (isinstance(parameter.default, int | str) and parameter.default):
            assert "default: " in text, parameter.name


@pytest.mark.parametrize("group", [[], *([name] for name in COMMANDS if hasattr(COMMANDS[name], "commands"))])
def test_lists_of_commands_show_complete_sentences(group: list[str]) -> None:
    lines = runner.invoke(cli.app, [*group, "--help"]).output.splitlines()
    assert [line for line in lines if line.endswith("...") and "[" not in line] == []


def test_the_help_of_review_lists_one_exit_code_per_line() -> None:
    lines = [line.strip() for line in runner.invoke(cli.app, ["review", "--help"]).output.splitlines()]
    assert [line[0] for line in lines[lines.index("Exit codes:") + 1 :]] == [str(code) for code in range(9)]


def test_the_version_is_the_projects() -> None:
    assert runner.invoke(cli.app, ["--version"]).output == "wealist 0.1.0\n"


def completed(*words: str) -> list[str]:
    """Return bash's completions of the last word."""
    environment = {
        "_WEALIST_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["wealist", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = runner.invoke(cli.app, [], prog_name="wealist", env=environment)
    return done.output.split()


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_stacks_are_completed(command: str) -> None:
    assert completed(command, "") == [*SHARED_STACKS, *names()]
    assert completed(command, "boo") == ["bootstrap"]


@pytest.mark.parametrize("command", ["check", "bundle", "database"])
def test_environments_are_completed(command: str) -> None:
    assert completed(command, "") == names()
    assert completed(command, names()[0][:2]) == [name for name in names() if name.startswith(names()[0][:2])]


def test_services_of_the_preceding_environment_are_completed() -> None:
    for environment in load():
        assert completed("bundle", environment.name, "") == [each.full_name for each in environment.services]
    assert completed("bundle", "no-such-environment", "") == []


def test_orphans_are_printed_as_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(orphans, "write_imports", lambda *_arguments: [Orphan("aws_vpc.a", "vpc-1")])
    done = runner.invoke(cli.app, ["orphans", "plan.json", "--out", str(tmp_path / "imports.tf.json"), "--json"])
    assert json.loads(done.stdout) == [{"address": "aws_vpc.a", "id": "vpc-1"}]


@pytest.mark.parametrize("difference", [[], ["-a", "+b"]])
def test_accept_prints_the_difference_as_json_or_text(difference: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept, "accept", lambda _describe: difference)
    assert json.loads(runner.invoke(cli.app, ["accept", "--json"]).stdout) == {
        "changed": bool(difference),
        "difference": difference,
        "pages": [],
    }
    assert runner.invoke(cli.app, ["accept"]).stdout.splitlines() == difference


def test_accept_reports_updated_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def accepted(describe: Callable[[Synthesis], None]) -> list[str]:
        describe(Synthesis({}, {}))
        return []

    monkeypatch.setattr(accept, "accept", accepted)
    monkeypatch.setattr(write, "write", lambda _synthesis: ["docs/architecture/ko/prod.md"])
    done = runner.invoke(cli.app, ["accept", "--json"])
    assert json.loads(done.stdout) == {"changed": True, "difference": [], "pages": ["docs/architecture/ko/prod.md"]}
    done = runner.invoke(cli.app, ["accept"])
    assert (done.stdout, done.stderr) == ("", "· updated 1 pages of docs/architecture\n")


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "prod", "--emulate"], ["plna", "prod"]])
def test_invalid_arguments_have_exit_code_2(arguments: list[str]) -> None:
    assert runner.invoke(cli.app, arguments).exit_code == 2


def test_an_operator_error_is_printed_as_two_lines_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OperatorError("no [bold] stack", remedy="name another", exit_code=2)
    assert run_main(monkeypatch, error) == 2
    assert capsys.readouterr().err == "error: no [bold] stack\nremedy: name another\n"


@pytest.mark.parametrize(
    ("number", "file", "message", "code"),
    [
        (errno.ENOSPC, "/w/plan.json", "/w/plan.json: No space left on device", FAILURE),
        (errno.ENOSPC, None, "No space left on device", FAILURE),
        (errno.EROFS, "/w", "/w: Read-only file system", BAD_INPUT),
        (errno.EACCES, "/w", "/w: Permission denied", BAD_INPUT),
        (errno.ENOENT, "/w", "/w: No such file or directory", BAD_INPUT),
        (errno.ECONNREFUSED, None, "Connection refused", FAILURE),
    ],
)
def test_an_os_error_is_printed_as_two_lines(
    number: int,
    file: str | None,
    message: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_main(monkeypatch, OSError(number, os.strerror(number), file)) == code
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"error: {message}"
    assert second.startswith("remedy: ")


@pytest.mark.parametrize(
    ("printed", "number", "place"),
    [
        ("Error: failed to write plan\nto plan file: write /w/plan: no space left on device.", errno.ENOSPC, "/w/plan"),
        ("RuntimeError: Error: ENOSPC: no space left on device, write", errno.ENOSPC, None),
        ("Cannot use the cache in /h/jsii: ENOSPC: no space left on device, write.", errno.ENOSPC, "/h/jsii"),
        ("EROFS: read-only file system, mkdir '/w/a b'", errno.EROFS, "/w/a b"),
        ("open /w/plan: permission denied", errno.EACCES, "/w/plan"),
    ],
)
def test_os_errors_are_recognized_in_the_output_of_programs(printed: str, number: int, place: str | None) -> None:
    error = os_error_in(printed)
    assert error is not None
    assert (error.errno, error.filename) == (number, place)


@pytest.mark.parametrize("printed", ["", "Error: AccessDenied: permission denied for user", "Error: no such bucket"])
def test_other_failures_of_programs_are_not_os_errors(printed: str) -> None:
    assert os_error_in(printed) is None


@pytest.mark.integration
@pytest.mark.parametrize("arguments", [("--help",), ("plan", "--help"), ("accept", "--help"), ("plan", "prdo")])
def test_commands_work_with_an_ascii_encoding(arguments: tuple[str, ...]) -> None:
    settings = {"PYTHONIOENCODING": "ascii"}
    done = run_python("-m", "wealist", *arguments, environment=settings)
    plain = run_python("-m", "wealist", *arguments)
    assert "Traceback" not in done.stderr
    assert (done.returncode, len(done.stdout)) == (plain.returncode, len(plain.stdout))


NO_PACKAGES = ("-S", "-E")
"""Options of Python that hide the packages of its virtualenv."""


@pytest.mark.integration
@pytest.mark.parametrize("arguments", [("plan", "prod"), ("--help",), ()])
def test_a_python_without_the_packages_names_the_right_program_in_one_line(arguments: tuple[str, ...]) -> None:
    done = run_python(*NO_PACKAGES, "-m", "wealist", *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"run {ROOT / '.venv' / 'bin' / 'wealist'} instead" in line


@pytest.mark.integration
def test_a_synthesis_restarts_in_the_virtualenv(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    refused = run_python(*NO_PACKAGES, "main.py", cwd=project)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[1] == "remedy: run `make setup`, which installs them into .venv"
    (project / ".venv").symlink_to(sys.prefix)
    done = run_python(*NO_PACKAGES, "main.py", cwd=project)
    assert done.returncode == 0, done.stderr
    assert (project / "cdktf.out" / "stacks" / "dev" / "cdk.tf.json").is_file()


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PlanFiles:
    """The files of a plan without changes, which `plan` returns."""
    files = PlanFiles(plan=tmp_path / "plan.tfplan", json=tmp_path / "plan.json", text=tmp_path / "plan.txt")
    files.json.write_text('{"format_version": "1.2", "resource_changes": []}')
    files.text.write_text("Terraform's own words")
    monkeypatch.setattr(cli, "plan_stack", lambda *_args, **_options: files)
    return files


def test_plan_prints_the_paths_of_its_files_last(planned: PlanFiles) -> None:
    output = runner.invoke(cli.app, ["plan", "prod", "--emulated"]).output
    assert output.splitlines()[-3:] == ["prod: no changes", f"plan: {planned.plan}", f"json: {planned.json}"]


def test_plan_prints_terraforms_text_only_with_the_option_full(planned: PlanFiles) -> None:
    assert planned.text.read_text() not in runner.invoke(cli.app, ["plan", "prod"]).output
    assert runner.invoke(cli.app, ["plan", "prod", "--full"]).output.startswith(planned.text.read_text())


@pytest.mark.integration
def test_the_command_line_imports_neither_cdktf_nor_boto3() -> None:
    forbidden = {"jsii", "constructs", "boto3", "botocore", "moto"}
    program = "import sys, wealist.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not forbidden & set(loaded.stdout.split())
