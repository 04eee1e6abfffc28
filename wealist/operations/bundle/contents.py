"""The files of a deployment bundle, and their reproducible zip.

templates/ ─┬─ scripts/*.sh, compose.yml ─── copied ───────┐
            └─ appspec.yml, systemd's units ─ $service, … ─┼─► path → File ─► pack
spec/ ──── settings.sh, parameters.txt ────────────────────┘
"""

import io
import shlex
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import ECR_REGISTRY
from wealist.spec.parameters import PLACEHOLDER, variables
from wealist.spec.services import Service

_TEMPLATES: Final = Path(__file__).parent / "templates"
_COPIED: Final = ("compose.yml", "scripts/*.sh")
_SUBSTITUTED: Final = ("appspec.yml", "wealist.service", "wealist-images.service", "wealist-images.timer")
_MODIFIED: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can contain."""
_UNIX: Final = 3
"""The system of the file modes: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.4.2."""


@dataclass(frozen=True)
class File:
    """A file in a bundle."""

    content: bytes
    executable: bool = False


def contents(config: Environment, service: Service, image_tag: str) -> dict[str, File]:
    """Return the files of one service's bundle, by path.

    Args:
        config: The environment.
        service: A service of the environment.
        image_tag: The tag of the image in the service's repository.
    """
    files = {
        path.relative_to(_TEMPLATES).as_posix(): File(path.read_bytes(), executable=path.suffix == ".sh")
        for pattern in _COPIED
        for path in _TEMPLATES.glob(pattern)
    }
    for name in _SUBSTITUTED:
        template = Template((_TEMPLATES / name).read_text(encoding="utf-8"))
        files[name] = File(template.substitute(service.hook_seconds, service=service.full_name).encode())
    files["settings.sh"] = File(_settings(config, service, image_tag).encode())
    files["parameters.txt"] = File(_parameters(config, service).encode())
    return files


def _settings(config: Environment, service: Service, image_tag: str) -> str:
    """Return the values that the scripts and the compose file read, as shell assignments. None is secret."""
    values = {
        "SERVICE": service.full_name,
        "IMAGE": f"{ECR_REGISTRY}/{config.names(service.full_name)}:{image_tag}",
        "PORT": str(service.port),
        "HEALTH_PATH": service.health_path,
        "START_SECONDS": str(service.start_seconds),
        "HEALTHY_WITHIN_SECONDS": str(service.healthy_within_seconds),
        "REGION": REGION,
        "LOG_GROUP": config.names.log_group(service),
        "PLACEHOLDER": PLACEHOLDER,
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def _parameters(config: Environment, service: Service) -> str:
    """Return the service's variables and the SSM parameters with their values, one pair per line."""
    pairs = variables(service).items()
    return "".join(f"{variable} {config.names.parameter(path)}\n" for variable, path in pairs)


def pack(files: Mapping[str, File]) -> bytes:
    """Return a zip of the files. The same files give the same bytes on every machine.

    Entries are sorted by path, with the mode 0755 if executable, else 0644. Nothing is compressed, because the output
    of compressors differs between versions.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, file in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _MODIFIED)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if file.executable else 0o644)) << 16
            archive.writestr(entry, file.content)
    return packed.getvalue()
