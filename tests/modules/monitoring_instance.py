"""A folder that simulates the monitoring instance and its data volume."""

import re
from pathlib import Path
from typing import Final

from tests.instance import Instance
from tests.modules.test_instance_boot import NO_OPERATION, PLUGIN, STAND_INS, SUM, TOOLS

VOLUME: Final = "vol-0123456789abcdef0"
DEVICE: Final = "dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
HERE: Final = "i-0000000000000new0"
BEFORE: Final = "i-0000000000000old0"
MORE_TOOLS: Final = ("grep", "ln", "mkdir", "touch")

# `volumes` is EC2's answer, `volume` the content of the disk, `filesystem` its type. Other files simulate failures.
MORE_STAND_INS: Final = {
    "curl": f"""
        if [ -e "$ROOT/offline" ]; then
          left=$(cat "$ROOT/offline")
          if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$ROOT/offline"; exit 6; fi
        fi
        while [ $# -gt 1 ]; do [ "$1" = --output ] && output=$2; shift; done
        case $1 in
          */api/token) printf token > "$output" ;;
          */meta-data/instance-id) printf {HERE} > "$output" ;;
          */meta-data/placement/availability-zone) printf ap-northeast-2d > "$output" ;;
          http://127.0.0.1:*) [ ! -e "$ROOT/silent" ] ;;
          *) printf '{PLUGIN.encode("unicode_escape").decode()}' > "$output"
             [ ! -e "$ROOT/forged" ] || echo "# added on the way" >> "$output" ;;
        esac""",
    "aws": f"""
        [ "$AWS_DEFAULT_REGION" = ap-northeast-2 ]
        case "$1 $2" in
          "ec2 describe-volumes")
            cat "$ROOT/volumes"
            if [ -e "$ROOT/released-after" ]; then
              left=$(cat "$ROOT/released-after")
              echo $((left - 1)) > "$ROOT/released-after"
              if [ "$left" = 0 ]; then printf '{VOLUME}\\tap-northeast-2d\\tavailable\\tNone\\n' > "$ROOT/volumes"; fi
            fi ;;
          "ec2 attach-volume")
            if [ -e "$ROOT/denied" ]; then echo "UnauthorizedOperation: AttachVolume" >&2; exit 254; fi
            printf '{VOLUME}\\tap-northeast-2d\\tin-use\\t{HERE}\\n' > "$ROOT/volumes"
            if [ ! -e "$ROOT/no-device" ]; then mkdir -p "$ROOT/dev/disk/by-id"; touch "$ROOT/{DEVICE}"; fi ;;
          "s3 cp") cp "$ROOT/s3/${{4##*/}}" "$5" ;;
        esac""",
    "blkid": """
        [ ! -e "$ROOT/unreadable" ] || exit 8
        [ -s "$ROOT/filesystem" ] || exit 2
        cat "$ROOT/filesystem" """,
    # Like the real one, it rejects a disk that is not empty.
    "mkfs.xfs": '[ ! -s "$ROOT/filesystem" ] && echo xfs > "$ROOT/filesystem"',
    # A mount hides earlier files below the mount point.
    "mount": 'rm -r "$1" && ln -s "$ROOT/volume" "$1" && touch "$ROOT/mounted"',
    "mountpoint": '[ -e "$ROOT/mounted" ]',
} | dict.fromkeys(("xfs_growfs", *NO_OPERATION), ":")


class Monitoring(Instance):
    """A simulated monitoring instance with a data volume."""

    def __init__(self, root: Path, script: str, contents: dict[str, str]) -> None:
        super().__init__(root, tools=(*TOOLS, *MORE_TOOLS), stand_ins=STAND_INS | MORE_STAND_INS)
        self._script = re.sub(r"(x86_64\) sum=)[0-9a-f]{64} ", rf"\g<1>{SUM} ", script)
        (root / "volume").mkdir()
        self.set_volume("available", "None")
        for name, content in contents.items():
            self.put(f"s3/{name}", content)

    def set_volume(self, state: str, holder: str, zone: str = "ap-northeast-2d") -> None:
        """Set EC2's description of the volume."""
        self.put("volumes", f"{VOLUME}\t{zone}\t{state}\t{holder}\n")

    def boot(self) -> int:
        """Run the user data. Returns its exit code."""
        return self.run(stdin=self.moved(self._script)).returncode

    def log(self) -> str:
        """Return the log of the script."""
        return (self.root / "var/log/wealist-bootstrap.log").read_text()

    def seconds_slept(self) -> int:
        """Return the total time of the script's sleeps."""
        return sum(int(call.split()[1]) for call in self.calls("^sleep"))
