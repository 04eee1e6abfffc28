import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from wealist import cli, project
from wealist.emulator import kept
from wealist.emulator.server import EmulatedAws
from wealist.errors import OperatorError
from wealist.operations import emulated

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
KEPT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "r"}


class RecordedLife:
    """A life that only writes down what is asked of it."""

    asked: list[str]
    there: set[str]

    def __init__(self, environ: dict[str, str], *, stacks: Path, base: Path) -> None:
        del environ, stacks, base

    def has(self, stack: str) -> bool:
        return stack in self.there

    def reach(self, stack: str) -> None:
        self.asked.append(f"reach {stack}")

    def apply(self, stack: str, **_options: Any) -> None:
        self.asked.append(f"apply {stack}")

    def destroy(self, stack: str, **_options: Any) -> None:
        self.asked.append(f"destroy {stack}")


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[RecordedLife]:
    """Commands that find a kept embedded AWS, whose life only writes things down."""
    manifest: dict[str, Any] = {"stacks": {name: {} for name in ("bootstrap", "account", "dev", "prod")}}

    def synthesize(into: Path) -> None:
        into.mkdir(parents=True)
        (into / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(project, "WORK", tmp_path)
    monkeypatch.setattr(project, "synthesize", synthesize)
    for module in (emulated, kept):
        monkeypatch.setattr(module, "kept_environment", lambda: KEPT)
    monkeypatch.setattr(emulated, "Life", RecordedLife)
    RecordedLife.asked, RecordedLife.there = [], set()
    return RecordedLife


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_aws_itself_is_left_to_plain_terraform(command: str) -> None:
    result = runner.invoke(cli.app, [command, "prod"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.exit_code == 2
    assert f"cdktf.out/stacks/prod && terraform init && terraform {command}" in result.exception.remedy


def test_an_apply_begins_with_what_the_stack_rests_on(life: type[RecordedLife]) -> None:
    emulated.apply("prod", keep=False)
    assert life.asked == ["reach prod", "apply prod"]


def test_what_is_there_is_destroyed_at_once(life: type[RecordedLife]) -> None:
    life.there = {"dev"}
    emulated.destroy("dev")
    assert life.asked == ["destroy dev"]


def test_what_is_not_there_is_applied_before_it_is_destroyed(life: type[RecordedLife]) -> None:
    emulated.destroy("dev")
    assert life.asked == ["reach dev", "apply dev", "destroy dev"]


@pytest.mark.usefixtures("life")
def test_a_second_embedded_aws_is_never_kept_beside_the_first() -> None:
    with pytest.raises(OperatorError, match="kept up already"):
        emulated.apply("dev", keep=True)


@pytest.mark.usefixtures("life")
def test_an_embedded_aws_that_is_kept_up_meanwhile_stays_the_one_that_others_find() -> None:
    place = project.WORK / "emulated" / "aws.json"
    place.parent.mkdir()
    place.write_text("another's")
    with pytest.raises(OperatorError, match="kept up already"), kept.announced(EmulatedAws()):
        pass
    assert place.read_text() == "another's"


@pytest.mark.usefixtures("life")
def test_an_unknown_stack_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(OperatorError, match="no stack 'prd'") as refused:
        emulated.apply("prd", keep=False)
    assert "did you mean 'prod'?" in refused.value.remedy


@pytest.mark.usefixtures("life")
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_an_unknown_stack_is_refused_before_anything_is_synthesized(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(project, "synthesize", made.append)
    result = runner.invoke(cli.app, [command, "prdo", "--emulated"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.message == "there is no stack 'prdo'"
    assert made == []
    assert not (tmp_path / "lives").exists()
