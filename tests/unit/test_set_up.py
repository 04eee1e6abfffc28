"""The installation of the virtualenv, its progress output, and the command `wealist`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.copies import ROOT, clean_environment, copy_project
from wealist import set_up
from wealist.set_up import Line, SetUpError, requirements, run, write_command

LOCK: dict[str, Any] = {
    "default": {"zope": {"hashes": ["sha256:1", "sha256:2"], "markers": "python_version >= '3.9'", "version": "==2.0"}},
    "develop": {"attrs": {"extras": ["dev"], "hashes": ["sha256:3"], "version": "==1.0"}},
}


def test_requirements_have_the_versions_hashes_and_markers_of_the_lock() -> None:
    assert requirements(LOCK) == [
        "attrs==1.0 --hash=sha256:3",
        "zope==2.0 ; python_version >= '3.9' --hash=sha256:1 --hash=sha256:2",
    ]


def test_every_package_of_the_committed_lock_has_a_version_and_hashes() -> None:
    lines = requirements(json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8")))
    assert len(lines) > 50
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the programs that run, in a project whose virtualenv is a link. Installs nothing."""
    done: list[str] = []
    project, real = tmp_path / "project", tmp_path / "shared"
    project.mkdir()
    (project / ".venv").symlink_to(real)
    (project / "Pipfile.lock").write_text(json.dumps(LOCK))

    def record(title: str, programs: Any, *, total: int = 0) -> None:
        assert total in {0, 2}
        assert str(real) in str(programs)
        (real / "bin").mkdir(parents=True, exist_ok=True)
        done.append(title)

    monkeypatch.setattr(set_up, "ROOT", project)
    monkeypatch.setattr(set_up, "run", record)
    return done


def test_the_target_of_a_linked_virtualenv_is_set_up(target: list[str], tmp_path: Path) -> None:
    assert set_up.main("123") == 0
    assert target == ["create the virtualenv", "install the packages", "fill the caches of Python and jsii"]
    assert (tmp_path / "shared" / ".installed-123").exists()
    assert (tmp_path / "shared" / "bin" / "wealist").exists()
    assert (tmp_path / "project" / ".venv").is_symlink()


def test_a_virtualenv_with_pip_is_not_created_again(target: list[str], tmp_path: Path) -> None:
    (tmp_path / "shared" / "bin").mkdir(parents=True)
    (tmp_path / "shared" / "bin" / "python").symlink_to("/bin/true")
    (tmp_path / "shared" / ".installed-122").touch()
    assert set_up.main("123") == 0
    assert target == ["install the packages", "fill the caches of Python and jsii"]
    assert [file.name for file in (tmp_path / "shared").glob(".installed-*")] == [".installed-123"]


@pytest.mark.usefixtures("target")
def test_a_failed_step_does_not_mark_the_virtualenv_as_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(title: str, *_arguments: object, **_settings: object) -> None:
        raise SetUpError(f"{title}: exit code 1")

    monkeypatch.setattr(set_up, "run", fail)
    assert set_up.main("123") == 1
    assert not list(tmp_path.glob("shared/.installed-*"))
    assert "error: create the virtualenv: exit code 1\nremedy: " in capsys.readouterr().err


def test_a_separate_virtualenv_is_created_and_marked_as_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = []
    monkeypatch.setattr(set_up, "run", lambda title, _: titles.append(title))
    assert set_up.install_alone(tmp_path, "checkov==1.2.3") == 0
    assert titles == ["create a virtualenv", "install checkov==1.2.3"]
    assert (tmp_path / ".installed").exists()


def test_a_failed_installation_does_not_mark_the_separate_virtualenv_as_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert set_up.install_alone(tmp_path / "file" / "venv", "checkov==1.2.3") == 1
    assert "error: create a virtualenv: exit code 1\nremedy: " in capsys.readouterr().err
    assert not list(tmp_path.glob("**/.installed"))


def test_the_output_of_a_failed_program_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    failing = [sys.executable, "-c", "import sys; print('no such index'); sys.exit(3)"]
    with pytest.raises(SetUpError, match="install: exit code 3"):
        run("install", [[sys.executable, "-c", ""], failing])
    assert "no such index" in capsys.readouterr().err


@pytest.mark.integration
def test_fetched_packages_are_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "SHOWN_EVERY", 0.1)
    pip = "import time; print('Collecting a\\nProcessing ./b.whl\\nDownloading', flush=True); time.sleep(1)"
    run("install", [[sys.executable, "-c", pip], [sys.executable, "-c", pip]], total=9)
    assert "install: 4 of 9 packages" in capsys.readouterr().err


