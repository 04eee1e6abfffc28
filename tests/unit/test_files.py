import errno
import os
import threading
from pathlib import Path

import pytest

from wealist.files import write_atomically


def test_a_failed_write_keeps_the_old_content_and_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text("before")
    file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as refused:
        write_atomically(file, "after")
    assert (refused.value.errno, refused.value.filename) == (errno.ENOSPC, str(file))
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "before"
