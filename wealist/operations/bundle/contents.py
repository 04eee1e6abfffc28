"""The files of a bundle: templates as they are, but for what depends on the environment and the service.

templates/ ─┬─ scripts/*.sh, compose.yml ─── as they are ──┐
            └─ appspec.yml, systemd's units ─ $service, … ─┼─► path → File
spec/ ──── settings.sh, parameters.txt ────────────────────┘
"""

import shlex
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
_AS_THEY_ARE: Final = ("compose.yml", "scripts/*.sh")
_OF_THE_SERVICE: Final = ("appspec.yml", "wealist.service", "wealist-images.service", "wealist-images.timer")


@dataclass(frozen=True)
class File:
    """One file of a bundle."""

    content: bytes
    executable: bool = False


def contents(config: Environment, service: Service, image_tag: str) -> dict[str, File]:
    """Everything in the bundle of one service, by path.

    Args:
        config: the environment.
        service: one of its services.
        image_tag: of the image in the service's repository.
    """
    files = {
        path.relative_to(_TEMPLATES).as_posix(): File(path.read_bytes(), executable=path.suffix == ".sh")
        for pattern in _AS_THEY_ARE
        for path in _TEMPLATES.glob(pattern)
    }
    for name in _OF_THE_SERVICE:
        template = Template((_TEMPLATES / name).read_text(encoding="utf-8"))
        files[name] = File(template.substitute(service.hook_seconds, service=service.full_name).encode())
    files["settings.sh"] = File(_settings(config, service, image_tag).encode())
    files["parameters.txt"] = File(_parameters(config, service).encode())
    return files


def _settings(config: Environment, service: Service, image_tag: str) -> str:
    """What the scripts and the compose file know of this service, as shell assignments. None is secret."""
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
    """The variables of the service, and the parameters that hold their values: a pair in each line."""
    pairs = variables(service).items()
    return "".join(f"{variable} {config.names.parameter(path)}\n" for variable, path in pairs)