def test_a_step_is_printed_every_four_seconds_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 0.0, 1.0, 3.9, 4.1, 7.9, 8.2])
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    line = Line("install")
    for _ in range(6):
        line.show("")
    assert capsys.readouterr().err.splitlines() == ["install, 0 s", "install, 4 s", "install, 8 s"]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `wealist` of a new virtualenv with this Python."""
    folder = tmp_path_factory.mktemp("venv")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (folder / "lib").symlink_to(Path(sys.prefix) / "lib")
    write_command(folder)
    return folder / "bin" / "wealist"


def version_of(command: Path, folder: Path) -> str:
    done = subprocess.run(
        [command, "--version"], cwd=folder, env=clean_environment({}), capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.integration
@pytest.mark.parametrize("below", [".", "wealist/spec", "modules"])
def test_the_command_runs_the_checkout_of_the_current_folder(below: str, command: Path, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "pyproject.toml").write_text('[project]\nname = "wealist"\nversion = "7.8.9"\n')
    assert version_of(command, project / below) == "wealist 7.8.9\n"


@pytest.mark.integration
def test_the_command_runs_the_checkout_that_created_it_from_other_folders(command: Path, tmp_path: Path) -> None:
    assert version_of(command, tmp_path).startswith("wealist 0.")


def write_command_in(checkout: Path, *, created_by: str) -> Path:
    """Write the command into the virtualenv of a checkout, as if another checkout had created it."""
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    program = folder / "wealist"
    program.write_text(set_up.COMMAND.format(python=sys.executable, root=created_by))
    program.chmod(0o755)
    return program


@pytest.mark.integration
def test_the_command_runs_the_checkout_that_contains_its_virtualenv(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "pyproject.toml").write_text('[project]\nname = "wealist"\nversion = "7.8.9"\n')
    assert version_of(write_command_in(project, created_by="/gone"), tmp_path) == "wealist 7.8.9\n"


@pytest.mark.integration
def test_a_missing_checkout_is_reported_in_two_lines(tmp_path: Path) -> None:
    gone = write_command_in(tmp_path / "project", created_by="/gone")
    done = subprocess.run([gone, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: the checkout /gone is gone",
        "remedy: run this in another one, or `make setup` there",
    ]


@pytest.mark.usefixtures("target")
def test_a_full_disk_is_reported_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shared" / "bin").mkdir(parents=True)
    (tmp_path / "shared" / "bin" / "wealist").symlink_to("/dev/full")
    assert set_up.main("123") == 1
    assert "error: No space left on device\nremedy: free some space " in capsys.readouterr().err
    assert not list(tmp_path.glob("shared/.installed-*"))


@pytest.mark.parametrize("given", ["env=dev", "Env=dev", "stack=dev", "STACK=dev", "environment=dev"])
def test_make_refuses_misspelt_variables_with_the_right_spelling(given: str) -> None:
    program = ["make", "--dry-run", "plan", given]
    environ = clean_environment({})
    refused = subprocess.run(program, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"{given} sets nothing here; write ENV=dev" in refused.stderr
    assert refused.stdout == ""


def dry_run(folder: Path) -> str:
    program = ["make", "--dry-run", "plan", "ENV=dev"]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("is_link", [True, False])
def test_make_installs_again_only_if_the_content_of_the_lock_changes(is_link: bool, tmp_path: Path) -> None:  # noqa: FBT001
    project = tmp_path / "project"
    (project / "wealist").mkdir(parents=True)
    for file in ("Makefile", "Pipfile.lock", "wealist/set_up.py"):
        (project / file).write_bytes((ROOT / file).read_bytes())
    (line,) = [line for line in dry_run(project).splitlines() if "set_up" in line]
    virtualenv = tmp_path / "shared" if is_link else project / ".venv"
    virtualenv.mkdir()
    if is_link:
        (project / ".venv").symlink_to(virtualenv)
    (virtualenv / f".installed-{line.split()[-1]}").touch()
    os.utime(virtualenv / f".installed-{line.split()[-1]}", (0, 0))
    (project / "Pipfile.lock").touch()
    assert "set_up" not in dry_run(project)
    (project / "Pipfile.lock").write_text("{}")
    assert "set_up" in dry_run(project)
