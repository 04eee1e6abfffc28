"""The data volume: it outlives the instance, and nothing on it is ever overwritten."""

import re
import shutil
from pathlib import Path

import pytest

from tests.modules.monitoring_instance import BEFORE, VOLUME, Monitoring

pytestmark = pytest.mark.integration


def test_a_new_instance_finds_what_the_old_one_left(
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
    # Grafana's database holds the password of its first start, and takes no other.
    secret = "volume/secrets/grafana-admin-password"
    assert (second.root / secret).read_text() == (monitoring.root / secret).read_text()


def test_data_belongs_to_the_users_of_the_containers(al2023: Monitoring) -> None:
    assert al2023.boot() == 0, al2023.log()
    made = al2023.calls("^install .* -o ")
    assert [re.findall(r"-o (\d+) -g (\d+) .*/(\w+)$", call) for call in made] == [
        [("65534", "65534", "prometheus")],
        [("65534", "65534", "alertmanager")],
        [("472", "0", "grafana")],
    ]


def test_the_volume_comes_back_after_a_reboot_and_docker_waits_for_it(al2023: Monitoring) -> None:
    assert al2023.boot() == 0, al2023.log()
    folder = al2023.root / "var/lib/monitoring"
    (line,) = (al2023.root / "etc/fstab").read_text().splitlines()
    assert line.split() == ["LABEL=monitoring", str(folder), "xfs", "defaults,nofail", "0", "2"]
    waits = (al2023.root / "etc/systemd/system/docker.service.d/data.conf").read_text()
    assert waits == f"[Unit]\nRequiresMountsFor={folder}\n"


def test_room_that_was_added_is_taken(al2023: Monitoring) -> None:
    al2023.put("filesystem", "xfs\n")
    assert al2023.boot() == 0, al2023.log()
    assert al2023.calls("^xfs_growfs") == [f"xfs_growfs {al2023.root}/var/lib/monitoring"]


# What can go wrong


# Of a partition table blkid tells no type, and does not say that there is nothing.
@pytest.mark.parametrize("filesystem", ["ext4", "LVM2_member", ""])
def test_a_volume_that_holds_something_else_is_left_as_it_is(al2023: Monitoring, filesystem: str) -> None:
    al2023.put("filesystem", f"{filesystem}\n")
    assert al2023.boot() != 0
    assert al2023.calls("^(mkfs|mount |docker compose)") == []
    assert f"{VOLUME} holds '{filesystem}' (blkid: 0), not XFS: it is left as it is" in al2023.log()


def test_a_volume_that_cannot_be_read_is_never_formatted(al2023: Monitoring) -> None:
    al2023.put("unreadable")
    assert al2023.boot() != 0
    assert al2023.calls("^(mkfs|mount )") == []
    assert "(blkid: 8)" in al2023.log()


def test_formatting_never_forces(scripts: dict[str, str]) -> None:
    (made,) = re.findall(r"^ *(mkfs.*)$", scripts["monitoring/al2023"], re.MULTILINE)
    assert made == 'mkfs.xfs -L monitoring "$device"'


def test_the_old_instance_is_waited_for(al2023: Monitoring) -> None:
    al2023.knows("in-use", BEFORE)
    al2023.put("released-after", "6")
    assert al2023.boot() == 0, al2023.log()
    assert f"{VOLUME} is in-use, held by {BEFORE}" in al2023.log()
    assert len(al2023.calls("^aws ec2 attach-volume")) == 1


def test_an_instance_that_never_lets_go_ends_the_script_after_five_minutes(al2023: Monitoring) -> None:
    al2023.knows("in-use", BEFORE)
    assert al2023.boot() != 0
    assert al2023.waited() == 300
    assert al2023.calls("^(aws ec2 attach-volume|mkfs|docker compose)") == []
    assert f"{VOLUME} is in-use, held by {BEFORE}, after five minutes" in al2023.log()


def test_a_refusal_to_attach_is_shown_and_ends_the_script(al2023: Monitoring) -> None:
    al2023.put("denied")
    assert al2023.boot() != 0
    # IAM takes a while to know a new policy, so one refusal is not the last word.
    assert len(al2023.calls("^aws ec2 attach-volume")) == 30
    assert al2023.waited() == 300
    assert "UnauthorizedOperation: AttachVolume" in al2023.log()
    assert al2023.calls("^(mkfs|docker compose)") == []


def test_a_volume_of_another_zone_ends_the_script_at_once(al2023: Monitoring) -> None:
    al2023.knows("available", "None", zone="ap-northeast-2a")
    assert al2023.boot() != 0
    assert al2023.waited() == 0
    assert al2023.calls("^aws ec2 attach-volume") == []
    assert f"{VOLUME} lies in ap-northeast-2a, this instance in ap-northeast-2d" in al2023.log()


@pytest.mark.parametrize(
    ("lines", "count"), [("", "0"), ("vol-1\td\tavailable\tNone\nvol-2\td\tavailable\tNone\n", "2")]
)
def test_there_must_be_one_volume_of_the_name(al2023: Monitoring, lines: str, count: str) -> None:
    al2023.put("volumes", lines)
    assert al2023.boot() != 0
    assert f"{count} volumes are named wealist-prod-monitoring-data, and one is needed" in al2023.log()
    assert al2023.calls("^aws ec2 attach-volume") == []


def test_a_disk_that_does_not_appear_ends_the_script(al2023: Monitoring) -> None:
    al2023.put("no-device")
    assert al2023.boot() != 0
    assert "use an instance type of the Nitro system" in al2023.log()
    assert al2023.calls("^(blkid|mkfs)") == []


def test_a_mount_that_fails_ends_the_script_before_anything_is_written(al2023: Monitoring) -> None:
    al2023.stand_in("mount", "exit 32")
    assert al2023.boot() != 0
    assert al2023.calls("^(openssl|docker compose)") == []
    assert "failed with exit code 32" in al2023.log()
