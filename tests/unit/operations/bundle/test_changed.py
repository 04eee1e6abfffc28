"""The printed commands deploy their own bundle, and refuse a changed file."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.instance import Instance, real
from tests.unit.operations.bundle.agent import bundle
from wealist.errors import BAD_INPUT
from wealist.operations.bundle import write
from wealist.operations.bundle.write import Bundle, write_bundle

pytestmark = pytest.mark.integration

UPLOADS = """
    case "$*" in
      "s3 cp "*) cp "$4" "$ROOT/uploaded" ;;
      *create-deployment*) echo d-0123456789 ;;
      *"get-deployment "*) printf 'Succeeded\\t0\\t0\\t0\\t1\\t0\\t0\\tNone\\tNone\\n' ;;
    esac"""
"""A fake AWS CLI that keeps the uploaded file."""
TOOLS = ("cat", "cp", "date", "mktemp", "rm", "tr")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that contains the bundles."""
    monkeypatch.setattr(write, "WORK", tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def machine(tmp_path: Path) -> Instance:
    """The machine on which the commands run, with a fake AWS CLI."""
    return Instance(tmp_path / "machine", tools=(*TOOLS, "sha256sum"), stand_ins={"aws": UPLOADS})


def uploaded(machine: Instance) -> bytes | None:
    """Return the uploaded file, or None."""
    file = machine.root / "uploaded"
    return file.read_bytes() if file.exists() else None


def refused(done: subprocess.CompletedProcess[str], machine: Instance, written: Bundle) -> str:
    """Assert that the commands failed before any call of the AWS CLI. Return the remedy."""
    assert done.returncode == BAD_INPUT
    assert machine.calls("^aws") == []
    error, remedy = done.stderr.splitlines()
    assert error == f"error: {written.path} was changed or removed after it was written; nothing was uploaded"
    return remedy


@pytest.mark.usefixtures("work")
def test_the_commands_of_an_earlier_bundle_still_deploy_it(machine: Instance) -> None:
    first, second = (write_bundle("prod", "user-service", image_tag=tag) for tag in ("v42", "v43"))
    assert first.path != second.path
    for written, tag in ((first, "v42"), (second, "v43")):
        done = machine.run(stdin=written.commands)
        assert done.returncode == 0, done.stderr
        assert uploaded(machine) == bundle(image_tag=tag)
        assert f"/user-service/{tag}-" in machine.calls("^aws s3 cp")[-1]


def appended(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def one_bit_flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def removed(file: Path) -> None:
    file.unlink()


def replaced_by_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("change", [appended, one_bit_flipped, emptied, removed, replaced_by_a_folder])
def test_a_changed_bundle_is_refused_before_the_upload(change: Callable[[Path], None], machine: Instance) -> None:
    written = write_bundle("prod", "user-service", image_tag="v42")
    change(written.path)
    remedy = refused(machine.run(stdin=written.commands), machine, written)
    assert remedy.endswith(": python -m wealist bundle prod user-service --image-tag v42")


def test_a_bundle_replaced_by_a_later_one_is_refused(machine: Instance, tmp_path: Path) -> None:
    out = tmp_path / "the bundle's.zip"
    earlier = write_bundle("prod", "user-service", image_tag="v42", out=out)
    later = write_bundle("prod", "user-service", image_tag="v43", out=out)
    remedy = refused(machine.run(stdin=earlier.commands), machine, earlier)
    # The shell splits the command into words.
    again = remedy.partition(": write the bundle again, and run the commands that this prints: ")[2]
    words = machine.run("-c", f"printf '%s\\n' {again}").stdout.splitlines()
    command = ["python", "-m", "wealist", "bundle", "prod", "user-service"]
    assert words == [*command, "--image-tag", "v42", "--out", str(out)]
    assert machine.run(stdin=later.commands).returncode == 0
    assert uploaded(machine) == bundle(image_tag="v43")


def test_shasum_replaces_a_missing_sha256sum(tmp_path: Path) -> None:
    shasum = f'[ "$*" = "-a 256" ] && exec {real("sha256sum")}'
    machine = Instance(tmp_path / "mac", tools=TOOLS, stand_ins={"aws": UPLOADS, "shasum": shasum})
    written = write_bundle("prod", "user-service", image_tag="v42", out=tmp_path / "bundle.zip")
    assert machine.run(stdin=written.commands).returncode == 0
    appended(written.path)
    assert machine.run(stdin=written.commands).returncode == BAD_INPUT
    assert len(machine.calls("^aws s3 cp")) == 1


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_check_works_in_each_shell(shell: str, tmp_path: Path) -> None:
    written = write_bundle("prod", "user-service", image_tag="v42", out=tmp_path / "bundle.zip")
    appended(written.path)
    done = subprocess.run([real(shell)], input=written.commands, text=True, capture_output=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (BAD_INPUT, 2)
