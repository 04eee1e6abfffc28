import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.synthesized import environment as environment_named
from wealist import cli, project
from wealist.emulator import shared
from wealist.emulator.server import EmulatedAws, environment_at
from wealist.errors import OperatorError
from wealist.operations import emulated
from wealist.operations.emulated_stacks import EmulatedStacks
from wealist.spec.account import REGION

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

    def apply_required(self, stack: str) -> None:
        self.asked.append(f"reach {stack}")

    def apply(self, stack: str) -> None:
        self.asked.append(f"apply {stack}")

    def destroy(self, stack: str) -> None:
        self.asked.append(f"destroy {stack}")

    def outputs(self, stack: str) -> dict[str, Any]:
        return {"of": stack}


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[RecordedLife]:
    """Commands that find a kept embedded AWS, whose life only writes things down."""
    manifest: dict[str, Any] = {"stacks": {name: {} for name in ("bootstrap", "account", "dev", "prod")}}

    def synthesize(into: Path) -> None:
        into.mkdir(parents=True)
        (into / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(project, "WORK", tmp_path)
    monkeypatch.setattr(project, "synthesize", synthesize)
    monkeypatch.setattr(emulated, "shared_environment", lambda: KEPT)
    monkeypatch.setattr(shared, "_find", lambda: {"pid": 1, "port": 1, "is_ready": True})
    monkeypatch.setattr(emulated, "EmulatedStacks", RecordedLife)
    RecordedLife.asked, RecordedLife.there = [], set()
    return RecordedLife


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_aws_itself_is_left_to_plain_terraform(command: str) -> None:
    result = runner.invoke(cli.app, [command, "dev"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.exit_code == 2
    assert f"cdktf.out/stacks/dev && terraform init && terraform {command}" in result.exception.remedy


def test_an_apply_begins_with_what_the_stack_rests_on_and_ends_with_the_outputs(
    life: type[RecordedLife], capsys: pytest.CaptureFixture[str]
) -> None:
    emulated.apply("prod", keep=False)
    assert life.asked == ["reach prod", "apply prod"]
    assert capsys.readouterr().out == 'of = "prod"\n'


@pytest.fixture
def protected(monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment that may not be destroyed."""
    environment = environment_named("prod").model_copy(update={"name": "live", "may_be_destroyed": False})
    monkeypatch.setattr(project, "names", lambda: ["live"])
    monkeypatch.setattr(project, "load_environment", lambda _name: environment)
    return environment.name


@pytest.mark.parametrize("options", [[], ["--emulated"]])
def test_a_protected_environment_is_refused_at_once_with_the_setting_that_protects_it(
    options: list[str], protected: str, life: type[RecordedLife]
) -> None:
    refused = runner.invoke(cli.app, ["destroy", protected, *options]).exception
    assert isinstance(refused, OperatorError)
    assert refused.exit_code == 2
    assert refused.message.endswith("may_be_destroyed=False in wealist/spec/environments/live.py")
    assert "prevent_destroy" not in refused.remedy
    assert life.asked == []


@pytest.mark.parametrize("stack", ["bootstrap", "account"])
def test_what_every_environment_rests_on_is_never_destroyed(stack: str, life: type[RecordedLife]) -> None:
    refused = runner.invoke(cli.app, ["destroy", stack, "--emulated"]).exception
    assert isinstance(refused, OperatorError)
    assert refused.message == f"{stack} cannot be destroyed: every environment requires it"
    assert life.asked == []


def test_the_exports_suit_both_versions_of_the_aws_cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_self: threading.Event) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Event, "wait", interrupt)
    emulated.wait_for_interrupt(EmulatedStacks(environment_at(4566, {}), stacks=Path(), base=Path()))
    exported = dict(re.findall(r"^  export (\w+)=(\S+)$", capsys.readouterr().err, re.MULTILINE))
    assert exported["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"] == REGION


def test_what_is_there_is_destroyed_at_once(life: type[RecordedLife]) -> None:
    life.there = {"dev"}
    emulated.destroy("dev")
    assert life.asked == ["destroy dev"]


def test_what_is_not_there_is_applied_before_it_is_destroyed(life: type[RecordedLife]) -> None:
    emulated.destroy("dev")
    assert life.asked == ["reach dev", "apply dev", "destroy dev"]


@pytest.mark.usefixtures("life")
def test_a_second_embedded_aws_is_never_kept_beside_the_first() -> None:
    with pytest.raises(OperatorError, match="already keeps an embedded AWS"):
        emulated.apply("dev", keep=True)


@pytest.mark.usefixtures("life")
def test_an_embedded_aws_that_is_kept_up_meanwhile_stays_the_one_that_others_find() -> None:
    place = project.WORK / "emulated" / "aws.json"
    place.parent.mkdir()
    place.write_text("another's")
    with pytest.raises(OperatorError, match="already keeps an embedded AWS"), shared.publish(EmulatedAws()):
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
    assert not (tmp_path / "applied").exists()


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ({"bootstrap", "account", "dev", "prod"}, []),
        ({"bootstrap", "account", "prod"}, ["apply dev"]),
        (set(), ["apply bootstrap", "apply account", "apply dev", "apply prod"]),
    ],
    ids=["all", "one is missing", "none"],
)
def test_everything_is_applied_as_far_as_it_is_not_there(
    there: set[str], asked: list[str], life: type[RecordedLife], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulated, "names", lambda: ["dev", "prod"])
    life.there = there
    with emulated.everything_applied():
        assert life.asked[:2] == asked[:2]
        assert sorted(life.asked) == sorted(asked)
