"""What the operating system refuses is two lines and an exit code: refused for real, whoever runs the tests.

folders whose mode forbids writing ─ by programs that obey it although they are root's ─► 2
/dev/full, which refuses every write as a full disk does ──────────────────────────────► 1
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

OBEDIENT = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: by them root is refused nothing
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
    """Run Python in a project, as somebody to whom the modes of folders apply."""
    command = shlex.join([sys.executable, "-c", OBEDIENT, sys.executable, *arguments])
    return subprocess.run(
        ["/bin/sh", "-c", f"{command} {stdout}"],
        cwd=project,
        env=clean_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a command printed on stderr, but for its steps and the warnings of the synthesis."""
    steps = ("warning: ", "synthesize ...", "✓ ", "· ")
    return [line for line in done.stderr.splitlines() if not line.startswith(steps)]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may write."""
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
def test_a_setting_that_names_a_folder_nobody_may_write(
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
def test_an_option_that_names_a_place_nobody_may_write(
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


def test_an_inventory_that_nobody_may_write(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "inventory").mkdir(mode=0o555)
    done = run(project, *WEALIST, "accept", settings={})
    assert done.returncode == 2
    error, remedy = lines(done)
    assert error.startswith(f"error: {project / 'inventory'}")
    assert remedy.startswith("remedy: ")


def test_a_cache_that_nobody_may_write_only_makes_the_synthesis_slower(locked: Path, copied: Path) -> None:
    done = run(copied, *MAIN, settings={"XDG_CACHE_HOME": str(locked), "CDKTF_OUTDIR": str(locked.parent / "out")})
    assert done.returncode == 0, done.stderr
    assert f"warning: {locked / 'wealist' / 'jsii'} cannot be written (Permission denied)" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [MAIN, (*WEALIST, "check", "dev"), (*WEALIST, "check", "dev", "--json"), (*WEALIST, "--help"), BUNDLE],
    ids=lambda arguments: arguments[-1],
)
def test_a_disk_that_is_full_where_the_output_goes(
    arguments: tuple[str, ...], copied: Path, synthesized: Path, tmp_path: Path
) -> None:
    out = synthesized if arguments != MAIN else tmp_path / "out"
    settings = {"CDKTF_OUTDIR": str(out), "WEALIST_WORK": str(tmp_path / "work")}
    done = run(copied, *arguments, settings=settings, stdout=">/dev/full")
    assert done.returncode == 1
    error, remedy = lines(done)
    assert error == "error: No space left on device"
    assert remedy.startswith("remedy: free some space ")


def test_a_plan_that_fills_a_disk(tmp_path: Path) -> None:
    answer = secrets.token_hex(50_000)  # Terraform overlooks that a few bytes were not written
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": {"answer": {"value": answer}}}))
    terraform = Terraform(tmp_path)
    terraform.init()
    with pytest.raises(OperatorError) as refused:
        terraform.plan(Path("/dev/full"))
    assert refused.value.message == "/dev/full: No space left on device"
    assert refused.value.exit_code == 1
