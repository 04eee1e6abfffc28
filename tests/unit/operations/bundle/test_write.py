"""The command `wealist bundle`: its files, output and errors."""

import hashlib
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.synthesized import stacks
from tests.unit.operations.bundle.agent import bundle
from wealist import cli
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.bundle import write

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made for it" / "bundle.zip"


def settings(commands: str) -> dict[str, str]:
    """Return the variables at the beginning of the printed commands."""
    return {name: "".join(shlex.split(value)) for name, value in re.findall(r"(?m)^(\w+)=(.*)$", commands)}


def test_the_command_writes_the_zip_and_prints_the_commands(out: Path) -> None:
    result = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--image-tag", "v1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == bundle(image_tag="v1")
    assert list(out.parent.iterdir()) == [out]
    assert result.stdout == write.write_bundle("prod", "user-service", image_tag="v1", out=out).commands
    assert f"bundle: {out}" in result.stderr


def test_the_default_path_has_the_tag_and_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "WORK", tmp_path)
    written = write.write_bundle("dev", "board-service", image_tag="v1")
    packed = bundle("board-service", "dev", "v1")
    digest = hashlib.sha256(packed).hexdigest()[:12]
    assert written.path == tmp_path / f"bundles/wealist-dev-board-service-v1-{digest}.zip"
    assert written.path.read_bytes() == packed
    assert settings(written.commands)["key"] == f"board-service/v1-{digest}.zip"


def test_latest_is_the_default_tag_with_a_note_about_rollbacks(out: Path) -> None:
    result = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--out", str(out)])
    assert out.read_bytes() == bundle(image_tag="latest")
    assert "--image-tag names one image" in result.stderr
    tagged = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--out", str(out), "--image-tag", "v1"])
    assert "--image-tag names one image" not in tagged.stderr


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("service", ["user-service", "board-service"])
def test_the_commands_name_resources_of_the_environment(environment: str, service: str, out: Path) -> None:
    stack = stacks()[environment]
    named = settings(write.write_bundle(environment, service, out=out).commands)
    application = stack.only("aws_codedeploy_app", name=named["application"])
    group = stack.only("aws_codedeploy_deployment_group", deployment_group_name=named["group"])
    assert application["name"].endswith(f"-{service}")
    assert stack.target(group, "app_name").address == application.address
    assert stack.only("aws_s3_bucket", bucket=named["bucket"])
    assert stack.only("aws_autoscaling_group", name=named["scaling_group"])
    assert stack.region(group) == named["region"]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_commands_name_all_deployment_groups_of_the_environment(environment: str, out: Path) -> None:
    stack = stacks()[environment]
    groups = {
        (stack.target(group, "app_name")["name"], group["deployment_group_name"])
        for group in stack.all("aws_codedeploy_deployment_group")
    }
    for service in ("user-service", "board-service"):
        named = settings(write.write_bundle(environment, service, out=out).commands)
        assert {(each, f"{each}-group") for each in named["applications"].split()} == groups


def test_the_key_depends_on_the_content(out: Path) -> None:
    keys = [
        settings(write.write_bundle("prod", "user-service", image_tag=tag, out=out).commands)["key"]
        for tag in ("v1", "v1", "v2")
    ]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("user-service/v1-")


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["prd", "user-service"], ["there is no environment 'prd'", "did you mean 'prod'?", "dev, prod"]),
        (["account", "user-service"], ["there is no environment 'account'", "dev, prod"]),
        (["prod", "user-servise"], ["did you mean 'user-service'?", "board-service, user-service"]),
        (["prod", "chat-service"], ["there is no service 'chat-service'", "board-service, user-service"]),
        (["prod", "user-service", "--image-tag", "a b"], ["'a b' is not a valid image tag", "at most 128"]),
        (["prod", "user-service", "--image-tag", "$(reboot)"], ["is not a valid image tag"]),
        (["prod", "user-service", "--image-tag", ""], ["'' is not a valid image tag"]),
        (["prod", "user-service", "--image-tag", "a" * 129], ["is not a valid image tag"]),
    ],
)
def test_invalid_arguments_are_refused_with_the_allowed_ones(
    arguments: list[str], messages: list[str], out: Path
) -> None:
    result = runner.invoke(cli.app, ["bundle", *arguments, "--out", str(out)])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.exit_code == BAD_INPUT
    text = f"{result.exception.message}\n{result.exception.remedy}"
    assert [each for each in messages if each not in text] == []
    assert not out.parent.exists()


def test_an_unwritable_path_is_reported_and_no_file_is_left(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(OperatorError) as caught:
        write.write_bundle("prod", "user-service", out=blocked / "bundle.zip")
    assert f"cannot write {blocked}/bundle.zip" in caught.value.message
    assert "--out" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failed_write_keeps_the_earlier_bundle(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write.write_bundle("prod", "user-service", image_tag="v1", out=out)

    def full(_: Path, __: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OperatorError, match="No space left on device"):
        write.write_bundle("prod", "user-service", image_tag="v2", out=out)
    monkeypatch.undo()
    assert out.read_bytes() == bundle(image_tag="v1")
    assert list(out.parent.iterdir()) == [out]
