"""The zip: the same bytes whenever, wherever and however it is made."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from tests.unit.copies import run_python
from tests.unit.operations.bundle.agent import bundle
from wealist.operations.bundle.contents import File, pack


def test_the_order_in_which_files_come_does_not_matter() -> None:
    one, other = File(b"1"), File(b"2", executable=True)
    assert pack({"a": one, "b/c": other}) == pack({"b/c": other, "a": one})


@pytest.mark.integration
def test_neither_clock_umask_folder_nor_hash_seed_changes_a_byte(tmp_path: Path) -> None:
    made = set()
    for number, umask in enumerate((0o022, 0o077)):
        program = f"import os, sys; os.umask({umask}); sys.argv[0] = 'wealist'; from wealist.cli import main; main()"
        out = tmp_path / str(number) / "bundle.zip"
        done = run_python(
            "-c", program, "bundle", "prod", "user-service", "--out", str(out),
            environment={"PYTHONHASHSEED": str(number), "TZ": ("UTC", "Asia/Seoul")[number]},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        os.utime(out)
        made.add(out.read_bytes())
    assert made == {bundle()}


def test_scripts_come_out_executable_and_the_rest_not() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle())) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert {path for path, mode in modes.items() if mode == 0o100755} == {
        path for path in modes if path[:8] == "scripts/"
    }
    assert set(modes.values()) == {0o100755, 0o100644}


def test_nothing_depends_on_a_compressor_or_a_clock() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle())) as archive:
        assert {(entry.compress_type, entry.date_time) for entry in archive.infolist()} == {
            (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
        }
        assert [entry.filename for entry in archive.infolist()] == sorted(archive.namelist())
        assert archive.testzip() is None


def test_another_image_environment_or_service_is_another_bundle() -> None:
    bundles = {
        bundle(),
        bundle(image_tag="v2"),
        bundle(environment="dev"),
        bundle("board-service"),
    }
    assert len(bundles) == 4
