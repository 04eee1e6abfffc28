"""A fake CodeDeploy agent that deploys bundles to a folder that simulates an instance.

    bundle ─► archive folder ─► hooks of appspec.yml, in CodeDeploy's order, as root without HOME
                  └─ Install ─► /home/ec2-user/app/<service>

`aws`, `docker` and `systemctl` are stateful fakes: SSM is a folder of files, starting a unit runs its ExecStart, and a
container's environment is kept in a file.
"""

import io
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any, Final

import yaml

from tests.instance import Instance
from wealist.operations.bundle.contents import contents, pack
from wealist.spec.environments import load

LIFECYCLE: Final = {
    "BeforeBlockTraffic": True,
    "BlockTraffic": False,
    "AfterBlockTraffic": True,
    "ApplicationStop": True,
    "DownloadBundle": False,
    "BeforeInstall": True,
    "Install": False,
    "AfterInstall": True,
    "ApplicationStart": True,
    "ValidateService": True,
    "BeforeAllowTraffic": True,
    "AllowTraffic": False,
    "AfterAllowTraffic": True,
}
"""Event → whether it can have scripts, in the order of an in-place deployment with a load balancer.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-server
"""

_WITHIN: Final = re.compile(r"HEALTHY_WITHIN_SECONDS=\d+")
TOOLS: Final = ("cat", "chmod", "date", "dirname", "env", "mktemp", "mv", "rm", "sed", "touch")

STAND_INS: Final = {
    "chown": ":",
    "sleep": ":",
    "journalctl": 'echo "the journal says why"',
    # SSM: a file for each parameter, and one for each that is denied; `failure` is the error of every call.
    "aws": """
        while [ $# -gt 0 ]; do
          [ "$1" != --name ] || name=$2
          shift
        done
        if [ -e "$ROOT/failure" ]; then cat "$ROOT/failure" >&2; exit 254; fi
        if [ -e "$ROOT/denied$name" ]; then
          echo "An error occurred (AccessDeniedException) when calling the GetParameter operation: not you" >&2
          exit 254
        fi
        if [ ! -e "$ROOT/ssm$name" ]; then
          echo "An error occurred (ParameterNotFound) when calling the GetParameter operation: " >&2
          exit 254
        fi
        cat "$ROOT/ssm$name"
        echo""",
    "docker": """
        case "$*" in
          compose*" pull "*) if [ -e "$ROOT/no-image" ]; then echo "manifest unknown" >&2; exit 1; fi ;;
          compose*" up "*) env -0 > "$ROOT/container"; if [ -e "$ROOT/no-start" ]; then exit 1; fi ;;
          compose*" down "*) rm -f "$ROOT/container" ;;
          "compose version") if [ -e "$ROOT/no-compose" ]; then exit 1; fi ;;
          "ps --all "*label=wealist.temporary=health*label=wealist.port=8080)
            if [ -e "$ROOT/temporary" ]; then cat "$ROOT/temporary"; fi ;;
          "rm --force "*) rm -f "$ROOT/temporary" ;;
        esac""",
    "systemctl": """
        unit="$ROOT/etc/systemd/system/$2"
        case $1 in
          stop) if [ ! -e "$unit" ]; then echo "Unit $2 not loaded." >&2; exit 5; fi ;;
          restart) exec env -i PATH="$PATH" ROOT="$ROOT" TMPDIR="$TMPDIR" "$(sed -n 's/^ExecStart=//p' "$unit")" ;;
        esac""",
    # `health` is the status of the service on 127.0.0.1.
    "curl": 'cat "$ROOT/health" 2> /dev/null || printf 000',
}


class Agent:
    """An instance and its agent.

    Attributes:
        instance: The simulated instance.
        ran: The events whose scripts ran, in order.
        output: The output of the scripts of the last deployment.
    """

    def __init__(self, root: Path) -> None:
        self.instance = Instance(root, tools=TOOLS, stand_ins=STAND_INS)
        self.ran: list[str] = []
        self.output = ""
        self._deployments = 0
        self._last_good: dict[str, Path] = {}

    def parameters(self, service: str = "user-service", environment: str = "prod") -> dict[str, str]:
        """Write a distinct value for each parameter of a service. Return variable → value."""
        with zipfile.ZipFile(io.BytesIO(bundle(service, environment))) as archive:
            pairs = dict(line.split() for line in archive.read("parameters.txt").decode().splitlines())
        values = {variable: f"value of {name}" for variable, name in pairs.items()}
        for variable, name in pairs.items():
            self.instance.put(f"ssm{name}", values[variable])
        return values

    def set_parameter(self, path: str, value: str) -> None:
        """Change a parameter of prod."""
        self.instance.put(f"ssm/wealist/prod/{path}", value)

    def container(self) -> dict[str, str] | None:
        """Return the process environment of the container; None without a container."""
        file = self.instance.root / "container"
        return dict(line.split("=", 1) for line in file.read_text().split("\0") if line) if file.exists() else None

    def deploy(self, packed: bytes) -> str | None:
        """Deploy a bundle. Return the failed event, or None."""
        self._deployments += 1
        archive = self.unpack(packed)
        appspec: dict[str, Any] = yaml.safe_load((archive / "appspec.yml").read_text())
        # Each service has its own application.
        application = appspec["files"][0]["destination"]
        self.output = ""
        for event in LIFECYCLE:
            if event == "Install":
                for item in appspec["files"]:
                    self._copy(archive / item["source"].lstrip("/"), Path(item["destination"]))
            source = self._last_good.get(application) if event == "ApplicationStop" else archive
            if source is not None and event in appspec["hooks"]:
                failed = any(self.hook(source, hook["location"]).returncode for hook in appspec["hooks"][event])
                self.ran.append(event)
                # --ignore-application-stop-failures
                if failed and event != "ApplicationStop":
                    return event
        self._last_good[application] = archive
        return None

    def hook(self, archive: Path, location: str) -> subprocess.CompletedProcess[str]:
        """Run one script of an unpacked bundle."""
        done = self.instance.run(str(archive / location))
        self.output += done.stdout + done.stderr
        return done

    def unpack(self, packed: bytes) -> Path:
        """Unpack a bundle for this instance."""
        # Do not wait for a service that will not become healthy.
        health = self.instance.root / "health"
        seconds = 30 if health.exists() and health.read_text() == "200" else 1
        folder = self.instance.root / f"opt/codedeploy-agent/deployment-root/{self._deployments}"
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for entry in archive.infolist():
                file = folder / entry.filename
                file.parent.mkdir(parents=True, exist_ok=True)
                text = _WITHIN.sub(f"HEALTHY_WITHIN_SECONDS={seconds}", archive.read(entry).decode())
                file.write_text(self.instance.moved(text))
                file.chmod(entry.external_attr >> 16 & 0o777)
        return folder

    @staticmethod
    def _copy(source: Path, destination: Path) -> None:
        for file in (path for path in source.rglob("*") if path.is_file()):
            target = destination / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())


def bundle(service: str = "user-service", environment: str = "prod", image_tag: str = "latest") -> bytes:
    """Return a bundle, as `python -m wealist bundle` writes it."""
    (config,) = load([environment])
    (found,) = (each for each in config.services if each.full_name == service)
    return pack(contents(config, found, image_tag))
