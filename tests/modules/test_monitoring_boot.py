"""The boot script of the monitoring instance, run on a simulated instance."""

import re

import pytest

from tests.modules.monitoring_instance import HERE, VOLUME, Monitoring

pytestmark = pytest.mark.integration


def test_the_first_start_runs_every_step_in_order(monitoring: Monitoring) -> None:
    assert monitoring.boot() == 0, monitoring.log()
    order = [
        "systemctl start docker",
        "systemctl restart --no-block node-exporter",
        "aws ec2 describe-volumes",
        f"aws ec2 attach-volume --volume-id {VOLUME} --instance-id {HERE}",
        "blkid",
        "mkfs.xfs -L monitoring",
        "mount ",
        "xfs_growfs",
        "openssl",
        "aws s3 cp",
        "docker compose pull",
        "docker compose up",
        "curl .*:9090/-/ready",
        "curl .*:9093/-/ready",
        "curl .*:3001/monitoring/api/health",
    ]
    calls = monitoring.calls()
    found = [next(at for at, call in enumerate(calls) if re.search(f"^{step}", call)) for step in order]
    assert found == sorted(found)
    assert "Grafana answers on port 3001" in monitoring.log()


def test_a_second_run_changes_nothing(monitoring: Monitoring) -> None:
    assert monitoring.boot() == 0, monitoring.log()
    before = {path: path.read_text() for path in monitoring.root.rglob("volume/**/*") if path.is_file()}
    fstab = (monitoring.root / "etc/fstab").read_text()
    assert monitoring.boot() == 0, monitoring.log()
    for once in ("mkfs", "mount ", "openssl", "aws ec2 attach-volume", "curl .*https://"):
        assert len(monitoring.calls(f"^{once}")) == 1, once
    assert {path: path.read_text() for path in monitoring.root.rglob("volume/**/*") if path.is_file()} == before
    assert (monitoring.root / "etc/fstab").read_text() == fstab


def test_grafanas_password_is_generated_and_readable_by_root_only(al2023: Monitoring) -> None:
    assert al2023.boot() == 0, al2023.log()
    secret = al2023.root / "volume/secrets/grafana-admin-password"
    password = secret.read_text()
    assert password.startswith("generated-")
    assert secret.stat().st_mode & 0o777 == 0o400
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert al2023.calls("^chown 472:0 .*grafana-admin-password")
    assert password.strip() not in al2023.log()


@pytest.mark.parametrize("name", ["compose.yml", "prometheus.yml", "rules.yml", "dashboard.json"])
def test_a_file_with_a_wrong_checksum_ends_the_script(al2023: Monitoring, name: str) -> None:
    al2023.put(f"s3/{name}", "added: on the way\n")
    assert al2023.boot() != 0
    assert al2023.calls("^docker compose") == []
    assert "s3://wealist-deploy-scripts/monitoring/ are not those of this script" in al2023.log()


def test_a_missing_file_ends_the_script(al2023: Monitoring) -> None:
    (al2023.root / "s3/rules.yml").unlink()
    assert al2023.boot() != 0
    assert len(al2023.calls("^aws s3 cp .*rules.yml")) == 8
    assert al2023.calls("^docker compose") == []


def test_containers_can_read_every_file(al2023: Monitoring, contents: dict[str, str]) -> None:
    assert al2023.boot() == 0, al2023.log()
    for name, content in contents.items():
        file = al2023.root / "etc/wealist/monitoring" / name
        assert (file.read_text(), file.stat().st_mode & 0o777) == (content, 0o644)


@pytest.mark.parametrize("what", ["pull", "up"])
def test_containers_that_do_not_start_end_the_script(al2023: Monitoring, what: str) -> None:
    al2023.stand_in("docker", f'[ "$2" != {what} ]')
    assert al2023.boot() != 0
    assert "failed with exit code 1" in al2023.log()
    assert "Grafana answers" not in al2023.log()


def test_a_grafana_that_does_not_answer_ends_the_script(al2023: Monitoring) -> None:
    al2023.put("silent")
    assert al2023.boot() != 0
    assert "Grafana answers" not in al2023.log()


def test_the_start_does_not_wait_for_node_metrics(monitoring: Monitoring) -> None:
    assert monitoring.boot() == 0, monitoring.log()
    unit = (monitoring.root / "etc/systemd/system/node-exporter.service").read_text()
    assert "Restart=always" in unit
    assert re.search(
        r"^ExecStart=/usr/bin/docker run .*--volume /:/host:ro,rslave \S+/node-exporter:v[\d.]+ ", unit, re.MULTILINE
    )
    # systemd pulls the image in the background.
    assert "systemctl restart --no-block node-exporter" in monitoring.calls()
    assert monitoring.calls("^docker (pull|run) .*node-exporter") == []


@pytest.mark.parametrize(("times", "succeeds"), [("3", True), ("1000", False)])
def test_the_script_waits_for_the_network_up_to_a_limit(monitoring: Monitoring, times: str, *, succeeds: bool) -> None:
    monitoring.put("offline", times)
    assert (monitoring.boot() == 0) is succeeds, monitoring.log()


def test_a_docker_compose_with_a_wrong_checksum_is_not_installed(monitoring: Monitoring) -> None:
    monitoring.put("forged")
    assert monitoring.boot() != 0
    assert list(monitoring.root.glob("usr/local/**/docker-compose*")) == []
