import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from wealist.errors import OperatorError, ToolFailedError
from wealist.operations import terraform
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import Executable

Fake = Callable[[str], Terraform]


def terraform_in(folder: Path, program: Path, env: Mapping[str, str] | None = None) -> Terraform:
    return Terraform(folder, env=env, executable=Executable((str(program),), "1.11.0", "PATH"))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on PATH; `fake` writes it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    (folder / "terraform").touch(0o755)
    return folder / "terraform"


@pytest.fixture
def fake(program: Path, tmp_path: Path) -> Fake:
    """Writes a shell script, and returns a Terraform of the stack prod that runs it."""
    (tmp_path / "prod").mkdir()

    def write(body: str) -> Terraform:
        program.write_text(f"#!/bin/sh\n{body}\n")
        return terraform_in(tmp_path / "prod", program)

    return write


def test_a_failed_command_has_terraforms_exit_code(fake: Fake) -> None:
    with pytest.raises(ToolFailedError) as failure:
        fake("exit 3").run("plan")
    assert failure.value.exit_code == 3


def test_a_captured_failure_contains_terraforms_message(fake: Fake) -> None:
    with pytest.raises(ToolFailedError, match=r"exit code 1: Error: creating S3 Bucket"):
        fake('echo "Error: creating S3 Bucket" >&2; exit 1').run("apply", capture=True)


UNREACHABLE = "Error: Failed to query available provider packages"


@pytest.mark.parametrize(
    ("printed", "message", "remedy"),
    [
        (UNREACHABLE, "neither from a mirror nor from its registry", "WEALIST_PROVIDER_MIRROR"),
        ("the local package for x doesn't match any of the\nchecksums", "none of the committed hashes", "mirror"),
        ("the package for x doesn't match any of the checksums", "none of the committed hashes", "docs/pipeline.md"),
        (
            f"{UNREACHABLE}\nlocked provider aws 5.9.0 does not match\nx",
            "lock.hcl locks another version of the AWS provider",
            "delete it",
        ),
        ("Error: Provider dependency changes detected", "no hashes are committed", "provider.lock.hcl"),
        ("No valid credential sources found", "no AWS credentials", "`wealist plan prod --emulated` needs none"),
        ("failed: No valid credential source found", "no AWS credentials", "aws sso login"),
    ],
)
def test_known_failures_of_init_are_reported_with_a_remedy(fake: Fake, printed: str, message: str, remedy: str) -> None:
    with pytest.raises(OperatorError, match=message) as error:
        fake(f'echo "{printed}" >&2; exit 1').init()
    assert remedy in error.value.remedy


def test_other_failures_of_init_show_terraforms_output(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ToolFailedError):
        fake('echo "Error: Missing block label" >&2; exit 1').init()
    assert "Missing block label" in capsys.readouterr().err


def test_terraform_asks_no_questions_and_runs_in_the_given_process_environment(fake: Fake, tmp_path: Path) -> None:
    fake('echo "$TF_INPUT $TF_IN_AUTOMATION $CHECKPOINT_DISABLE $AWS_ENDPOINT_URL $AWS_PROFILE"')
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HOME": str(tmp_path)}
    done = terraform_in(tmp_path, tmp_path / "bin/terraform", environment).run("plan", capture=True)
    assert done.stdout.split() == ["0", "1", "1", "http://127.0.0.1:1"]


@pytest.mark.parametrize(("settings", "used"), [({}, "400"), ({"GOGC": "50"}, "50")])
def test_the_garbage_collectors_default_can_be_overridden(
    fake: Fake, tmp_path: Path, settings: dict[str, str], used: str
) -> None:
    fake('echo "$GOGC"')
    environment = {"HOME": str(tmp_path), **settings}
    done = terraform_in(tmp_path, tmp_path / "bin/terraform", environment).run("plan", capture=True)
    assert done.stdout == f"{used}\n"


def test_a_variable_that_names_a_missing_cli_configuration_is_not_inherited(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terraform, "cli_settings", lambda _environ: {})
    fake('echo "<$TF_CLI_CONFIG_FILE>"')
    environment = os.environ | {"TF_CLI_CONFIG_FILE": str(tmp_path / "absent")}
    done = terraform_in(tmp_path, tmp_path / "bin/terraform", environment).run("version", capture=True)
    assert done.stdout == "<>\n"


