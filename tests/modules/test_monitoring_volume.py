"""The data volume: its data is kept when the instance is replaced, and never overwritten."""

import re
import shutil
from pathlib import Path

import pytest

from tests.modules.monitoring_instance import BEFORE, VOLUME, Monitoring

pytestmark = pytest.mark.integration


def test_a_new_instance_uses_the_data_of_the_old_one(
    monitoring: Monitoring, tmp_path: Path, scripts: dict[str, str], contents: dict[str, str]
) -> None:
    assert monitoring.boot() == 0, monitoring.log()
    (monitoring.root / "volume/prometheus/metrics").write_text("of fifteen days")
    second = Monitoring(tmp_path / "second", scripts["monitoring/al2023"], contents)
    shutil.copytree(monitoring.root / "volume", second.root / "volume", dirs_exist_ok=True)
    second.put("filesystem", "xfs\n")
    assert second.boot() == 0, second.log()
    assert second.calls("^mkfs") == []
    assert (second.root / "var/lib/monitoring/prometheus/metrics").read_text() == "of fifteen days"
    # Grafana's database contains the password of the first start.
    secret = "volume/secrets/grafana-admin-password"
    assert (second.root / secret).read_text() == (monitoring.root / secret).read_text()


def test_containers_own_their_data(al2023: Monitoring) -> None:
    assert al2023.boot() == 0, al2023.log()
    made = al2023.calls("^install .* -o ")
    assert [re.findall(r"-o (\d+) -g (\d+) .*/(\w+)$", call) for call in made] == [
        [("65534", "65534", "prometheus")],
        [("65534", "65534", "alertmanager")],
        [("472", "0", "grafana")],
    ]


def test_docker_waits_for_the_volume_after_a_reboot(al2023: Monitoring) -> None:
    assert al2023.boot() == 0, al2023.log()
    folder = al2023.root / "var/lib/monitoring"
    (line,) = (al2023.root / "etc/fstab").read_text().splitlines()
    assert line.split() == ["LABEL=monitoring", str(folder), "xfs", "defaults,nofail", "0", "2"]
    waits = (al2023.root / "etc/systemd/system/docker.service.d/data.conf").read_text()
    assert waits == f"[Unit]\nRequiresMountsFor={folder}\n"


def test_the_filesystem_grows_with_the_volume(al2023: Monitoring) -> None:
    al2023.put("filesystem", "xfs\n")
    assert al2023.boot() == 0, al2023.log()
    assert al2023.calls("^xfs_growfs") == [f"xfs_growfs {al2023.root}/var/lib/monitoring"]


# Failures


# For a partition table, blkid prints no type and succeeds.
@pytest.mark.parametrize("filesystem", ["ext4", "LVM2_member", ""])
def test_a_volume_with_another_filesystem_is_not_changed(al2023: Monitoring, filesystem: str) -> None:
    al2023.put("filesystem", f"{filesystem}\n")
    assert al2023.boot() != 0
    assert al2023.calls("^(mkfs|mount |docker compose)") == []
    assert f"{VOLUME} holds '{filesystem}' (blkid: 0), not XFS: it is left as it is" in al2023.log()


def test_an_unreadable_volume_is_not_formatted(al2023: Monitoring) -> None:
    al2023.put("unreadable")
    assert al2023.boot() != 0
    assert al2023.calls("^(mkfs|mount )") == []
    assert "(blkid: 8)" in al2023.log()


def test_formatting_never_forces(scripts: dict[str, str]) -> None:
    (made,) = re.findall(r"^ *(mkfs.*)$", scripts["monitoring/al2023"], re.MULTILINE)
    assert made == 'mkfs.xfs -L monitoring "$device"'


def test_the_script_waits_until_the_old_instance_detaches_the_volume(al2023: Monitoring) -> None:
    al2023.set_volume("in-use", BEFORE)
    al2023.put("released-after", "6")
    assert al2023.boot() == 0, al2023.log()
    assert f"{VOLUME} is in-use, held by {BEFORE}" in al2023.log()
    assert len(al2023.calls("^aws ec2 attach-volume")) == 1


def test_the_script_fails_if_the_volume_is_attached_for_five_minutes(al2023: Monitoring) -> None:
    al2023.set_volume("in-use", BEFORE)
    assert al2023.boot() != 0
    assert al2023.seconds_slept() == 300
    assert al2023.calls("^(aws ec2 attach-volume|mkfs|docker compose)") == []
    assert f"{VOLUME} is in-use, held by {BEFORE}, after five minutes" in al2023.log()


def test_a_denied_attachment_is_logged_and_ends_the_script(al2023: Monitoring) -> None:
    al2023.put("denied")
    assert al2023.boot() != 0
    # A new policy of IAM takes effect after some time, so the script tries again.
    assert len(al2023.calls("^aws ec2 attach-volume")) == 30
    assert al2023.seconds_slept() == 300
    assert "UnauthorizedOperation: AttachVolume" in al2023.log()
    assert al2023.calls("^(mkfs|docker compose)") == []


def test_a_volume_in_another_zone_ends_the_script_at_once(al2023: Monitoring) -> None:
    al2023.set_volume("available", "None", zone="ap-northeast-2a")
    assert al2023.boot() != 0
    assert al2023.seconds_slept() == 0
    assert al2023.calls("^aws ec2 attach-volume") == []
    assert f"{VOLUME} lies in ap-northeast-2a, this instance in ap-northeast-2d" in al2023.log()


@pytest.mark.parametrize(
    ("lines", "count"), [("", "0"), ("vol-1\td\tavailable\tNone\nvol-2\td\tavailable\tNone\n", "2")]
)
def test_the_name_must_match_exactly_one_volume(al2023: Monitoring, lines: str, count: str) -> None:
    al2023.put("volumes", lines)
    assert al2023.boot() != 0
    assert f"{count} volumes are named wealist-prod-monitoring-data, and one is needed" in al2023.log()
    assert al2023.calls("^aws ec2 attach-volume") == []


def test_a_missing_device_ends_the_script(al2023: Monitoring) -> None:
    al2023.put("no-device")
    assert al2023.boot() != 0
    assert "use an instance type of the Nitro system" in al2023.log()
    assert al2023.calls("^(blkid|mkfs)") == []


def test_a_failed_mount_ends_the_script_before_anything_is_written(al2023: Monitoring) -> None:
    al2023.stand_in("mount", "exit 32")
    assert al2023.boot() != 0
    assert al2023.calls("^(openssl|docker compose)") == []
    assert "failed with exit code 32" in al2023.log()
