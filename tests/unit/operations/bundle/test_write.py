"""The command: what it writes, what it prints, and what it refuses."""

import hashlib
import re
import stat
import subprocess
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from tests.instance import Instance
from tests.synthesized import stacks
from tests.unit.operations.bundle.agent import bundle
from wealist import cli
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.bundle import write

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})

# The AWS CLI as it answers when all goes well; `failed` makes the deployment fail.
AWS: Final = """
    case "$*" in
      "s3 cp "*) [ -f "$3" ] ;;
      *create-deployment*) echo d-0123456789 ;;
      *"wait deployment-successful"*) if [ -e "$ROOT/failed" ]; then exit 255; fi ;;
      *get-deployment*) echo "Failed HEALTH_CONSTRAINTS too few healthy instances" ;;
    esac"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made for it" / "bundle.zip"


def option(commands: str, name: str) -> str:
    """The value of an option in the printed commands."""
    return str(re.findall(rf"--{name} (\S+)", commands)[0])


def test_the_zip_is_written_and_the_commands_are_printed(out: Path) -> None:
    result = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--image-tag", "v1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == bundle(image_tag="v1")
    assert list(out.parent.iterdir()) == [out]
    assert result.stdout == write.write_bundle("prod", "user-service", image_tag="v1", out=out).commands
    assert f"bundle: {out}" in result.stderr


def test_without_a_place_of_its_own_a_bundle_lies_below_the_work_folder_named_by_tag_and_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "WORK", tmp_path)
    written = write.write_bundle("dev", "board-service", image_tag="v1")
    packed = bundle("board-service", "dev", "v1")
    digest = hashlib.sha256(packed).hexdigest()[:12]
    assert written.path == tmp_path / f"bundles/wealist-dev-board-service-v1-{digest}.zip"
    assert written.path.read_bytes() == packed
    assert f"key=board-service/v1-{digest}.zip," in written.commands


def test_latest_is_deployed_as_documented_and_said_to_be_no_version(out: Path) -> None:
    result = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--out", str(out)])
    assert out.read_bytes() == bundle(image_tag="latest")
    assert "--image-tag names one image" in result.stderr
    tagged = runner.invoke(cli.app, ["bundle", "prod", "user-service", "--out", str(out), "--image-tag", "v1"])
    assert "--image-tag names one image" not in tagged.stderr


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("service", ["user-service", "board-service"])
def test_the_commands_name_what_the_environment_is_made_of(environment: str, service: str, out: Path) -> None:
    stack = stacks()[environment]
    commands = write.write_bundle(environment, service, out=out).commands
    application = stack.only("aws_codedeploy_app", name=option(commands, "application-name"))
    group = stack.only(
        "aws_codedeploy_deployment_group", deployment_group_name=option(commands, "deployment-group-name")
    )
    assert application["name"].endswith(f"-{service}")
    assert stack.target(group, "app_name").address == application.address
    bucket, key = re.findall(r"s3://([^/\s]+)/(\S+)", commands)[0]
    assert stack.only("aws_s3_bucket", bucket=bucket)
    assert option(commands, "s3-location") == f"bucket={bucket},key={key},bundleType=zip"
    assert stack.region(group) == re.findall(r"AWS_REGION=(\S+)", commands)[0]


def test_the_same_content_has_the_same_key_and_another_has_another(out: Path) -> None:
    keys = [
        option(write.write_bundle("prod", "user-service", image_tag=tag, out=out).commands, "s3-location")
        for tag in ("v1", "v1", "v2")
    ]
    assert keys[0] == keys[1] != keys[2]
    assert "key=user-service/v1-" in keys[0]


@pytest.mark.integration
def test_the_printed_commands_upload_then_deploy_then_wait(tmp_path: Path, out: Path) -> None:
    done, instance = run_commands(tmp_path, out)
    assert done.returncode == 0, done.stderr
    assert [" ".join(call.split()[1:3]) for call in instance.calls("^aws")] == [
        "s3 cp",
        "deploy create-deployment",
        "deploy wait",
    ]
    assert f"aws s3 cp {out} " in instance.calls("^aws")[0]
    assert "--deployment-id d-0123456789" in instance.calls("^aws")[-1]


@pytest.mark.integration
def test_a_failed_deployment_fails_the_printed_commands_and_says_why(tmp_path: Path, out: Path) -> None:
    done, _ = run_commands(tmp_path, out, failed=True)
    assert done.returncode == 1
    assert "HEALTH_CONSTRAINTS" in done.stderr


@pytest.mark.integration
def test_a_failed_upload_ends_before_anything_is_deployed(tmp_path: Path, out: Path) -> None:
    done, instance = run_commands(tmp_path, out, aws='[ "$1" != s3 ]')
    assert done.returncode != 0
    assert instance.calls("^aws deploy") == []


def run_commands(
    tmp_path: Path, out: Path, *, failed: bool = False, aws: str = AWS
) -> tuple[subprocess.CompletedProcess[str], Instance]:
    """Runs the printed commands with a stand-in for the AWS CLI."""
    instance = Instance(tmp_path / "there", tools=("sha256sum",), stand_ins={"aws": aws})
    if failed:
        instance.put("failed")
    commands = write.write_bundle("prod", "user-service", image_tag="v1", out=out).commands
    return instance.run(stdin=commands), instance


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prd", "user-service"], ["there is no environment 'prd'", "did you mean 'prod'?", "dev, prod"]),
        (["account", "user-service"], ["there is no environment 'account'", "dev, prod"]),
        (["prod", "user-servise"], ["did you mean 'user-service'?", "board-service, user-service"]),
        (["prod", "chat-service"], ["there is no service 'chat-service'", "board-service, user-service"]),
        (["prod", "user-service", "--image-tag", "a b"], ["'a b' is no image tag", "128 at most"]),
        (["prod", "user-service", "--image-tag", "$(reboot)"], ["is no image tag"]),
        (["prod", "user-service", "--image-tag", ""], ["'' is no image tag"]),
        (["prod", "user-service", "--image-tag", "a" * 129], ["is no image tag"]),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_known(arguments: list[str], said: list[str], out: Path) -> None:
    result = runner.invoke(cli.app, ["bundle", *arguments, "--out", str(out)])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.exit_code == BAD_INPUT
    text = f"{result.exception.message}\n{result.exception.remedy}"
    assert [each for each in said if each not in text] == []
    assert not out.parent.exists()


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(OperatorError) as caught:
        write.write_bundle("prod", "user-service", out=blocked / "bundle.zip")
    assert f"cannot write {blocked}/bundle.zip" in caught.value.message
    assert "--out" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_earlier_bundle_stays_whole_where_the_new_one_cannot_be_written(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write.write_bundle("prod", "user-service", image_tag="v1", out=out)

    def full(_: Path, __: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OperatorError, match="No space left on device"):
        write.write_bundle("prod", "user-service", image_tag="v2", out=out)
    monkeypatch.undo()
    assert out.read_bytes() == bundle(image_tag="v1")
    assert list(out.parent.iterdir()) == [out]


def test_the_zip_can_be_read_by_whoever_deploys_it(out: Path) -> None:
    write.write_bundle("prod", "user-service", out=out)
    assert stat.S_IMODE(out.stat().st_mode) & 0o400


def test_the_help_says_what_is_written_and_printed() -> None:
    text = runner.invoke(cli.app, ["bundle", "--help"]).output
    assert "Write the deployment bundle of SERVICE" in text
    assert "can be rolled back to" in text