PLAN = """\
Plan: 2 to add, 0 to change, 0 to destroy.

Warning: Check block assertion known after apply

  on cdk.tf.json line 41, in check.firewall_rules.assert:
  41:         "condition": "${true}"
    ├────────────────
    │ data.aws_vpc_security_group_rules.firewall_rules.ids is a list of string

The condition could not be evaluated at this time, a result will be known
when this plan is applied.

Warning: Check block assertion failed

  sgr-1 was added by hand
"""


def test_a_plan_omits_only_the_warning_that_a_check_runs_during_the_apply(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text(PLAN)
    text = fake(f"/bin/cat {tmp_path / 'plan.txt'}").plan(tmp_path / "out")
    assert "Plan: 2 to add" in text
    assert "known" not in text
    assert "Warning: Check block assertion failed" in text
    assert "sgr-1 was added by hand" in text


RUN_PLAN = """
import sys
from pathlib import Path
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import Executable
Terraform(Path.cwd(), executable=Executable((sys.argv[1],), "1.11.0", "PATH")).run("plan")
"""


@pytest.mark.integration
@pytest.mark.parametrize(
    ("on_terminal", "settings", "coloured"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (False, {"TERM": "xterm"}, False),
    ],
)
def test_terraform_prints_colours_only_on_a_terminal_that_supports_them(
    *, on_terminal: bool, settings: dict[str, str], coloured: bool, fake: Fake, tmp_path: Path
) -> None:
    fake(f'echo "$@" > {tmp_path / "arguments"}')
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    subprocess.run(
        [sys.executable, "-c", RUN_PLAN, str(tmp_path / "bin/terraform")],
        stdout=theirs if on_terminal else subprocess.DEVNULL,
        env=inherited | settings,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    assert ("-no-color" not in (tmp_path / "arguments").read_text()) == coloured


class CountedInit:
    """A stack's folder, in which Terraform counts each `init`, and installs a provider from a mirror."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder = folder / "prod"
        self.mirror = folder / "mirror"
        self._counts = folder / "counts"
        provider = ".terraform/providers/registry/hashicorp/aws/5"
        count = f"PATH=/bin:/usr/bin; echo x >> {self._counts}"
        program.write_text(f"#!/bin/sh\n{count}; mkdir -p {provider}; ln -sf {self.mirror} {provider}/linux\n")
        (self.folder / "modules/boot").mkdir(parents=True)
        (self.folder / "modules/boot/main.tf").touch()
        self.mirror.mkdir()
        self.terraform = terraform_in(self.folder, program)

    def write(self, document: Mapping[str, object]) -> None:
        (self.folder / "cdk.tf.json").write_text(json.dumps(document))

    def init(self) -> int:
        """Initialize if needed. Return how many times Terraform has run."""
        self.terraform.init_if_changed()
        return self._counts.read_text().count("x")


DOCUMENT = {"terraform": {"backend": {"s3": {"key": "a"}}}, "module": {"boot": {"source": "./modules/boot"}}}


@pytest.fixture
def counted(tmp_path: Path, program: Path) -> CountedInit:
    counted = CountedInit(tmp_path, program)
    counted.write(DOCUMENT)
    return counted


def test_init_is_skipped_until_its_inputs_change(counted: CountedInit) -> None:
    assert [counted.init(), counted.init()] == [1, 1]
    counted.write(DOCUMENT | {"resource": {"aws_vpc": {}}})
    assert counted.init() == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("cdk.tf.json", '{"terraform": {"backend": {"s3": {"key": "b"}}}}'),
        ("cdk.tf.json", '{"terraform": {"backend": {"s3": {"key": "a"}}}, "module": {}}'),
        ("modules/boot/main.tf", "terraform {}"),
        ("aws_override.tf.json", "{}"),
        (".terraform.lock.hcl", "# another version"),
    ],
)
def test_init_runs_again_after_a_change_of_its_inputs(file: str, content: str, counted: CountedInit) -> None:
    counted.init()
    (counted.folder / file).write_text(content)
    assert [counted.init(), counted.init()] == [2, 2]


def test_init_runs_again_if_the_provider_is_missing(counted: CountedInit) -> None:
    counted.init()
    counted.mirror.rmdir()
    assert counted.init() == 2


def test_init_runs_again_after_another_init(counted: CountedInit) -> None:
    counted.init()
    counted.terraform.init("-migrate-state")
    assert counted.init() == 3
