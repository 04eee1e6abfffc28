"""Errors of the operating system are printed as two lines, with an exit code.

folders that are not writable ─ programs without root's capabilities ─► 2
/dev/full, which fails like a full disk ──────────────────────────────► 1
"""

import json
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.unit.copies import clean_environment, copy_project
from wealist.errors import OperatorError
from wealist.operations.terraform import Terraform

WITHOUT_CAPABILITIES = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them, permissions do not apply to root
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.argv[1], sys.argv[1:])
"""
MAIN = ("main.py",)
WEALIST = ("-m", "wealist")
PLAN = (*WEALIST, "plan", "dev", "--emulated")
BUNDLE = (*WEALIST, "bundle", "dev", "user-service")


def run(
    project: Path, *arguments: str, settings: Mapping[str, str], stdout: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run Python in a project, without the capabilities that bypass permissions."""
    command = shlex.join([sys.executable, "-c", WITHOUT_CAPABILITIES, sys.executable, *arguments])
    return subprocess.run(
        ["/bin/sh", "-c", f"{command} {stdout}"],
        cwd=project,
        env=clean_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines on stderr, without steps and warnings."""
    steps = ("warning: ", "synthesize ...", "✓ ", "· ")
    return [line for line in done.stderr.splitlines() if not line.startswith(steps)]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that is not writable."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize(
    ("arguments", "setting", "place"),
    [
        (MAIN, "CDKTF_OUTDIR", "locked"),
        (MAIN, "CDKTF_OUTDIR", "locked/out"),
        (MAIN, "TMPDIR", "locked"),
        ((*WEALIST, "check", "dev"), "TMPDIR", "locked/none"),
        (PLAN, "WEALIST_WORK", "locked"),
        ((*WEALIST, "apply", "dev", "--emulated"), "WEALIST_WORK", "locked/work"),
        ((*WEALIST, "demo"), "WEALIST_WORK", "locked"),
        (BUNDLE, "WEALIST_WORK", "locked"),
    ],
)
def test_a_setting_with_an_unwritable_folder_is_reported(
    arguments: tuple[str, ...], setting: str, place: str, locked: Path, copied: Path
) -> None:
    done = run(copied, *arguments, settings={setting: str(locked.parent / place)})
    assert done.returncode == 2
    error, remedy = lines(done)
    assert error.startswith("error: ")
    assert str(locked) in error
    assert remedy.startswith("remedy: ")


@pytest.mark.parametrize("arguments", [PLAN, BUNDLE], ids=["plan", "bundle"])
@pytest.mark.parametrize("place", ["locked/out", "a-file/out", "/proc/none"])
def test_an_option_with_an_unwritable_path_is_reported(
    arguments: tuple[str, ...], place: str, locked: Path, copied: Path
) -> None:
    (locked.parent / "a-file").touch()
    work = {"WEALIST_WORK": str(locked.parent / "work")}
    done = run(copied, *arguments, "--out", str(locked.parent / place), settings=work)
    assert done.returncode == 2
    error, remedy = lines(done)
    assert error.startswith("error: ")
    assert str(locked.parent / place) in error
    assert remedy.startswith("remedy: ")


def test_an_unwritable_inventory_is_reported(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "inventory").mkdir(mode=0o555)
    done = run(project, *WEALIST, "accept", settings={})
    assert done.returncode == 2
    error, remedy = lines(done)
    assert error.startswith(f"error: {project / 'inventory'}")
    assert remedy.startswith("remedy: ")


def test_an_unwritable_cache_is_only_a_warning(locked: Path, copied: Path) -> None:
    done = run(copied, *MAIN, settings={"XDG_CACHE_HOME": str(locked), "CDKTF_OUTDIR": str(locked.parent / "out")})
    assert done.returncode == 0, done.stderr
    assert f"warning: {locked / 'wealist' / 'jsii'} cannot be written (Permission denied)" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [MAIN, (*WEALIST, "check", "dev"), (*WEALIST, "check", "dev", "--json"), (*WEALIST, "--help"), BUNDLE],
    ids=lambda arguments: arguments[-1],
)
def test_a_full_disk_for_the_output_is_reported(
    arguments: tuple[str, ...], copied: Path, synthesized: Path, tmp_path: Path
) -> None:
    out = synthesized if arguments != MAIN else tmp_path / "out"
    settings = {"CDKTF_OUTDIR": str(out), "WEALIST_WORK": str(tmp_path / "work")}
    done = run(copied, *arguments, settings=settings, stdout=">/dev/full")
    assert done.returncode == 1
    error, remedy = lines(done)
    assert error == "error: No space left on device"
    assert remedy.startswith("remedy: free some space ")


def test_a_full_disk_for_the_plan_is_reported(tmp_path: Path) -> None:
    answer = secrets.token_hex(50_000)  # Terraform does not report a failed write of a few bytes
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": {"answer": {"value": answer}}}))
    terraform = Terraform(tmp_path)
    terraform.init()
    with pytest.raises(OperatorError) as refused:
        terraform.plan(Path("/dev/full"))
    assert refused.value.message == "/dev/full: No space left on device"
    assert refused.value.exit_code == 1
