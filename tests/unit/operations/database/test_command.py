import os
from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from tests.synthesized import environment
from wealist.cli import app
from wealist.errors import OperatorError
from wealist.operations.database import passwords as module
from wealist.operations.database.script import script
from wealist.spec.environment import Environment

PASSWORDS = {"user_service": "u" * 40, "board_service": "b" * 40}
runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def test_the_sql_is_all_that_is_printed() -> None:
    done = runner.invoke(app, ["database", "dev"])
    assert (done.exit_code, done.stdout, done.stderr) == (0, script(environment("dev")), "")


def test_with_passwords_it_is_the_sql_with_those_of_that_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(config: Environment, environ: Mapping[str, str]) -> dict[str, str]:
        assert (config.name, environ) == ("prod", os.environ)
        return PASSWORDS

    monkeypatch.setattr(module, "read_passwords", read)
    done = runner.invoke(app, ["database", "prod", "--passwords"])
    assert (done.exit_code, done.stdout) == (0, script(environment("prod"), PASSWORDS))


def test_without_them_nobody_is_asked_for_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module, "read_passwords")
    assert runner.invoke(app, ["database", "prod"]).exit_code == 0


def test_psql_gets_nothing_where_passwords_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> dict[str, str]:
        raise OperatorError("no", remedy="none")

    monkeypatch.setattr(module, "read_passwords", refuse)
    done = runner.invoke(app, ["database", "prod", "--passwords"])
    assert isinstance(done.exception, OperatorError)
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["prd"], ["account"], []])
def test_what_is_no_environment_prints_nothing(arguments: list[str]) -> None:
    done = runner.invoke(app, ["database", *arguments])
    assert done.exit_code != 0
    assert done.stdout == ""


def test_the_help_says_what_passwords_take() -> None:
    assert "verifiers of those that SSM holds" in " ".join(runner.invoke(app, ["database", "--help"]).output.split())
