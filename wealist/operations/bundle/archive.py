"""A zip whose bytes depend on nothing but what is in it: no clock, umask, folder, or version of a compressor."""

import io
import stat
import zipfile
from collections.abc import Mapping
from typing import Final

from wealist.operations.bundle.contents import File

_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can hold."""
_UNIX: Final = 3
"""The system that the modes are of: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.4.2."""


def pack(files: Mapping[str, File]) -> bytes:
    """The zip of some files: in the order of their paths, 0755 where executable, else 0644.

    Nothing is compressed: a bundle has a few kilobytes, and compressors differ from machine to machine.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, file in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _MOMENT)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if file.executable else 0o644)) << 16
            archive.writestr(entry, file.content)
    return packed.getvalue()
