"""`wealist review` as operators and workflows run it."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.copies import run_python
from tests.unit.review.builders import change, configuration, written
from wealist import cli
from wealist.review import command

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
DATABASE = change("aws_db_instance.a", "delete", before={"instance_class": "db.t3.micro"})
UPDATE = change("aws_vpc.a", "update", before={"a": 1}, after={"a": 2})
DEV = configuration("dev")
Run = Callable[..., tuple[int, str, str]]


def run(
    *arguments: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], stdin: str = ""
) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["wealist", "review", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capfd.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def review(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments, stdin="": run(*map(str, arguments), monkeypatch=monkeypatch, capfd=capfd, stdin=stdin)


def test_a_plan_without_gates_exits_with_0(review: Run, tmp_path: Path) -> None:
    code, out, err = review(written(tmp_path, DATABASE, configuration=DEV))
    assert (code, err) == (0, "")
    assert "DANGER: Stateful resources\n  aws_db_instance.a is destroyed" in out
    assert out.splitlines()[-1] == "dev: dangerous"


def test_a_stopped_plan_exits_with_1_and_shows_the_review(review: Run, tmp_path: Path) -> None:
    code, out, _ = review(written(tmp_path, DATABASE), "--fail-on", "replace", "--fail-on", "stateful")
    assert code == 1
    assert "stopped by stateful: destroy aws_db_instance.a" in out


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_an_acknowledged_plan_exits_with_0(way: str, review: Run, tmp_path: Path) -> None:
    text = f"We want this.\r\n\r\nAcknowledge: destroy {DATABASE['address']}\r\n"
    (tmp_path / "body.md").write_bytes(text.encode())
    source = tmp_path / "body.md" if way == "file" else "-"
    plan = written(tmp_path, DATABASE)
    code, out, _ = review(plan, "--fail-on", "stateful", "--acknowledgements", source, stdin=text)
    assert code == 0
    assert "acknowledged: destroy aws_db_instance.a" in out


def test_a_plan_without_changes_exits_with_8_and_writes_a_comment(review: Run, tmp_path: Path) -> None:
    code, out, err = review(written(tmp_path), "--stack", "prod", "--format", "markdown")
    assert (code, err) == (8, "")
    assert out.startswith("<!-- wealist-plan-review:prod -->\n## ⚪ prod: no changes")


@pytest.mark.parametrize(
    ("content", "expected"), [("[]", 3), ('{"format_version": "2.0", "resource_changes": []}', 4), ('{"a', 5)]
)
@pytest.mark.parametrize("form", ["markdown", "json", "html", "terminal"])
def test_unreadable_plans_have_exit_codes_and_an_error_in_each_format(
    content: str,
    expected: int,
    form: str,
    review: Run,
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.json").write_text(content)
    code, out, err = review(tmp_path / "plan.json", "--stack", "dev", "--format", form)
    assert code == expected
    assert err.startswith("error: ")
    assert "remedy: " in err
    if form == "markdown":
        assert out.startswith("<!-- wealist-plan-review:dev -->\n## ⛔ dev: the plan cannot be reviewed")
    elif form == "html":
        assert "⛔ dev: the plan cannot be reviewed" in out
    elif form == "json":
        assert json.loads(out).keys() == {"stack", "error", "remedy"}
    else:
        assert out == ""


@pytest.mark.parametrize("form", ["markdown", "json", "html", "terminal"])
def test_unexpected_errors_exit_with_3_without_quoting_the_plan(
    form: str, review: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_plan: object) -> None:
        raise TypeError("hunter2 is not understood")

    monkeypatch.setattr(command, "findings", fail)
    code, out, err = review(written(tmp_path, UPDATE), "--format", form)
    assert code == 3
    assert "cannot process: TypeError in test_command.py, line " in err.replace("\n", " ")
    assert "hunter2" not in out + err
    assert ("cannot process" in out) == (form != "terminal")


def test_values_nested_too_deeply_to_parse_are_shown_as_text(review: Run, tmp_path: Path) -> None:
    deep, long = "[" * 400 + "]" * 400, '{"a": ' + "1" * 5_000 + "}"
    resource = {"address": "aws_vpc.a", "expressions": {"a": {"references": 5}, "b": {"references": [5, "aws_vpc.b"]}}}
    update = change("aws_vpc.a", "update", before={"a": deep, "b": long}, after={"a": "x", "b": "y"})
    parts = {**DEV, "root_module": {"resources": [resource]}}
    code, out, err = review(written(tmp_path, update, configuration=parts))
    assert (code, err) == (0, "")
    assert '- a: "[[[[' in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.json"], "cannot read missing.json"),
        (["PLAN", "--stack", "../prod"], "is not a valid stack name"),
        (["PLAN", "--stack", "prod"], "is a plan of 'dev', not of 'prod'"),
        (["PLAN", "--artifact-url", "https://x/> evil"], "is not a URL"),
        (["PLAN", "--artifact-url", "javascript:x"], "is not a URL"),
        (["PLAN", "--acknowledgements", "missing.txt"], "cannot read the acknowledgements in missing.txt"),
        (["PLAN", "--out", "x.txt", "--format", "terminal"], "--out x.txt requires a format other than terminal"),
    ],
)
def test_invalid_arguments_exit_with_2_and_print_nothing(
    arguments: list[str],
    told: str,
    review: Run,
    tmp_path: Path,
) -> None:
    plan = str(written(tmp_path, UPDATE, configuration=DEV))
    named = [plan if each == "PLAN" else each for each in arguments]
    form = [] if "--format" in named else ["--format", "markdown"]
    code, out, err = review(*named, *form)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(("option", "value"), [("--format", "pdf"), ("--fail-on", "danger")])
def test_unknown_choices_exit_with_2(option: str, value: str, tmp_path: Path) -> None:
    assert runner.invoke(cli.app, ["review", str(written(tmp_path)), option, value]).exit_code == 2


def test_the_bootstrap_stack_has_the_environment_tag_of_the_account(review: Run, tmp_path: Path) -> None:
    code, _, _ = review(written(tmp_path, UPDATE, configuration=configuration("account")), "--stack", "bootstrap")
    assert code == 0


def test_json_contains_every_change(review: Run, tmp_path: Path) -> None:
    changes = [change(f"aws_eip.a{number}", "create", after={"a": "x" * 50}) for number in range(500)]
    code, out, _ = review(written(tmp_path, *changes, DATABASE, configuration=DEV), "--format", "json")
    content = json.loads(out)
    assert code == 0
    assert (content["stack"], content["account"], content["severity"]) == ("dev", "290008131187", "danger")
    assert len(content["changes"]) == 501
    assert content["changes"][0]["lines"] == ['- instance_class: "db.t3.micro"']
    assert content["counts"] == {
        "create": 500, "update": 0, "replace": 0, "destroy": 1, "import": 0, "move": 0,
        "forget": 0, "invoke": 0, "refresh": 0,
    }  # fmt: skip


def test_every_exit_code_is_in_the_help() -> None:
    text = runner.invoke(cli.app, ["review", "--help"]).output
    for code in range(9):
        assert f" {code}  " in text


def test_control_sequences_are_escaped_on_the_terminal(review: Run, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J[bold red]\u202e"
    update = change(f'aws_vpc.a["{evil}"]', "update", before={"a": 1}, after={"a": evil, evil: evil})
    _, out, _ = review(written(tmp_path, update, output_changes={evil: {"actions": ["create"], "after": evil}}))
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out
    assert "[bold red]" in out


@pytest.mark.parametrize(("form", "begins"), [("html", "<!doctype html>"), ("markdown", "<!--"), ("json", "{")])
def test_out_writes_the_review_and_later_the_error(form: str, begins: str, review: Run, tmp_path: Path) -> None:
    written_to = tmp_path / "review"
    plan = written(tmp_path, DATABASE)
    code, out, _ = review(plan, "--format", form, "--out", written_to, "--fail-on", "stateful")
    assert (code, out) == (1, "")
    assert written_to.read_text().startswith(begins)
    assert "aws_db_instance.a" in written_to.read_text()
    plan.write_text("[]")
    assert review(plan, "--format", form, "--out", written_to)[0] == 3
    assert written_to.read_text().startswith(begins)
    assert "aws_db_instance.a" not in written_to.read_text()


def test_an_unwritable_file_is_reported_without_a_traceback(review: Run, tmp_path: Path) -> None:
    code, out, err = review(written(tmp_path, DATABASE), "--format", "html", "--out", tmp_path / "nowhere" / "x.html")
    assert code != 0
    assert out == ""
    assert "nowhere" in err
    assert "Traceback" not in err


@pytest.mark.exhaustive  # starts a program
def test_only_the_html_format_imports_the_drawing_libraries(tmp_path: Path) -> None:
    program = (
        "import sys; from wealist import cli; sys.argv = ['wealist', 'review', sys.argv[1], '--format', 'markdown']\n"
        "try: cli.main()\n"
        "except SystemExit: print([each for each in ('jinja2', 'wealist.diagram') if each in sys.modules])"
    )
    done = run_python("-c", program, str(written(tmp_path, UPDATE)))
    assert done.stdout.splitlines()[-1] == "[]"
